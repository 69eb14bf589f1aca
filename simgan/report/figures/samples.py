"""Figures of samples: densities, quantiles, memory, and paths beside windows of the history."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import (
    BAND,
    INK,
    LIMITS,
    REAL,
    Illustration,
    Pictured,
    Stroke,
    axes,
    blank,
    scale_of,
    to_svg,
)
from simgan.report.samples import DAYS_PER_LAG, MOST_LAGS, Curve
from simgan.stats.dependence import TRANSFORMS, Transform, autocorrelation, leverage
from simgan.stats.intervals import LEVEL, LOCATION, MEMORY, Rule

_BINS, _TAIL_BINS = 81, 61
_GROWTH = 3.0  # outer bins of the logarithmic panel are cosh(3) ≈ 10 times as wide as inner ones
_RETURN_LABEL, _DENSITY_LABEL = "daily log return, %", "density per %"


def densities(shown: Pictured) -> Illustration:
    """Draw both scales."""
    return Illustration(
        name="densities",
        title="How daily returns are distributed",
        caption=(
            "Histograms of daily log returns. The linear scale shows the middle, four standard "
            "deviations to each side. The logarithmic scale shows the tails, up to 1.5 times "
            "the largest move in history, with bins that widen outwards. A dot is a bin that "
            "holds real days. Grey holds 95 % of block resamples of the history, bin by bin. "
            "The tables judge no single bin, and their limits are wider, so a line near the grey "
            "is no fault. Beyond the outermost dots the history says nothing. A line "
            "that continues there is the model's own view of the tail."
        ),
        alternative=(
            "Two panels with the density of daily log returns of the history and of "
            f"{', '.join(shown.fakes)}, on a linear and on a logarithmic scale. The history runs "
            f"from {100 * shown.real.min():.1f} % to {100 * shown.real.max():.1f} %."
        ),
        panels=(_linear(shown), _logarithmic(shown)),
        legend=shown.legend("95 % of block resamples"),
    )


def density(returns: FloatArray, edges: FloatArray) -> FloatArray:
    """Share of all returns, those beyond the edges counted, per bin and per unit of the edges."""
    counts, _ = np.histogram(returns, edges)
    return np.asarray(counts / (returns.size * np.diff(edges)), np.float64)


def widening_edges(reach: float) -> FloatArray:
    """Return edges from −reach to reach, narrow in the middle and wide outside."""
    even = np.linspace(-_GROWTH, _GROWTH, _TAIL_BINS + 1)
    return np.asarray(reach * np.sinh(even) / np.sinh(_GROWTH), np.float64)


def _linear(shown: Pictured) -> str:
    reach = 4 * 100 * shown.real.std()
    edges = np.linspace(-reach, reach, _BINS + 1)
    figure, ax = axes("linear scale", _RETURN_LABEL, _DENSITY_LABEL)
    middle = (edges[1:] + edges[:-1]) / 2
    ax.fill_between(
        middle, *shown.resampled(lambda r: density(100 * r, edges)), color=BAND.colour, linewidth=0
    )
    ax.plot(middle, density(100 * shown.real, edges), **REAL.line)
    for name, stroke in shown.strokes.items():
        ax.plot(middle, density(100 * shown.fakes[name], edges), **stroke.line)
    ax.set(xlim=(-reach, reach), ylim=(0, None))
    return to_svg(figure, "density-linear")


def _logarithmic(shown: Pictured) -> str:
    reach = 1.5 * 100 * np.abs(shown.real).max()
    edges = widening_edges(reach)
    floor = 0.1 / (
        shown.real.size * (edges[1] - edges[0])
    )  # well below the density of one real day in the widest bin
    figure, ax = axes("logarithmic scale", _RETURN_LABEL, _DENSITY_LABEL)
    middle = (edges[1:] + edges[:-1]) / 2
    real = density(100 * shown.real, edges)
    low, high = shown.resampled(lambda r: density(100 * r, edges))
    held = real > 0  # resamples have days only where the history has some
    ax.vlines(
        middle[held],
        np.maximum(low, floor)[held],
        np.maximum(high, floor)[held],
        color=BAND.colour,
        linewidth=4.0,
    )
    for name, stroke in shown.strokes.items():
        ax.plot(middle, _positive(density(100 * shown.fakes[name], edges)), **stroke.line)
    ax.plot(middle, _positive(real), "o", color=REAL.colour, markersize=2.6)
    ax.set(xlim=(-reach, reach), ylim=(floor, None), yscale="log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter("")
    return to_svg(figure, "density-log")


def _positive(values: FloatArray) -> FloatArray:
    """Turn empty bins, which have no place on a logarithmic scale, into gaps."""
    return np.where(values > 0, values, np.nan)


Limits = tuple[FloatArray, FloatArray]  # lower and upper ones, point by point

_SIDE_POINTS = 60  # per tail; every one of the outermost days, ever fewer towards the middle
_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)


def quantile_plot(shown: Pictured) -> Illustration:
    """Draw the QQ plot of the judged model and the quantile differences of all."""
    at = plotting_positions(len(shown.real))
    curve = partial(_quantiles, at=at)
    limits = shown.limits(curve, LEVEL)
    return Illustration(
        name="quantiles",
        title="Quantiles against quantiles",
        caption=(
            f"Each dot is a quantile of {shown.judged} over the same quantile of the history. On "
            "the line both are equal. The curves show the difference from the real quantile for "
            "every model. Below zero at small probabilities means larger losses than in "
            "history. Above zero at large ones means larger gains. A model's quantile is the mean "
            f"over its paths. {LIMITS} Inside it the difference is noise. The tables leave out "
            "the outermost few days, of which one history says little."
        ),
        alternative=(
            f"Two panels: quantiles of daily log returns of {shown.judged} against those of the "
            "history with a line of equality, and the differences of quantiles of all models "
            "from those of the history, both with 95 % limits."
        ),
        panels=(
            _against_real(shown, curve, limits),
            _differences(shown, curve, limits, at),
        ),
        legend=shown.legend(),
    )


def plotting_positions(days: int) -> FloatArray:
    """Probabilities (i − ½)/days of the order statistics in the figure.

    All outermost ones are there, and fewer in the middle.
    """
    ranks = np.unique(np.geomspace(1, days / 2, _SIDE_POINTS).astype(int))
    return np.unique(np.concatenate([ranks - 0.5, days - ranks + 0.5])) / days


def _quantiles(returns: FloatArray, at: FloatArray) -> FloatArray:
    return 100 * np.asarray(
        np.quantile(returns, at, method="hazen"), np.float64
    )  # the order statistics at (i − ½)/n


def _against_real(shown: Pictured, curve: Curve, limits: Limits) -> str:
    real, fake = shown.curve_of_real(curve), shown.curve_of(shown.judged, curve)
    figure, ax = axes(
        f"{shown.judged} against real",
        "quantile of the history, %",
        f"quantile of {shown.judged}, %",
    )
    ax.fill_between(real, *limits, color=BAND.colour, linewidth=0)
    ax.plot(real[[0, -1]], real[[0, -1]], color=REAL.colour, linewidth=0.9)
    ax.plot(real, fake, "o", color=shown.strokes[shown.judged].colour, markersize=2.8)
    ax.set(ylim=scale_of((real, fake), 0.15))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    return to_svg(figure, "quantiles-real")


def _differences(shown: Pictured, curve: Curve, limits: Limits, at: FloatArray) -> str:
    real = shown.curve_of_real(curve)
    figure, ax = axes(
        "difference from real", "probability of a smaller return", "quantile minus real quantile, %"
    )
    low, high = limits
    ax.fill_between(at, low - real, high - real, color=BAND.colour, linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.9)
    apart = {name: shown.curve_of(name, curve) - real for name in shown.fakes}
    for name, stroke in shown.strokes.items():
        ax.plot(at, apart[name], **stroke.line)
    ax.set(xscale="logit", xlim=(at[0], at[-1]), ylim=scale_of(apart.values(), 0.5))
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if at[0] <= tick <= at[-1]]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    return to_svg(figure, "quantiles-differences")


LEVERAGE_LAGS = 60
_SLUGS = {"r": "r", "|r|": "abs", "r²": "square"}
_THIN = Stroke(REAL.colour, 0.9)  # a single curve is rough
_RULES = {"r": LOCATION, "|r|": MEMORY, "r²": MEMORY}  # the memory of returns has no sign


def memory(shown: Pictured) -> Illustration:
    """Draw the three autocorrelations and the leverage curve."""
    shortest = min(len(shown.real), *(paths.shape[1] for paths in shown.fakes.values()))
    lags, near = (min(most, shortest // DAYS_PER_LAG) for most in (MOST_LAGS, LEVERAGE_LAGS))
    panels = [
        _panel(
            shown,
            f"autocorrelation of {name}",
            f"memory-{_SLUGS[name]}",
            partial(_autocorrelation, transform=transform, lags=lags),
            _RULES[name],
        )
        for name, transform in TRANSFORMS.items()
    ]
    panels.append(
        _panel(
            shown,
            "leverage: corr(r today, r² later)",
            "memory-leverage",
            partial(leverage, max_lag=near),
            LOCATION,
        )
    )
    return Illustration(
        name="memory",
        title="Memory over time",
        caption=(
            "Correlation between days at a distance of some trading days. Returns themselves "
            f"have almost none. The slow decline of their size and square over lags 1–{lags} is "
            "the clustering of volatility. The correlation of a return with later squares is "
            "negative because unrest follows falls. A model's line is the mean over its paths. "
            f"{LIMITS} Resamples are moved to the real curve, because their joints weaken memory. "
            "A line outside the band over many lags has too much or too little memory."
        ),
        alternative=(
            f"Four panels with the history, its 95 % limits and {', '.join(shown.fakes)}: "
            "autocorrelation of daily log returns, of their absolute value and of their square "
            f"up to lag {lags}, and the leverage correlation up to lag {near}."
        ),
        panels=tuple(panels),
        legend=shown.legend(),
    )


def _autocorrelation(returns: FloatArray, transform: Transform, lags: int) -> FloatArray:
    return autocorrelation(transform(returns), lags)


def _panel(shown: Pictured, title: str, prefix: str, curve: Curve, rule: Rule) -> str:
    drawn = list(shown.curves(curve))
    lags = np.arange(1, len(drawn[0][1]) + 1)
    figure, ax = axes(title, "lag, trading days", "correlation")
    ax.fill_between(lags, *shown.limits(curve, rule), color=BAND.colour, linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.7)
    for stroke, values in drawn:
        ax.plot(lags, values, **(stroke if stroke != REAL else _THIN).line)
    ax.set(xlim=(0, len(lags)), ylim=scale_of((values for _, values in drawn), 0.6))
    return to_svg(figure, prefix)


LENGTH = 500  # days: two years, enough to see calm and unrest
_DAILY, _CUMULATIVE = 4, 10


def sample_paths(shown: Pictured) -> Illustration:
    """Draw daily and cumulative returns of real windows and of the judged model's first paths."""
    fake = shown.fakes[shown.judged]
    length = min(LENGTH, fake.shape[1], len(shown.real) // 2)
    real, fake = spread_windows(shown.real, length, _CUMULATIVE), fake[:_CUMULATIVE, :length]
    stroke = shown.strokes[shown.judged]
    some_real, some_fake = spread_windows(shown.real, length, _DAILY), fake[:_DAILY]
    reach = (
        105 * np.abs(shown.real).max()
    )  # of the history: one extreme day of a model would flatten every panel
    climbs = 105 * np.cumsum(np.concatenate([real, fake]), axis=1)
    climb = (min(0.0, climbs.min()), max(0.0, climbs.max()))
    return Illustration(
        name="paths",
        title="Paths beside real ones",
        caption=(
            f"Stretches of {length} days. Daily log returns: {len(some_real)} windows spread "
            f"evenly over the history, and the first {len(some_fake)} paths of {shown.judged}. "
            f"Sums of log returns: {len(real)} windows and {len(fake)} paths. None was picked, "
            "and real and generated share their scale. The daily scale ends with the largest "
            "move in history. Triangles are days beyond it, with the value of the largest. Look "
            "for clusters of large days, single shocks and long declines. With the titles "
            "covered, they should be hard to tell apart."
        ),
        alternative=(
            "Four panels on common scales: daily log returns of windows of the history and of "
            f"paths of {shown.judged}, and their cumulative log returns over {length} days."
        ),
        panels=(
            _daily(some_real, "real: daily log returns, %", REAL, reach),
            _daily(some_fake, f"{shown.judged}: daily log returns, %", stroke, reach),
            _cumulative(real, "real: cumulative log returns, %", REAL, climb),
            _cumulative(fake, f"{shown.judged}: cumulative log returns, %", stroke, climb),
        ),
    )


def spread_windows(log_returns: FloatArray, length: int, most: int) -> FloatArray:
    """Return up to `most` windows (windows, length), spread evenly and without overlap."""
    n = min(most, len(log_returns) // length)
    starts = np.linspace(0, len(log_returns) - length, n).astype(int)
    return np.stack([log_returns[start : start + length] for start in starts])


def _daily(windows: FloatArray, title: str, stroke: Stroke, reach: float) -> str:
    figure = blank(height=4.4)
    stack = figure.subplots(len(windows), 1, sharex=True, squeeze=False)[:, 0]
    for ax, window in zip(stack, windows, strict=True):
        ax.plot(np.arange(1, len(window) + 1), 100 * window, color=stroke.colour, linewidth=0.6)
        ax.set(ylim=(-reach, reach), xlim=(0, len(window)))
        _beyond(ax, 100 * window, reach, stroke)
    stack[0].set_title(title)
    stack[-1].set_xlabel("day")
    return to_svg(figure, f"paths-{_slug(title)}")


def _beyond(ax: Any, window: FloatArray, reach: float, stroke: Stroke) -> None:
    """Mark the days beyond the scale, and write the number of the largest on either side."""
    for side, marker in ((1, "^"), (-1, "v")):
        days = np.flatnonzero(side * window > reach)
        if days.size:
            edge, largest = 0.9 * side * reach, days[np.argmax(side * window[days])]
            ax.plot(days + 1, np.full(days.size, edge), marker, color=stroke.colour, markersize=5)
            label = f"{window[largest]:.0f} %".replace("-", "−")
            ax.annotate(
                label,
                (days.max() + 1, edge),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )


def _cumulative(windows: FloatArray, title: str, stroke: Stroke, climb: tuple[float, float]) -> str:
    figure, ax = axes(title, "day", "")
    days = np.arange(windows.shape[1] + 1)
    for window in windows:
        ax.plot(
            days,
            100 * np.concatenate([[0.0], np.cumsum(window)]),
            color=stroke.colour,
            linewidth=0.8,
            alpha=0.75,
        )
    ax.axhline(0, color=INK, linewidth=0.7)
    ax.set(xlim=(0, days[-1]), ylim=climb)
    return to_svg(figure, f"paths-{_slug(title)}")


def _slug(title: str) -> str:
    side, _, what = title.partition(": ")
    return f"{'real' if side == 'real' else 'fake'}-{what.split()[0]}"
