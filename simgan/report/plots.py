"""Pictures of judgements with matplotlib: statistics beside their floors, forecasts beside days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgan.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from simgan.report.verdict import Comparison
    from simgan.risk.walks import Walk

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # Okabe & Ito
_INK, _RED = "#222222", "#d55e00"
_ROW = 0.22  # inches
_FARTHEST = 5.0  # half intervals: a point beyond stands at the edge


def excesses(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Draw for each judged statistic how far outside its interval or floor each model is.

    Left of zero a model is within the noise of the data. One unit is half the interval, or the
    floor.
    """
    rows = [row for row in comparison.rows if row.is_judged]
    if ax is None:
        from matplotlib import pyplot

        size = (7.0, 1.2 + _ROW * len(rows))
        ax = pyplot.subplots(figsize=size, layout="constrained")[1]
    places = np.arange(len(rows))[::-1]
    ax.axvspan(-1.5, 0, color=_INK, alpha=0.08, linewidth=0, label="within the noise")
    for i, model in enumerate(comparison.models):
        shown = [row for row in rows if model in row.models]
        at = [place for place, row in zip(places, rows, strict=True) if model in row.models]
        far = [min(row.excess(model), _FARTHEST) for row in shown]
        marker = "o" if i == 0 else "|"
        ax.plot(far, at, marker, color=_COLOURS[i % len(_COLOURS)], label=model)
    ax.set(
        yticks=places,
        yticklabels=[row.label for row in rows],
        xlim=(-1.5, _FARTHEST + 0.3),
        xlabel=f"distance outside, in half intervals or floors ({_FARTHEST:g}: that far or more)",
    )
    ax.legend(frameon=False)
    return ax


def forecasts(
    walks: Sequence[Walk],
    asset: str | None = None,
    model: str | None = None,
    horizon: int | None = None,
    level: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the outcomes of a backtest with the VaR of one model, and mark the days beyond it.

    Raises
    ------
    ConfigError
        There is no such walk or level.
    """
    fitting = [
        walk
        for walk in walks
        if asset in (None, walk.asset)
        and model in (None, walk.model)
        and horizon in (None, walk.horizon)
    ]
    if not fitting:
        asked = ", ".join(str(each) for each in (asset, model, horizon) if each is not None)
        known = "; ".join(f"{w.asset}, {w.model}, {w.horizon}" for w in walks)
        raise ConfigError("plot", "walk", asked, f"one of: {known}")
    walk = fitting[0]
    chosen = walk.levels[-1] if level is None else level
    value_at_risk = walk.value_at_risk[:, walk.column(chosen)]
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(figsize=(9.0, 4.0), layout="constrained")[1]
    beyond = walk.exceedances(chosen)
    ax.plot(walk.dates, 100 * walk.realized, color=_INK, linewidth=0.5, label="outcome")
    ax.plot(
        walk.dates, -100 * value_at_risk, color=_COLOURS[0], linewidth=1.2, label=f"−VaR {chosen:g}"
    )
    ax.plot(
        walk.dates[beyond],
        100 * walk.realized[beyond],
        "v",
        color=_RED,
        markersize=4,
        label=f"{int(beyond.sum())} beyond, {(1 - chosen) * len(beyond):.1f} expected",
    )
    ax.set(
        title=f"{walk.asset}: {walk.model}, horizon {walk.horizon}",
        ylabel="log return over the horizon, %",
    )
    ax.legend(frameon=False)
    return ax
