"""Density of daily returns, on a linear scale for the middle and on a logarithmic one for the tails."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import Illustration, axes, to_svg
from simgan.report.figures.palette import BAND, REAL
from simgan.report.figures.pictured import Pictured

_BINS, _TAIL_BINS = 81, 61
_GROWTH = 3.0  # outer bins of the logarithmic panel are cosh(3) ≈ 10 times as wide as inner ones: tails are thinly settled
_X, _Y = "daily log return, %", "density per %"


def densities(shown: Pictured) -> Illustration:
    """Draw both scales."""
    return Illustration(
        name="densities",
        title="How daily returns are distributed",
        caption=(
            "Histograms of daily log returns. The linear scale shows the middle, four standard deviations to each side; the logarithmic "
            "scale the tails, up to 1.5 times the largest move in history, with bins that widen outwards; a dot is a bin that holds real "
            "days, on the bar of its 95 % band. A model is right where its line stays inside the grey; beyond the outermost dots the "
            "history says nothing, and a line that goes on there is the model's own view of the tail."
        ),
        alternative=(
            f"Two panels with the density of daily log returns of the history and of {', '.join(shown.fakes)}, "
            f"on a linear and on a logarithmic scale. The history runs from {100 * shown.real.min():.1f} % "
            f"to {100 * shown.real.max():.1f} %."
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
    figure, ax = axes("linear scale", _X, _Y)
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
    figure, ax = axes("logarithmic scale", _X, _Y)
    middle = (edges[1:] + edges[:-1]) / 2
    real = density(100 * shown.real, edges)
    low, high = shown.band(lambda r: density(100 * r, edges))
    held = (
        real > 0
    )  # resamples have days only where the history has: a filled band would end in spikes at empty bins
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
    """An empty bin has no place on a logarithmic scale: it becomes a gap."""
    return np.where(values > 0, values, np.nan)
