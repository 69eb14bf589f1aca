"""The training history: losses and validation score of each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from simgan.report.figures.canvas import INK, LOSSES, Illustration, Stroke, axes, to_svg
from simgan.stats.training import Curve, TrainingHistory

_VALIDATION = "validation"
# Quantities that a reader looks at first. One panel of each stands on the page, up to four.
_FIRST = ("log-likelihood", "loss", f"{_VALIDATION} CRPS", "KL")
_SHOWN = 4
_MOST_POINTS = 400
_SELECTION = (
    "In a stage named “selection” the end of the history is held out. The stages without that word "
    "repeat the training on all days."
)
_MEANINGS = {  # of a word in the names of curves
    "log-likelihood": (
        "The negative log-likelihood of the training days falls while the model learns."
    ),
    "loss": (
        "Adversarial losses need not fall: look for levels that settle, without drift or growing "
        "swings."
    ),
    "CRPS": (
        "The validation score is the CRPS of the held-out days, in log returns. Lower is better, "
        "and it chooses the number of steps."
    ),
    "D": "D is the critic's score between 0 and 1.",
    "KL": (
        "KL is the divergence of real daily returns from generated ones, with its 95 % interval."
    ),
    "share": (
        "Shares are those of paths in each third of the real windows by volatility. A third each "
        "is right."
    ),
    "rise": "The rise is that of the validation score since its best.",
}


def training_history(history: TrainingHistory, chosen_step: int | None) -> Illustration:
    """Draw a panel for every stage and quantity.

    Parameters
    ----------
    history : TrainingHistory
    chosen_step : int or None
        Step that validation chose, marked in the last validated stage. Step 0 is the state before
        the first step.
    """
    groups = stages(history)
    validated = [
        stage
        for (stage, _), series in groups.items()
        if any(name.startswith(_VALIDATION) for name in series)
    ]
    chosen_in = validated[-1] if validated else ""
    panels = {
        key: _panel(
            f"training-{i}", ": ".join(key), series, chosen_step if key[0] == chosen_in else None
        )
        for i, (key, series) in enumerate(groups.items())
    }
    first = _first(list(groups), chosen_in)
    chosen = (
        f" The vertical line marks the chosen step, {chosen_step}."
        if validated and chosen_step is not None
        else ""
    )
    return Illustration(
        name="training",
        title="How it was trained",
        caption=f"{_caption(groups)}{chosen}",
        alternative=(
            "Line charts over training steps: "
            f"{'; '.join(f'{stage}: {quantity}' for stage, quantity in groups)}.{chosen}"
        ),
        panels=tuple(panels[key] for key in first),
        folded=tuple(panel for key, panel in panels.items() if key not in first),
    )


def _caption(groups: Mapping[tuple[str, str], Mapping[str, Curve]]) -> str:
    """Explain the stages and the curves that are drawn, and no others."""
    words = {word for series in groups.values() for name in series for word in name.split()}
    held_out = any("selection" in stage for stage, _ in groups)
    return " ".join(
        [
            "Curves over the steps of each stage.",
            *([_SELECTION] if held_out else []),
            *(meaning for word, meaning in _MEANINGS.items() if word in words),
        ]
    )


def _first(keys: Sequence[tuple[str, str]], chosen_in: str) -> list[tuple[str, str]]:
    """Choose the panels that are not folded in, in the order of the history.

    A quantity of several stages is that of the stage in which the step was chosen, or else that of
    the last one. If there are few panels, all are shown.
    """
    if len(keys) <= _SHOWN:
        return list(keys)
    found = []
    for quantity in _FIRST:
        of_it = [key for key in keys if key[1] == quantity]
        found += [key for key in of_it if key[0] == chosen_in] or of_it[-1:]
    found += [key for key in keys if key not in found]
    return sorted(found[:_SHOWN], key=keys.index)


def stages(history: TrainingHistory) -> dict[tuple[str, str], dict[str, Curve]]:
    """Group curves by stage and quantity, in the order of the history. A group shares a scale.

    The quantity is the last word of a metric. Validation scores stand alone, because calmer years
    give lower scores whatever the model does.
    """
    groups: dict[tuple[str, str], dict[str, Curve]] = {}
    for stage, curves in history.stages.items():
        for name, curve in curves.items():
            quantity = name if name.startswith(_VALIDATION) else name.split()[-1]
            groups.setdefault((stage, quantity), {})[name] = curve
    return groups


def _panel(prefix: str, title: str, series: Mapping[str, Curve], chosen_step: int | None) -> str:
    figure, ax = axes(title, "step", "")
    for (name, points), stroke in zip(series.items(), cycle(LOSSES), strict=False):
        _draw(ax, name, points, stroke)
    if chosen_step is not None:
        ax.axvline(
            chosen_step,
            color=INK,
            linewidth=1.0,
            linestyle=(0, (2, 2)),
            label=f"chosen step {chosen_step}",
        )
    ax.legend(loc="best", fontsize=8)
    return to_svg(figure, prefix)


def _draw(ax: Any, name: str, points: Curve, stroke: Stroke) -> None:
    stride = -(-len(points) // _MOST_POINTS)
    shown = np.array(points, np.float64).reshape(-1, 2)[::stride]
    ax.plot(
        shown[:, 0],
        shown[:, 1],
        label=name,
        marker="o",
        markersize=2.2 if len(shown) <= 60 else 0,
        **stroke.line,
    )
