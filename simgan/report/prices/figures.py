"""Figures of prices: the prices themselves, their returns, and the days that are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.market.doubts import LONG_GAP, LONGEST_STEP
from simgan.market.prices import Dates, Prices
from simgan.report.figures.canvas import (
    ALONE,
    BAND,
    BESIDE,
    INK,
    JUDGED,
    Illustration,
    LegendEntry,
    Stroke,
    axes,
    date_axis,
    drawing,
    strokes,
    to_svg,
)
from simgan.report.prices.inspection import WIDE, InspectedAsset, Mark, day

WARNING, REFUSED = Stroke("#d55e00", 0.9, (3.0, 2.0)), Stroke("#8b1a1a", 1.2)
WINDOW = 21  # returns behind each point of the volatility
_MOST_POINTS = 2_800  # of a line: each of 700 stretches keeps its ends and extremes
_LEAST_RETURNS = 2 * WINDOW  # for a figure of volatility
_APART = 0.03  # share of the axis between two equal numbers of marks


@dataclass(frozen=True)
class Timeline:
    """Prices in time order with the places that need attention.

    Attributes
    ----------
    dates : array of datetime64, shape (days,)
    closes : array of shape (days,)
    marks : tuple of Mark
        Places that warnings, or the refusal, name.
    is_refused : bool
        Whether the first mark is that of a refusal.
    gaps : tuple of pairs of datetime64
        The last day before and the first day after each gap.
    """

    dates: Dates
    closes: FloatArray
    marks: tuple[Mark, ...] = ()
    is_refused: bool = False
    gaps: tuple[tuple[np.datetime64, np.datetime64], ...] = ()

    @classmethod
    def of(cls, asset: InspectedAsset) -> Timeline:
        """Return the timeline of one asset, with its gaps."""
        gaps = gaps_of(asset.dates, asset.step)
        return cls(asset.dates, asset.closes, asset.marks, bool(asset.refusal), gaps)

    @property
    def log_returns(self) -> FloatArray:
        """Log returns in percent, shape (days − 1,)."""
        return 100.0 * np.diff(np.log(self.closes))

    def finish(self, ax: Any) -> None:
        """Draw gaps, marks and dates. All panels share the range of dates."""
        for start, end in self.gaps:
            ax.axvspan(start, end, color=BAND.colour, alpha=0.6, linewidth=0)
        apart = (self.dates[-1] - self.dates[0]) * _APART
        labelled: dict[int, np.datetime64] = {}
        for mark in self.marks:
            stroke = REFUSED if self.is_refused and mark.number == 1 else WARNING
            ax.axvline(mark.date, **stroke.line)
            last = labelled.get(mark.number)
            if last is None or mark.date - last > apart:
                labelled[mark.number] = mark.date
                ax.annotate(
                    str(mark.number),
                    xy=(mark.date, 1.0),
                    xycoords=("data", "axes fraction"),
                    xytext=(2.0, -1.0),  # beside the line, below the title
                    textcoords="offset points",
                    color=stroke.colour,
                    va="top",
                )
        ax.set_xlim(self.dates[0], self.dates[-1])
        date_axis(ax)

    def legend(self, name: str) -> tuple[LegendEntry, ...]:
        """Entries of the line, and of gaps and marks if there are any."""
        entries = [LegendEntry(name, JUDGED)]
        if self.gaps:
            entries.append(LegendEntry("gap", BAND))
        numbers = {mark.number for mark in self.marks}
        if self.is_refused and 1 in numbers:
            entries.append(LegendEntry("refused", REFUSED))
        if numbers - ({1} if self.is_refused else set()):
            entries.append(LegendEntry("warning", WARNING))
        return tuple(entries)


def gaps_of(dates: Dates, step: float) -> tuple[tuple[np.datetime64, np.datetime64], ...]:
    """Return the last day before and the first day after each gap.

    A gap of prices a week or a month apart is five times as long as their usual distance.
    """
    longest = LONG_GAP if step <= LONGEST_STEP else 5.0 * step
    apart = np.diff(dates.astype("datetime64[D]")).astype(int)
    rows = np.flatnonzero(apart > longest)
    return tuple((dates[row], dates[row + 1]) for row in rows)


def illustrate(asset: InspectedAsset) -> tuple[Illustration, ...]:
    """Draw the figures of one asset. The same input gives the same bytes.

    An asset with fewer than two days has none.
    """
    if len(asset.dates) < 2 or asset.dates[0] == asset.dates[-1]:
        return ()
    shown = Timeline.of(asset)
    with drawing():
        drawn = [_prices(shown, asset), _volatility(shown)]
        if (more := _bars(shown, asset)) is not None:
            drawn.append(more)
    return tuple(drawn)


def thinned(values: FloatArray) -> NDArray[np.intp]:
    """Return the rows that a line needs: ends and extremes of each of 700 stretches."""
    if len(values) <= _MOST_POINTS:
        return np.arange(len(values))
    kept: list[int] = []
    for part in np.array_split(np.arange(len(values)), _MOST_POINTS // 4):
        inside = np.nan_to_num(values[part], nan=0.0)
        kept += [part[0], part[inside.argmin()], part[inside.argmax()], part[-1]]
    return np.unique(kept)


def _line(ax: Any, dates: Dates, values: FloatArray, stroke: Stroke) -> None:
    rows = thinned(values)
    ax.plot(dates[rows], values[rows], **stroke.line)


_PRICE = Stroke(JUDGED.colour, 1.0)
_RETURN = Stroke(JUDGED.colour, 0.6)


def _prices(shown: Timeline, asset: InspectedAsset) -> Illustration:
    scale = "logarithmic scale" if asset.is_wide else "linear scale"
    figure, ax = axes(f"price, {scale}", "", "price")
    _line(ax, shown.dates, shown.closes, _PRICE)
    if asset.is_wide:
        logarithmic(ax)
    shown.finish(ax)
    returns, below = axes("log returns", "", "log return, %")
    _line(below, shown.dates[1:], shown.log_returns, _RETURN)
    shown.finish(below)
    largest = np.abs(shown.log_returns).max()
    return Illustration(
        name="prices",
        title="Prices and log returns",
        caption=(
            "The price that simgan uses, and the log return from each day to the next one. A "
            "jump of the price that no news explains is often a split, a change of unit or a "
            "wrong row. Numbers at the top of a panel lead to the list below."
        ),
        alternative=(
            f"Two panels over time, {day(shown.dates[0])} to {day(shown.dates[-1])}: the price, "
            f"between {shown.closes.min():g} and {shown.closes.max():g}, and its log returns, "
            f"of at most {largest:.3g} % in size."
        ),
        panels=(to_svg(figure, "price"), to_svg(returns, "returns")),
        legend=shown.legend(asset.name),
    )


def _volatility(shown: Timeline) -> Illustration:
    returns = shown.log_returns
    panels = []
    if len(returns) >= _LEAST_RETURNS:
        moving = np.lib.stride_tricks.sliding_window_view(returns, WINDOW).std(axis=1, ddof=1)
        figure, ax = axes(
            f"standard deviation of {WINDOW} log returns", "", "standard deviation, %"
        )
        _line(ax, shown.dates[WINDOW:], moving, _PRICE)
        ax.set_ylim(0, None)
        shown.finish(ax)
        panels.append(to_svg(figure, "volatility"))
    figure, ax = axes("prices a month", "", "number")
    months = shown.dates.astype("datetime64[M]")
    span = np.arange(months[0], months[-1] + 1)
    counts = np.bincount((months - months[0]).astype(int), minlength=len(span))
    edges = np.append(span, span[-1] + 1).astype("datetime64[D]")
    ax.fill_between(edges, np.append(counts, counts[-1]), step="post", color=BAND.colour)
    ax.set_ylim(0, None)
    shown.finish(ax)
    panels.append(to_svg(figure, "months"))
    return Illustration(
        name="volatility",
        title="Volatility, and prices a month",
        caption=(
            f"The standard deviation of the last {WINDOW} log returns shows calm and turbulent "
            "times. A stretch at zero is a price that was not traded. The number of prices in "
            "each month shows missing days, and months that begin or end the history."
        ),
        alternative=(
            "Panels over time: the rolling standard deviation of log returns, where the history "
            f"is long enough, and the number of prices in each of {len(span)} months, at most "
            f"{counts.max()}."
        ),
        panels=tuple(panels),
        legend=shown.legend("standard deviation"),
    )


def _bars(shown: Timeline, asset: InspectedAsset) -> Illustration | None:
    """Draw volume and daily range, where the source has them."""
    bars, panels = asset.bars, []
    if bars is None:
        return None
    if "volume" in asset.fields:
        figure, ax = axes("volume", "", "traded units")
        _line(ax, shown.dates, bars.volume, _RETURN)
        ax.set_ylim(0, None)
        shown.finish(ax)
        panels.append(to_svg(figure, "volume"))
    if {"high", "low"} <= set(asset.fields):
        with np.errstate(divide="ignore", invalid="ignore"):
            ranges = 100.0 * np.log(bars.high / bars.low)  # (days,), percent
        figure, ax = axes("range of a bar", "", "ln(high / low), %")
        _line(ax, shown.dates, np.where(np.isfinite(ranges), ranges, np.nan), _RETURN)
        shown.finish(ax)
        panels.append(to_svg(figure, "range"))
    if not panels:
        return None
    return Illustration(
        name="bars",
        title="Volume and range",
        caption=(
            "Volume at zero means days without trading. The range of a bar is ln(high / low). It "
            "is never negative where high and low were read right."
        ),
        alternative="Panels over time: traded volume and the range between high and low.",
        panels=tuple(panels),
        legend=shown.legend("volume and range"),
    )


def illustrate_panel(panel: Prices) -> tuple[Illustration, ...]:
    """Draw the assets of a panel on their common days, each relative to its first price."""
    dates, relative = panel.dates, panel.values / panel.values[0]  # (days, assets)
    if len(dates) < 2:
        return ()
    is_wide = relative.max() > WIDE * relative.min()
    distinct = len(panel.assets) <= 1 + len(BESIDE)
    drawn = strokes(panel.assets) if distinct else dict.fromkeys(panel.assets, Stroke(INK, 0.5))
    with drawing():
        figure, ax = axes(
            "relative to the first common day", "", "price / first price", width=ALONE
        )
        for column, stroke in enumerate(drawn.values()):
            _line(ax, dates, relative[:, column], stroke)
        if is_wide:
            logarithmic(ax)
        ax.set_xlim(dates[0], dates[-1])
        date_axis(ax)
        svg = to_svg(figure, "panel")
    return (
        Illustration(
            name="panel",
            title="All tickers on their common days",
            caption=(
                "Each price is divided by that of the first common day. A line that leaves the "
                "others by a jump needs a look at its rows."
            ),
            alternative=(
                f"Prices of {len(panel.assets)} tickers over time, from {day(dates[0])} to "
                f"{day(dates[-1])}, relative to the first day."
            ),
            panels=(svg,),
            legend=_names(drawn) if distinct else (),
        ),
    )


def _names(drawn: dict[str, Stroke]) -> tuple[LegendEntry, ...]:
    return tuple(LegendEntry(name, stroke) for name, stroke in drawn.items())


def logarithmic(ax: Any) -> None:
    """Use a logarithmic scale with plain numbers."""
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
