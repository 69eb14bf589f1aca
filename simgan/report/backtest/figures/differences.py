"""How score differences from the reference add up over time, in calm and in turbulent days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.report.backtest.figures.shown import Shown, date_axis, over, spread_rows, stretches, turbulent
from simgan.report.backtest.scores import percent, pooled
from simgan.report.figures.canvas import Illustration, LegendEntry, axes, to_svg
from simgan.report.figures.palette import BAND, INK
from simgan.risk.walks import Dates

Curves = dict[str, FloatArray]  # by model: difference of FZ0 from the reference's, each (days,)


def differences(shown: Shown) -> Illustration | None:
    """Draw one asset's, a panel for every level; None where there is nothing to compare or an ES is no loss."""
    if not _can_be_scored(shown):
        return None
    reference = shown.group.walks[shown.results.reference]
    curves = {
        level: {model: walk.fz0(level) - reference.fz0(level) for model, walk in shown.group.walks.items() if model != reference.model}
        for level in shown.group.levels
    }
    return _drawn(shown, shown.days, turbulent(reference.realized), curves, shown.asset)


def pooled_differences(shown: Sequence[Shown]) -> Illustration | None:
    """Draw the daily means over assets; turbulent is when their volatilities, each in units of its own mean, are high on average."""
    if not all(_can_be_scored(one) for one in shown):
        return None
    dates = [one.days for one in shown]
    models = [model for model in shown[0].results.models if model != shown[0].results.reference]
    references = [one.group.walks[one.results.reference] for one in shown]
    levels = [level for level in shown[0].group.levels if all(level in one.group.levels for one in shown)]
    curves = {
        level: {
            model: pooled([one.group.walks[model].fz0(level) - ref.fz0(level) for one, ref in zip(shown, references, strict=True)], dates)
            for model in models
        }
        for level in levels
    }
    scaled = [reference.realized / reference.realized.std() for reference in references]
    squares = pooled([returns**2 for returns in scaled], dates)
    return _drawn(shown[0], np.unique(np.concatenate(dates)), turbulent(np.sqrt(squares)), curves, f"{len(shown)} assets together")


def _can_be_scored(shown: Shown) -> bool:
    return bool(shown.results.reference) and all((walk.expected_shortfall > 0.0).all() for walk in shown.group.walks.values())


def _drawn(shown: Shown, days: Dates, wild: NDArray[np.bool_], curves: dict[float, Curves], whose: str) -> Illustration:
    judged, reference = shown.results.judged, shown.results.reference
    prefix = shown.name("differences" if whose == shown.asset else "together")
    told = "; ".join(_calm_and_wild(level, own[judged], wild) for level, own in curves.items() if judged in own)
    return Illustration(
        name=prefix,
        title=f"Score against {reference}, added up over time",
        caption=(
            f"FZ0 of each model less that of {reference}, summed from the first day on: a line that falls is better than {reference} in "
            "that time, one that rises is worse, and a single step is a single day. Grey are turbulent times: days on which the "
            "volatility of the latest 63 days is in its top fifth. Mean daily difference of "
            f"{judged} in calm and in turbulent times: {told}."
        ),
        alternative=(
            f"Cumulative FZ0 differences of {', '.join(next(iter(curves.values())))} from {reference}, {whose}, over "
            f"{over(shown.horizon)}. Mean of {judged} in calm and in turbulent times: {told}."
        ),
        panels=tuple(_panel(shown, days, wild, level, own, f"{prefix}-{i}") for i, (level, own) in enumerate(curves.items())),
        legend=(*shown.legend(*next(iter(curves.values()))), LegendEntry("turbulent times", BAND)),
    )


def _calm_and_wild(level: float, difference: FloatArray, wild: NDArray[np.bool_]) -> str:
    means = [difference[days].mean() if days.any() else 0.0 for days in (~wild, wild)]
    calm, crisis = (f"{mean:+.4f}".replace("-", "−") for mean in means)
    return f"{calm} and {crisis} at {percent(level)}"


def _panel(shown: Shown, days: Dates, wild: NDArray[np.bool_], level: float, curves: Curves, prefix: str) -> str:
    figure, ax = axes(f"FZ0 at {percent(level)}", "", "sum of differences")
    for begin, end in stretches(wild):
        ax.axvspan(days[begin], days[end] + np.timedelta64(1, "D"), color="#e6e6e6", linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.9)
    rows = spread_rows(len(days))
    for model, difference in curves.items():
        ax.plot(days[rows], np.cumsum(difference)[rows], **shown.strokes[model].line)
    ax.set_xlim(days[0], days[-1])
    date_axis(ax)
    return to_svg(figure, prefix)
