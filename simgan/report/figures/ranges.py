"""The figure of ranges: how often a range is larger than a value, and the memory of ranges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import (
    BAND,
    INK,
    LIMITS,
    REAL,
    Illustration,
    LegendEntry,
    Pictured,
    Stroke,
    axes,
    scale_of,
    to_svg,
)
from simgan.report.ranged import RangedSamples
from simgan.report.samples import DAYS_PER_LAG, MOST_LAGS, Curve, cut
from simgan.report.sections.ranges import FEWEST_DAYS
from simgan.stats.intervals import LEVEL, MEMORY
from simgan.stats.ranges import RANGE, known, range_memory

_EXCEEDED = np.concatenate([np.geomspace(0.001, 0.1, 40), np.linspace(0.1, 0.999, 60)[1:]])
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
_THIN = Stroke(REAL.colour, 0.9)  # a single curve is rough


def has_ranges(shown: Pictured) -> bool:
    """Tell whether both sides have ranges, and the history enough of them."""
    shapes = shown.shapes
    if shapes is None or not shapes.fakes:
        return False
    return int(np.isfinite(shapes.real).all(axis=-1).sum()) >= FEWEST_DAYS


def ranges(shown: Pictured) -> Illustration:
    """Draw both panels."""
    assert shown.shapes is not None
    samples = RangedSamples.of(shown.samples, shown.shapes)
    lags = min(MOST_LAGS, samples.horizon // DAYS_PER_LAG)
    shown_models = [LegendEntry(name, shown.strokes[name]) for name in samples.fakes]
    return Illustration(
        name="ranges",
        title="Ranges and their memory",
        caption=(
            "The range of a day is ln(high/low). On the left, how often it is larger than a value, "
            "on logarithmic scales. On the right, its autocorrelation. A model's line is the mean "
            f"over its paths. Baselines make closes alone and have no line. {LIMITS} On the left, "
            "read it from left to right."
        ),
        alternative=(
            f"Two panels with the history, its 95 % limits and {', '.join(samples.fakes)}: share "
            f"of days with a larger range, and autocorrelation of the range up to lag {lags}."
        ),
        panels=(
            _exceeded(samples, shown),
            _memory(samples, shown, partial(range_memory, max_lag=lags)),
        ),
        legend=(
            LegendEntry("real", REAL),
            LegendEntry("95 % limits of the tables", BAND),
            *shown_models,
        ),
    )


def range_quantiles(days: FloatArray) -> FloatArray:
    """Ranges, in percent, that shares of all days exceed."""
    return 100 * np.asarray(np.quantile(known(days)[:, RANGE], 1 - _EXCEEDED), np.float64)


def _exceeded(samples: RangedSamples, shown: Pictured) -> str:
    figure, ax = axes("range, ln(high/low)", "range, %", "days with a larger one, %")
    low, high = samples.limits(range_quantiles, LEVEL)
    drawn = list(_curves(samples, shown, range_quantiles))
    least = min(values[values > 0].min() for _, values in drawn)
    ax.fill_betweenx(
        100 * _EXCEEDED, np.maximum(low, 0.5 * least), high, color=BAND.colour, linewidth=0
    )
    for stroke, values in drawn:
        ax.plot(values, 100 * _EXCEEDED, **stroke.line)
    most = max(values.max() for _, values in drawn)
    ax.set(
        xscale="log",
        yscale="log",
        xlim=(0.8 * least, 1.25 * most),
        ylim=(100 * _EXCEEDED[0], 100),
    )
    ax.xaxis.set_major_locator(FixedLocator(_TICKS))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter("")
    return to_svg(figure, "ranges-exceeded")


def _memory(samples: RangedSamples, shown: Pictured, curve: Curve) -> str:
    drawn = list(_curves(samples, shown, curve))
    lags = np.arange(1, len(drawn[0][1]) + 1)
    figure, ax = axes("autocorrelation of the range", "lag, trading days", "correlation")
    ax.fill_between(lags, *samples.limits(curve, MEMORY), color=BAND.colour, linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.7)
    for stroke, values in drawn:
        ax.plot(lags, values, **(stroke if stroke != REAL else _THIN).line)
    ax.set(xlim=(0, len(lags)), ylim=scale_of((values for _, values in drawn), 0.6))
    return to_svg(figure, "ranges-memory")


def _curves(
    samples: RangedSamples, shown: Pictured, curve: Curve
) -> Iterator[tuple[Stroke, FloatArray]]:
    """Give stroke and curve of the history, and then of each model with ranges."""
    yield REAL, curve(cut(samples.real[None], samples.horizon))
    for name, paths in samples.fakes.items():
        found = [curve(windows) for windows in samples.sets(paths)]
        yield shown.strokes[name], np.asarray(np.mean(found, axis=0), np.float64)
