"""The figure of risk along paths: drawdowns, volatility of months, and growth with the horizon."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import BAND, INK, REAL, Illustration, Pictured, axes, to_svg
from simgan.stats.path_risk import (
    MONTH,
    YEAR,
    maximum_drawdowns,
    quantiles,
    tail_ratio,
    variance_ratio,
    volatilities,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HORIZONS = (1, 2, 5, 10, 20, 40, 60)
_LEAST_SUMS = 10  # of a horizon, without overlap
_STRIDE, _POINTS, _BINS, _MOST_PATHS = 25, 60, 30, 100
_FAR, _WIDEST = 0.995, 50.0  # share of all values within the scale; its largest over its least
_TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)

Curve = Callable[[FloatArray], FloatArray]  # log returns → values at the points of the x axis


def path_risk(shown: Pictured) -> Illustration:
    """Draw the four panels."""
    shortest = min(len(shown.real), *(paths.shape[1] for paths in shown.fakes.values()))
    year, month = min(YEAR, shortest), min(MONTH, shortest)
    most = min(shortest, len(shown.real) // _LEAST_SUMS)
    horizons = tuple(h for h in HORIZONS if h <= max(most, 1))
    return Illustration(
        name="path-risk",
        title="Drawdowns, months and horizons",
        caption=(
            f"Above: how often the maximum drawdown of {year} days is deeper than a value, and how "
            f"the volatility of {month} days is distributed, over stretches that overlap. Below: "
            "how returns change as they add up. The tail ratio is 0 for a normal law. The variance "
            "ratio is 1 where risk grows with the square root of time. A model's line is the mean "
            "over its paths. The grey band holds 95 % of "
            "200 stationary-bootstrap resamples of the history."
        ),
        alternative=(
            f"Four panels with the history, its 95 % band and {', '.join(shown.fakes)}: share of "
            f"stretches with a deeper drawdown, distribution of the volatility of {month} days, "
            f"and tail ratio and variance ratio of returns over 1 to {horizons[-1]} days."
        ),
        panels=(
            _drawdowns(shown, year),
            _volatility(shown, month),
            _by_horizon(shown, "tail ratio", tail_ratio, 0.0, horizons),
            _by_horizon(shown, "variance ratio", variance_ratio, 1.0, horizons),
        ),
        legend=shown.legend(),
    )


def deeper(returns: FloatArray, days: int, depths: FloatArray) -> FloatArray:
    """Share of stretches, in percent, with a drawdown deeper than each depth, in percent."""
    found = np.sort(100 * maximum_drawdowns(returns, days, _STRIDE))
    return 100 * (1 - np.searchsorted(found, depths, side="right") / found.size)


def shares(returns: FloatArray, days: int, edges: FloatArray) -> FloatArray:
    """Share of stretches, in percent, with a volatility between edges, in percent a day."""
    found = 100 * volatilities(returns, days)
    return np.asarray(100 * np.histogram(found, edges)[0] / found.size, np.float64)


def _drawdowns(shown: Pictured, days: int) -> str:
    every = [100 * maximum_drawdowns(r, days, _STRIDE) for r in _scaled_by(shown)]
    deepest = max(float(quantiles(values, (_FAR,))[0]) for values in every)
    depths = np.linspace(0.0, max(deepest, 1.0), _POINTS)
    figure, ax = axes(
        f"maximum drawdown of {days} days", "depth, %", "stretches with a deeper one, %"
    )
    _curves(ax, shown, depths, partial(deeper, days=days, depths=depths))
    ax.set(xlim=(0, depths[-1]), ylim=(0, 100))
    return to_svg(figure, "path-risk-drawdowns")


def _volatility(shown: Pictured, days: int) -> str:
    every = [100 * volatilities(r, days) for r in _scaled_by(shown)]
    bounds = np.array([quantiles(values, (1 - _FAR, _FAR)) for values in every])
    low, high = float(bounds[:, 0].min()), float(bounds[:, 1].max())
    edges = np.geomspace(max(low, high / _WIDEST), high, _BINS + 1)
    middle = np.sqrt(edges[1:] * edges[:-1])
    figure, ax = axes(
        f"volatility of {days} days", "standard deviation, % a day", "share of stretches, %"
    )
    _curves(ax, shown, middle, partial(shares, days=days, edges=edges))
    ax.set(xscale="log", xlim=(edges[0], edges[-1]), ylim=(0, None))
    _label(ax, [tick for tick in _TICKS if edges[0] <= tick <= edges[-1]])
    return to_svg(figure, "path-risk-volatility")


def _by_horizon(
    shown: Pictured,
    name: str,
    statistic: Callable[[FloatArray, int], float],
    expected: float,
    horizons: tuple[int, ...],
) -> str:
    def curve(returns: FloatArray) -> FloatArray:
        """Take the mean over paths, as the table does: few paths hold the largest moves."""
        paths = np.atleast_2d(returns)[:_MOST_PATHS]
        values = np.array([[statistic(path, h) for h in horizons] for path in paths])
        return np.asarray(values.mean(axis=0), np.float64)

    figure, ax = axes(f"{name} by horizon", "days added up", name)
    ax.axhline(expected, color=INK, linewidth=0.7)
    _curves(ax, shown, np.array(horizons, np.float64), curve)
    ax.set(xscale="log", xlim=(horizons[0], max(horizons[-1], 2)))
    _label(ax, list(horizons))
    return to_svg(figure, f"path-risk-{name.split()[0]}")


def _scaled_by(shown: Pictured) -> tuple[FloatArray, FloatArray]:
    """Return the samples that set the scale: the history and the judged model."""
    return shown.real, shown.fakes[shown.judged]


def _curves(ax: Axes, shown: Pictured, at: FloatArray, curve: Curve) -> None:
    ax.fill_between(at, *shown.band(curve), color=BAND.colour, linewidth=0)
    drawn = [(REAL, shown.real), *((shown.strokes[name], r) for name, r in shown.fakes.items())]
    for stroke, returns in drawn:
        style = (0, stroke.dashes) if stroke.dashes else "-"
        ax.plot(at, curve(returns), color=stroke.colour, linewidth=stroke.width, linestyle=style)


def _label(ax: Axes, ticks: list[float] | list[int]) -> None:
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
