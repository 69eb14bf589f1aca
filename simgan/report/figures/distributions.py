"""Figures of the law of daily returns: densities and quantiles."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import BAND, INK, REAL, Illustration, Pictured, axes, to_svg

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
            "holds real days, on the bar of its 95 % band. A model is right where its line "
            "stays inside the grey. Beyond the outermost dots the history says nothing. A line "
            "that continues there is the model's own view of the tail."
        ),
        alternative=(
            "Two panels with the density of daily log returns of the history and of "
            f"{', '.join(shown.fakes)}, on a linear and on a logarithmic scale. The history runs "
            f"from {100 * shown.real.min():.1f} % to {100 * shown.real.max():.1f} %."
        ),
        panels=(_linear(shown), _logarithmic(shown)),
        legend=shown.legend(),
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
        middle, *shown.band(lambda r: density(100 * r, edges)), color=BAND.colour, linewidth=0
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
    low, high = shown.band(lambda r: density(100 * r, edges))
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


_SIDE_POINTS = 60  # per tail; every one of the outermost days, ever fewer towards the middle
_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)


def quantile_plot(shown: Pictured) -> Illustration:
    """Draw the QQ plot of the judged model and the quantile differences of all."""
    at = plotting_positions(len(shown.real))
    return Illustration(
        name="quantiles",
        title="Quantiles against quantiles",
        caption=(
            f"Each dot is a quantile of {shown.judged} over the same quantile of the history. On "
            "the line both are equal. The curves show the difference from the real quantile for "
            "every model. Below zero at small probabilities means larger losses than in "
            "history. Above zero at large ones means larger gains. Inside the grey band, 95 % "
            "of 200 stationary-bootstrap resamples, the difference is noise. A resample repeats "
            "days of the history, so the band is too narrow for the outermost few days."
        ),
        alternative=(
            f"Two panels: quantiles of daily log returns of {shown.judged} against those of the "
            "history with a line of equality, and the differences of quantiles of all models "
            "from those of the history, both with a 95 % noise band."
        ),
        panels=(_against_real(shown, at), _differences(shown, at)),
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


def _against_real(shown: Pictured, at: FloatArray) -> str:
    real, fake = _quantiles(shown.real, at), _quantiles(shown.fakes[shown.judged], at)
    figure, ax = axes(
        f"{shown.judged} against real",
        "quantile of the history, %",
        f"quantile of {shown.judged}, %",
    )
    ax.fill_between(real, *shown.band(lambda r: _quantiles(r, at)), color=BAND.colour, linewidth=0)
    ax.plot(real[[0, -1]], real[[0, -1]], color=REAL.colour, linewidth=0.9)
    ax.plot(real, fake, "o", color=shown.strokes[shown.judged].colour, markersize=2.8)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    return to_svg(figure, "quantiles-real")


def _differences(shown: Pictured, at: FloatArray) -> str:
    real = _quantiles(shown.real, at)
    figure, ax = axes(
        "difference from real", "probability of a smaller return", "quantile minus real quantile, %"
    )
    low, high = shown.band(lambda r: _quantiles(r, at))
    ax.fill_between(at, low - real, high - real, color=BAND.colour, linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.9)
    for name, stroke in shown.strokes.items():
        ax.plot(at, _quantiles(shown.fakes[name], at) - real, **stroke.line)
    ax.set(xscale="logit", xlim=(at[0], at[-1]))
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if at[0] <= tick <= at[-1]]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    return to_svg(figure, "quantiles-differences")
