"""How score differences from the reference add up over time, in calm and in turbulent days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.report.backtest.figures.shown import Shown
from simgan.report.backtest.scores import percent, pooled
from simgan.report.figures.canvas import (
    INK,
    Illustration,
    LegendEntry,
    Stroke,
    axes,
    date_axis,
    to_svg,
)
from simgan.report.verdict import over
from simgan.risk.walks import PERCENT, Dates, Walk

VOLATILITY_DAYS = 63  # a quarter
FEWEST_DAYS = 21
TURBULENT_SHARE = 0.2
_MOST_POINTS = 400  # of a line: more are finer than a screen
_TURBULENT = Stroke("#e6e6e6", 8.0)
_REACH = 5  # the scale goes at most so many times as far as the judged model
Curves = dict[str, FloatArray]  # by model: difference from the reference, each (days,)
Score = Callable[[Walk], FloatArray]


def differences(shown: Shown) -> Illustration | None:
    """Draw the differences of one asset: a panel for every level and one for CRPS.

    None if there is no reference, or if an ES is not a loss.
    """
    if not _can_be_scored(shown):
        return None
    reference = shown.group.walks[shown.results.reference]
    curves = {
        name: {
            model: score(walk) - score(reference)
            for model, walk in shown.group.walks.items()
            if model != reference.model
        }
        for name, score in (_fz0(shown.group.levels) | {"CRPS, %": _crps}).items()
    }
    return _drawn(
        shown, shown.days, turbulent(reference.realized, shown.horizon), curves, shown.asset
    )


def pooled_differences(shown: Sequence[Shown]) -> Illustration | None:
    """Draw the daily means over assets.

    Times are turbulent when the squared returns, in units of their variance, are high on average.
    """
    if not all(_can_be_scored(one) for one in shown):
        return None
    dates = [one.days for one in shown]
    references = [one.group.walks[one.results.reference] for one in shown]
    levels = [
        level for level in shown[0].group.levels if all(level in one.group.levels for one in shown)
    ]

    units = [
        PERCENT * reference.realized.std() for reference in references
    ]  # CRPS is averaged in standard deviations

    def mean_difference(model: str, score: Score, scales: Sequence[float]) -> FloatArray:
        own = zip((one.group.walks[model] for one in shown), references, scales, strict=True)
        return pooled(
            [(score(walk) - score(reference)) / scale for walk, reference, scale in own], dates
        )

    others = [model for model in shown[0].results.models if model != references[0].model]
    curves = {
        name: {model: mean_difference(model, score, [1.0] * len(shown)) for model in others}
        for name, score in _fz0(levels).items()
    }
    curves["CRPS, σ"] = {model: mean_difference(model, _crps, units) for model in others}
    squares = pooled(
        [(reference.realized / reference.realized.std()) ** 2 for reference in references], dates
    )
    return _drawn(
        shown[0],
        np.unique(np.concatenate(dates)),
        turbulent(np.sqrt(squares), shown[0].horizon),
        curves,
        f"{len(shown)} assets together",
    )


def _fz0(levels: Sequence[float]) -> dict[str, Score]:
    return {f"FZ0 at {percent(level)}": partial(Walk.fz0, level=level) for level in levels}


def _crps(walk: Walk) -> FloatArray:
    return PERCENT * walk.crps


def _can_be_scored(shown: Shown) -> bool:
    return bool(shown.results.reference) and all(
        (walk.expected_shortfall > 0.0).all() for walk in shown.group.walks.values()
    )


def _drawn(
    shown: Shown, days: Dates, wild: NDArray[np.bool_], curves: dict[str, Curves], whose: str
) -> Illustration:
    judged, reference = shown.results.judged, shown.results.reference
    prefix = shown.name("differences" if whose == shown.asset else "together")
    means = "; ".join(
        _calm_and_wild(name, own[judged], wild) for name, own in curves.items() if judged in own
    )
    return Illustration(
        name=prefix,
        title=f"Score against {reference}, added up over time",
        caption=(
            f"FZ0 and CRPS of each model less those of {reference}, summed from the first day "
            f"on. A line that falls is better than {reference} in that time, and one that rises "
            "is worse. A single step is a single day. Grey are turbulent times: days before "
            "which the volatility of 63 days was in its top fifth. The first shock of a crisis "
            f"still falls into calm times. Mean daily difference of {judged} in calm and in "
            f"turbulent times: {means}. The scale is made for {judged}, so other lines may leave "
            "it."
        ),
        alternative=(
            f"Cumulative differences in FZ0 and CRPS of {', '.join(next(iter(curves.values())))} "
            f"from {reference}, {whose}, over {over(shown.horizon)}. Mean of {judged} in calm "
            f"and in turbulent times: {means}."
        ),
        panels=tuple(
            _panel(shown, days, wild, name, own, f"{prefix}-{i}")
            for i, (name, own) in enumerate(curves.items())
        ),
        legend=(
            *shown.legend(*next(iter(curves.values()))),
            LegendEntry("turbulent times", _TURBULENT),
        ),
    )


def _calm_and_wild(name: str, difference: FloatArray, wild: NDArray[np.bool_]) -> str:
    means = [difference[days].mean() if days.any() else 0.0 for days in (~wild, wild)]
    calm, crisis = (f"{mean:+.4f}".replace("-", "−") for mean in means)
    return f"{calm} and {crisis} ({name})"


def _panel(
    shown: Shown, days: Dates, wild: NDArray[np.bool_], title: str, curves: Curves, prefix: str
) -> str:
    figure, ax = axes(title, "", "sum of differences")
    for begin, end in stretches(wild):
        ax.axvspan(
            days[begin], days[end] + np.timedelta64(1, "D"), color=_TURBULENT.colour, linewidth=0
        )
    ax.axhline(0, color=INK, linewidth=0.9)
    rows = spread_rows(len(days))
    sums = {model: np.cumsum(difference)[rows] for model, difference in curves.items()}
    for model, line in sums.items():
        ax.plot(days[rows], line, **shown.strokes[model].line)
    focus(ax, sums.get(shown.results.judged, np.zeros(1)))
    ax.set_xlim(days[0], days[-1])
    date_axis(ax)
    return to_svg(figure, prefix)


def focus(ax: Axes, own: FloatArray) -> None:
    """Make the scale for the line of the judged model: a far worse one would flatten all others."""
    reach = _REACH * float(np.abs(own).max())
    if reach > 0.0:
        low, high = ax.get_ylim()
        ax.set_ylim(max(low, -reach), min(high, reach))


def volatility(returns: FloatArray, days: int = VOLATILITY_DAYS) -> FloatArray:
    """Root mean square of the latest returns up to each day, shape (days,).

    The first days have fewer returns.
    """
    total = np.cumsum(np.concatenate([[0.0], np.asarray(returns, np.float64) ** 2]))
    end = np.arange(1, len(returns) + 1)
    begin = np.maximum(end - days, 0)
    return np.asarray(
        np.sqrt(np.maximum(total[end] - total[begin], 0.0) / (end - begin)), np.float64
    )


def turbulent(returns: FloatArray, horizon: int = 1) -> NDArray[np.bool_]:
    """Mark the days (days,) before which the volatility of a quarter was in its top fifth.

    The first days are never marked: too little is known of them.

    Returns over several days are known
    `horizon` rows later, so no outcome decides in which time its forecast falls.
    """
    before = np.full(len(returns), -np.inf)
    known = volatility(returns)[FEWEST_DAYS - 1 : max(len(returns) - horizon, 0)]
    before[len(returns) - len(known) :] = known
    if not known.size:
        return np.zeros(len(returns), bool)
    return np.asarray(before > np.quantile(known, 1.0 - TURBULENT_SHARE))


def stretches(days: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last row of every run of days that are True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], days, [False]]).astype(int)))
    return [(int(begin), int(end) - 1) for begin, end in edges.reshape(-1, 2)]


def spread_rows(days: int, most: int = _MOST_POINTS) -> NDArray[np.intp]:
    """Return rows from the first to the last, evenly, at most so many."""
    return np.unique(np.linspace(0, days - 1, min(days, most)).round().astype(np.intp))
