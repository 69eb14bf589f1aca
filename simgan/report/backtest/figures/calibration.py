"""Figures of one model's calibration: VaR bands, hit rates by year, PITs, traffic light."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from simgan.report.backtest.figures.shown import Shown
from simgan.report.backtest.scores import percent
from simgan.report.figures.canvas import (
    ALONE,
    BAND,
    INK,
    WIDTH,
    ZONES,
    Illustration,
    LegendEntry,
    Stroke,
    axes,
    date_axis,
    to_svg,
)
from simgan.report.verdict import over
from simgan.risk.backtests.traffic_light import DESK_LIMITS, YEAR, zone
from simgan.risk.walks import Walk

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
    seen = "; ".join(
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
        else f" Forecasts over {over(shown.horizon)} overlap, so many days see one fall."
    )
    stretches = _stretches(len(walk.dates))
    return Illustration(
        name=shown.name("bands"),
        title=f"Returns and the VaR of {walk.model}",
        caption=(
            f"Log returns over {over(shown.horizon)} in percent, and minus the VaR that "
            f"{walk.model} forecast the day before. Marks are losses beyond the VaR, by the "
            f"highest level that was exceeded ({signs}): {seen}, in {len(walk.dates)} days. Good "
            f"bands move with the returns, and marks do not come in clusters.{every}"
        ),
        alternative=(
            f"Log returns of {shown.asset} over {over(shown.horizon)} with the VaR forecasts of "
            f"{walk.model}; {seen}."
        ),
        panels=tuple(
            _bands_panel(shown, rows, i, ALONE if len(stretches) == 1 else WIDTH)
            for i, rows in enumerate(stretches)
        ),
        legend=(LegendEntry("return", _RETURNS), *lines),
    )


def _stretches(days: int) -> list[NDArray[np.intp]]:
    panels = (
        1 if days <= STRETCH else min(2 * -(-days // (2 * STRETCH)), _MOST_PANELS)
    )  # two stand side by side
    return [np.asarray(rows, np.intp) for rows in np.array_split(np.arange(days), panels)]


def _bands_panel(shown: Shown, rows: NDArray[np.intp], number: int, width: float) -> str:
    walk, days = shown.judged, shown.days
    title = f"{days[rows[0]]} to {days[rows[-1]]}"
    figure, ax = axes(title, "", "log return, %", width=width)
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
    upper = 105 * float(np.abs(walk.realized).max())
    lower = max(upper, 105 * float(walk.value_at_risk.max()))
    ax.set(xlim=(days[rows[0]], days[rows[-1]]), ylim=(-lower, upper))
    date_axis(ax)
    return to_svg(figure, shown.name(f"bands-{number}"))


def _deeper(kinds: tuple[_Kind, ...], i: int, levels: int) -> _Kind:
    """Return the style of the i-th of these levels. The highest level always has the last style."""
    return kinds[max(len(kinds) - levels + i, 0)]


_MARKERS = ("o", "s")  # judged, reference


def years(shown: Shown) -> Illustration:
    """Draw a panel for every level: the judged model and the reference side by side."""
    models = [walk.model for walk in shown.beside]
    return Illustration(
        name=shown.name("years"),
        title="Hit rates by year",
        caption=(
            f"Share of exceedances in each calendar year{_apart(shown.horizon)}, with the exact "
            "95 % interval of a single year. The line is the share that the level promises. One "
            "interval in twenty misses it by chance. Years in a row on one side of it are a "
            "fault. A long interval means that a year holds too few forecasts to say much."
        ),
        alternative=(
            f"Shares of exceedances by year, with intervals, of {' and '.join(models)}, at each "
            "level."
        ),
        panels=tuple(_years_panel(shown, level, i) for i, level in enumerate(shown.group.levels)),
        legend=shown.legend(*models),
    )


def _apart(horizon: int) -> str:
    return "" if horizon == 1 else f", of forecasts over {over(horizon)} that do not overlap"


def _years_panel(shown: Shown, level: float, number: int) -> str:
    figure, ax = axes(f"exceedances of the VaR at {percent(level)}", "", "share of the year")
    found = shown.results.calibration_of(shown.asset, shown.horizon, level)
    models = [walk.model for walk in shown.beside]
    ax.axhline(100 * (1.0 - level), color=INK, linewidth=0.9)
    for i, model in enumerate(models):
        rates = found[model].years
        at = np.array(list(rates)) + 0.24 * (i - (len(models) - 1) / 2)
        share, low, high = (
            100 * np.array([getattr(rate, name) for rate in rates.values()])
            for name in ("share", "low", "high")
        )
        colour = shown.strokes[model].colour
        ax.vlines(at, low, high, color=colour, linewidth=1.1)
        ax.plot(at, share, _MARKERS[i], color=colour, markersize=3.4)
    ax.set(ylim=(0, min(_highest(shown, level), 100.0)))
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    ax.grid(visible=False, axis="x")
    return to_svg(figure, shown.name(f"years-{number}"))


def _highest(shown: Shown, level: float) -> float:
    """Top of the scale. Years with few forecasts do not count: they would flatten the others."""
    found = shown.results.calibration_of(shown.asset, shown.horizon, level)
    rates = [rate for walk in shown.beside for rate in found[walk.model].years.values()]
    most = max(rate.days for rate in rates)
    return 105 * max(rate.high if rate.days > most / 2 else rate.share for rate in rates)


MOST_BINS, FEWEST_IN_BIN = 20, 10


def pits(shown: Shown) -> Illustration:
    """Draw a panel for the judged model and one for the reference."""
    models = [walk.model for walk in shown.beside]
    n, count = (
        len(shown.judged.pit[:: shown.horizon]),
        bins(len(shown.judged.pit[:: shown.horizon])),
    )
    apart = "" if shown.horizon == 1 else f" that do not overlap (over {over(shown.horizon)})"
    return Illustration(
        name=shown.name("pits"),
        title="Where in its forecast law each return fell",
        caption=(
            f"Forecast probability of a return up to the outcome (PIT), of {n} forecasts{apart}, "
            f"in {count} equal bins, in units of the expectation of a right model. The grey band "
            f"holds a bin in 95 of 100 cases, so about one of {count} may leave it. Too much in "
            "the middle means that the law is too wide. Too much at both ends means too narrow. "
            "Too much at the left end means that large losses come too often."
        ),
        alternative=(
            f"Histograms of the PITs of {' and '.join(models)} with the band of a right model. "
            f"{_pits_in_words(shown)}"
        ),
        panels=tuple(_pits_panel(shown, walk, count, i) for i, walk in enumerate(shown.beside)),
        legend=(*shown.legend(*models), LegendEntry("95 % band of a right model", BAND)),
    )


def bins(forecasts: int) -> int:
    """Number of bins: 20, fewer where a bin would expect less than ten."""
    return int(np.clip(forecasts // FEWEST_IN_BIN, 2, MOST_BINS))


def band(forecasts: int, count: int) -> tuple[float, float]:
    """95 % band of a bin's count over its expectation, for independent uniforms (binomial)."""
    from scipy.stats import binom

    low, high = binom.ppf([0.025, 0.975], forecasts, 1.0 / count)
    return float(low * count / forecasts), float(high * count / forecasts)


def heights(walk: Walk, count: int) -> np.ndarray:
    """Counts of the bins over their expectation, of forecasts that do not overlap."""
    apart = walk.pit[:: walk.horizon]
    return np.histogram(apart, count, (0.0, 1.0))[0] * count / len(apart)


def _pits_in_words(shown: Shown) -> str:
    count = bins(len(shown.judged.pit[:: shown.horizon]))
    low, high = band(len(shown.judged.pit[:: shown.horizon]), count)
    outside = [
        int(np.count_nonzero((heights(walk, count) < low) | (heights(walk, count) > high)))
        for walk in shown.beside
    ]
    return (
        "; ".join(
            f"{walk.model}: {n} of {count} bins outside"
            for walk, n in zip(shown.beside, outside, strict=True)
        )
        + "."
    )


def _pits_panel(shown: Shown, walk: Walk, count: int, number: int) -> str:
    figure, ax = axes(walk.model, "forecast probability", "share over expected share")
    low, high = band(len(walk.pit[:: walk.horizon]), count)
    tops = [heights(beside, count).max() for beside in shown.beside]
    ax.axhspan(low, high, color=BAND.colour, linewidth=0)
    ax.axhline(1.0, color=INK, linewidth=0.9)
    ax.stairs(
        heights(walk, count),
        np.linspace(0.0, 1.0, count + 1),
        color=shown.strokes[walk.model].colour,
        linewidth=1.5,
        baseline=None,
    )
    ax.set(xlim=(0, 1), ylim=(0, 1.08 * max(high, *tops)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    return to_svg(figure, shown.name(f"pits-{number}"))


_LIMIT = Stroke(INK, 1.0, (4.0, 2.0))


def lights(shown: Shown) -> Illustration | None:
    """Draw the count over time at the levels of desk limits, or at the highest level.

    None for horizons of several days, or if there are too few days.
    """
    if shown.horizon > 1 or len(shown.days) < YEAR:
        return None
    levels = [level for level in DESK_LIMITS if level in shown.group.levels] or [
        shown.group.levels[-1]
    ]
    counts = {
        level: {walk.model: latest_counts(walk.exceedances(level)) for walk in shown.beside}
        for level in levels
    }
    shares = "; ".join(_lights_in_words(level, own) for level, own in counts.items())
    has_limit = any(level in DESK_LIMITS for level in levels)
    limit = "; dashed the most that a trading desk may have" if has_limit else ""
    return Illustration(
        name=shown.name("lights"),
        title="Traffic light",
        caption=(
            f"Exceedances of the VaR among the latest {YEAR} days, on the zones of Basel's "
            f"rule{limit}. Share of days in each zone: {shares}. Neighbouring windows share most "
            "of their days. A count that never leaves zero is a VaR that is too wide, and "
            "capital that lies idle."
        ),
        alternative=(
            f"Numbers of exceedances in the latest {YEAR} days over time, on green, amber and "
            f"red. {shares}."
        ),
        panels=tuple(
            _lights_panel(shown, level, own, i) for i, (level, own) in enumerate(counts.items())
        ),
        legend=(
            *shown.legend(*(walk.model for walk in shown.beside)),
            *(LegendEntry(name, Stroke(colour, 8.0)) for name, colour in ZONES.items()),
            *([LegendEntry("desk limit", _LIMIT)] if has_limit else []),
        ),
    )


def latest_counts(hits: NDArray[np.bool_], window: int = YEAR) -> NDArray[np.int64]:
    """Count the hits in each full window of days. Shape (days − window + 1,)."""
    total = np.concatenate([[0], np.cumsum(hits.astype(np.int64))])
    return np.asarray(total[window:] - total[:-window], np.int64)


def first_counts(level: float, window: int = YEAR) -> tuple[int, int]:
    """Return the smallest counts of the amber and of the red zone."""
    zones = [zone(count, window, 1.0 - level) for count in range(window + 1)]
    return zones.index("amber"), zones.index("red")


def _lights_in_words(level: float, counts: dict[str, NDArray[np.int64]]) -> str:
    amber, red = first_counts(level)
    shares = {
        model: (np.mean(own < amber), np.mean((own >= amber) & (own < red)), np.mean(own >= red))
        for model, own in counts.items()
    }
    named = {
        model: ", ".join(f"{100 * x:.0f} % {zone}" for x, zone in zip(own, ZONES, strict=True))
        for model, own in shares.items()
    }
    return f"at {percent(level)} " + ", ".join(f"{model} {zones}" for model, zones in named.items())


def _lights_panel(
    shown: Shown, level: float, counts: dict[str, NDArray[np.int64]], number: int
) -> str:
    figure, ax = axes(f"exceedances at {percent(level)} in {YEAR} days", "", "")
    days, (amber, red) = shown.days[YEAR - 1 :], first_counts(level)
    top = max(red, DESK_LIMITS.get(level, 0), *(int(own.max()) for own in counts.values())) + 1.5
    for low, high, colour in zip(
        (-0.5, amber - 0.5, red - 0.5), (amber - 0.5, red - 0.5, top), ZONES.values(), strict=True
    ):
        ax.axhspan(low, high, color=colour, linewidth=0)
    if level in DESK_LIMITS:
        ax.axhline(DESK_LIMITS[level], **_LIMIT.line)
    for model, own in reversed(counts.items()):  # the judged one on top
        turns = np.append(np.flatnonzero(np.diff(own, prepend=-1)), len(own) - 1)
        ax.plot(days[turns], own[turns], drawstyle="steps-post", **shown.strokes[model].line)
    ax.set(xlim=(days[0], days[-1]), ylim=(-0.5, top))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(visible=False)
    date_axis(ax)
    return to_svg(figure, shown.name(f"lights-{number}"))
