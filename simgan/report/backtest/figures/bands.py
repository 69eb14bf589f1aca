"""Returns with the VaR of the judged model, and the days that lost more."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simgan.report.backtest.figures.shown import Shown, date_axis, over
from simgan.report.backtest.scores import percent
from simgan.report.figures.canvas import Illustration, LegendEntry, axes, to_svg
from simgan.report.figures.palette import Stroke

STRETCH = 700  # days of a panel, or nearly: more could not be told apart
_MOST_PANELS = 8
_RETURNS = Stroke("#bdbdbd", 0.7)
_LINES = (
    Stroke("#7fb6dc", 1.0),
    Stroke("#2d86c0", 1.1),
    Stroke("#004c78", 1.3),
)  # deeper with the level
_MARKS = (
    ("o", "#e69f00", 3.6),
    ("^", "#d55e00", 5.0),
    ("s", "#8b1a1a", 4.4),
)  # told apart by their form, too
_SIGNS = {"o": "●", "^": "▲", "s": "■"}
_Kind = TypeVar("_Kind")


def bands(shown: Shown) -> Illustration:
    """Draw stretches of the test, one a panel, on one scale."""
    walk, levels = shown.judged, shown.group.levels
    counts = [int(np.count_nonzero(walk.exceedances(level))) for level in levels]
    told = "; ".join(
        f"{count} beyond {percent(level)}" for count, level in zip(counts, levels, strict=True)
    )
    lines = tuple(
        LegendEntry(f"VaR at {percent(level)}", _deeper(_LINES, i, len(levels)))
        for i, level in enumerate(levels)
    )
    signs = ", ".join(
        f"{_SIGNS[_deeper(_MARKS, i, len(levels))[0]]} {percent(level)}"
        for i, level in enumerate(levels)
    )
    every = (
        ""
        if shown.horizon == 1
        else f" Forecasts over {over(shown.horizon)} overlap, so that one fall is seen on many days."
    )
    return Illustration(
        name=shown.name("bands"),
        title=f"Returns and the VaR of {walk.model}",
        caption=(
            f"Log returns over {over(shown.horizon)} in percent, and minus the VaR that {walk.model} forecast for them the day before they "
            f"began. Marked are losses beyond it, by the highest level that was exceeded ({signs}): {told}, in {len(walk.dates)} days. "
            f"Good bands move with the returns, and marks do not come in clusters.{every}"
        ),
        alternative=f"Log returns of {shown.asset} over {over(shown.horizon)} with the VaR forecasts of {walk.model}; {told}.",
        panels=tuple(_panel(shown, rows, i) for i, rows in enumerate(_stretches(len(walk.dates)))),
        legend=(LegendEntry("return", _RETURNS), *lines),
    )


def _stretches(days: int) -> list[NDArray[np.intp]]:
    panels = (
        1 if days <= STRETCH else min(2 * -(-days // (2 * STRETCH)), _MOST_PANELS)
    )  # two stand side by side
    return [np.asarray(rows, np.intp) for rows in np.array_split(np.arange(days), panels)]


def _panel(shown: Shown, rows: NDArray[np.intp], number: int) -> str:
    walk, days = shown.judged, shown.days
    figure, ax = axes(f"{days[rows[0]]} to {days[rows[-1]]}", "", "log return, %")
    ax.plot(days[rows], 100 * walk.realized[rows], **_RETURNS.line)
    for i in range(len(walk.levels)):
        ax.plot(
            days[rows],
            -100 * walk.value_at_risk[rows, i],
            **_deeper(_LINES, i, len(walk.levels)).line,
        )
    exceeded = sum(walk.exceedances(level).astype(int) for level in walk.levels)
    for i in range(len(walk.levels)):
        marker, colour, size = _deeper(_MARKS, i, len(walk.levels))
        marked = rows[np.asarray(exceeded)[rows] == i + 1]
        ax.plot(
            days[marked],
            100 * walk.realized[marked],
            marker,
            color=colour,
            markersize=size,
            markeredgewidth=0,
        )
    reach = 100 * max(
        float(np.abs(walk.realized).max()), float(np.quantile(walk.value_at_risk, 0.99))
    )
    ax.set(xlim=(days[rows[0]], days[rows[-1]]), ylim=(-1.05 * reach, 1.05 * reach))
    date_axis(ax)
    return to_svg(figure, shown.name(f"bands-{number}"))


def _deeper(kinds: tuple[_Kind, ...], i: int, levels: int) -> _Kind:
    """Return how the i-th of these levels is drawn: the highest always as the last."""
    return kinds[max(len(kinds) - levels + i, 0)]
