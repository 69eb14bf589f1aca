"""The figure of risk along paths: drawdowns, volatility of months, and growth with the horizon."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import (
    BAND,
    INK,
    LIMITS,
    Illustration,
    Pictured,
    axes,
    to_svg,
)
from simgan.report.samples import Curve
from simgan.report.sections.paths import STRIDE
from simgan.stats.intervals import LEVEL, LOCATION, Rule
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
_BELOW = tuple((np.arange(1, 100) / 100).tolist())  # shares of stretches that are no larger
_EXCEEDED = "stretches with a larger one, %"
_OF_NORMAL_DAYS = {"tail ratio": 0.0, "variance ratio": 1.0}  # independent, with a normal law
_WIDEST = 50.0  # largest value of a scale over its least
_TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)


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
            f"Above: how often the maximum drawdown of {year} days, and the volatility of {month} "
            "days, are larger than a value, over stretches that overlap. Below: "
            "how returns change as they add up. The tail ratio is 0 for a normal law. The variance "
            "ratio is 1 where risk grows with the square root of time. A model's line is the mean "
            f"over its paths. {LIMITS} Above, read it from left to right."
        ),
        alternative=(
            f"Four panels with the history, its 95 % limits and {', '.join(shown.fakes)}: share of "
            f"stretches with a deeper drawdown, and with a larger volatility of {month} days, "
            f"and tail ratio and variance ratio of returns over 1 to {horizons[-1]} days."
        ),
        panels=(
            _drawdowns(shown, year),
            _volatility(shown, month),
            _by_horizon(shown, "tail ratio", tail_ratio, LOCATION, horizons),
            _by_horizon(shown, "variance ratio", variance_ratio, LEVEL, horizons),
        ),
        legend=shown.legend(),
    )


def drawdowns(returns: FloatArray, days: int) -> FloatArray:
    """Depths, in percent, that shares of all stretches exceed."""
    return 100 * quantiles(maximum_drawdowns(returns, days, STRIDE), _BELOW)


def months(returns: FloatArray, days: int) -> FloatArray:
    """Volatilities, in percent a day, that shares of all stretches exceed."""
    return 100 * quantiles(volatilities(returns, days), _BELOW)


def _drawdowns(shown: Pictured, days: int) -> str:
    figure, ax = axes(f"maximum drawdown of {days} days", "depth, %", _EXCEEDED)
    _, deepest = _exceeded(ax, shown, partial(drawdowns, days=days))
    ax.set(xlim=(0, max(deepest, 1.0)))
    return to_svg(figure, "path-risk-drawdowns")


def _volatility(shown: Pictured, days: int) -> str:
    figure, ax = axes(f"volatility of {days} days", "standard deviation, % a day", _EXCEEDED)
    low, high = _exceeded(ax, shown, partial(months, days=days))
    low = max(low, high / _WIDEST)
    ax.set(xscale="log", xlim=(low, high))
    _label(ax, [tick for tick in _TICKS if low <= tick <= high])
    return to_svg(figure, "path-risk-volatility")


def _by_horizon(
    shown: Pictured,
    name: str,
    statistic: Callable[[FloatArray, int], float],
    rule: Rule,
    horizons: tuple[int, ...],
) -> str:
    def curve(returns: FloatArray) -> FloatArray:
        return np.array([statistic(returns, h) for h in horizons])

    figure, ax = axes(f"{name} by horizon", "days added up", name)
    ax.axhline(_OF_NORMAL_DAYS[name], color=INK, linewidth=0.7)
    ax.fill_between(horizons, *shown.limits(curve, rule), color=BAND.colour, linewidth=0)
    for stroke, values in shown.curves(curve):
        ax.plot(horizons, values, **stroke.line)
    ax.set(xscale="log", xlim=(horizons[0], max(horizons[-1], 2)))
    _label(ax, list(horizons))
    return to_svg(figure, f"path-risk-{name.split()[0]}")


def _exceeded(ax: Axes, shown: Pictured, curve: Curve) -> tuple[float, float]:
    """Draw the values that shares of all stretches exceed: values along x, shares along y.

    Returns the least and the largest value of history and judged model, which end the scale.
    """
    above = 100 * (1 - np.array(_BELOW))
    low, high = shown.limits(curve, LEVEL)
    ax.fill_betweenx(above, np.maximum(low, 0.0), high, color=BAND.colour, linewidth=0)
    drawn = list(shown.curves(curve))
    for stroke, values in drawn:
        ax.plot(values, above, **stroke.line)  # type: ignore[arg-type]
    ax.set(ylim=(0, 100))
    scaling = np.concatenate([values for _, values in drawn[:2]])
    return float(scaling.min()), float(scaling.max())


def _label(ax: Axes, ticks: list[float] | list[int]) -> None:
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
