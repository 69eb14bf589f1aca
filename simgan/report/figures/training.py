"""The training history: losses and validation score of each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simgan.report.figures.canvas import Illustration, axes, to_svg
from simgan.report.figures.palette import INK, LOSSES, Stroke

Series = Sequence[tuple[int, float]]
TrainingHistory = Mapping[str, Series]
_VALIDATION = "validation"
_MOST_POINTS = 400


def training_history(history: TrainingHistory, chosen_step: int | None) -> Illustration:
    """Draw a panel for the losses and one for the validation score of every stage.

    Parameters
    ----------
    history : mapping from "stage: series" to [(step, value), …]
        As a bundle keeps it.
    chosen_step : int or None
        Step that validation chose, marked in the last stage that was validated; 0 is the state before its first step.
    """
    groups = stages(history)
    validated = [key for key in groups if key[1]]
    chosen_in = validated[-1][0] if validated else ""
    names = ", ".join(dict.fromkeys(stage for stage, _ in groups))
    panels = [
        _panel(i, stage, is_score, series, chosen_step if stage == chosen_in else None)
        for i, ((stage, is_score), series) in enumerate(groups.items())
    ]
    chosen = "" if chosen_step is None or not validated else f" The vertical line marks the chosen step, {chosen_step}."
    return Illustration(
        name="training",
        title="How it was trained",
        caption=(
            "Losses and validation score over the steps of each stage. In a stage named “selection” the end of the history is held out, "
            f"and the score on it (CRPS, in standard deviations of the history; lower is better) chooses the number of steps.{chosen} "
            "The stages without that word repeat the training on all days. Adversarial losses need not fall: look for levels that settle, "
            "without drift or growing swings."
        ),
        alternative=f"Line charts of training losses and validation scores over steps, for {names}.",
        panels=tuple(panels),
    )


def stages(history: TrainingHistory) -> dict[tuple[str, bool], dict[str, Series]]:
    """Group series by (stage, whether it is the validation score), in the order of the history, losses before the score."""
    groups: dict[tuple[str, bool], dict[str, Series]] = {}
    for full, series in history.items():
        stage, _, name = full.rpartition(": ")
        groups.setdefault((stage, name.startswith(_VALIDATION)), {})[name] = series
    order = list(dict.fromkeys(stage for stage, _ in groups))
    return dict(sorted(groups.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def _panel(number: int, stage: str, is_score: bool, series: Mapping[str, Series], chosen_step: int | None) -> str:
    figure, ax = axes(stage, "step", "validation CRPS" if is_score else "loss")
    for (name, points), stroke in zip(series.items(), _cycle(len(series)), strict=True):
        _draw(ax, name, points, stroke)
    if chosen_step is not None:
        ax.axvline(chosen_step, color=INK, linewidth=1.0, linestyle=(0, (2, 2)), label=f"chosen step {chosen_step}")
    ax.legend(loc="best", fontsize=8)
    return to_svg(figure, f"training-{number}")


def _draw(ax: Any, name: str, points: Series, stroke: Stroke) -> None:
    stride = -(-len(points) // _MOST_POINTS)
    shown = np.array(points, np.float64).reshape(-1, 2)[::stride]
    ax.plot(shown[:, 0], shown[:, 1], label=name, marker="o", markersize=2.2 if len(shown) <= 60 else 0, **stroke.line)


def _cycle(n: int) -> list[Stroke]:
    return [LOSSES[i % len(LOSSES)] for i in range(n)]
