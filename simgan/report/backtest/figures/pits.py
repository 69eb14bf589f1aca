"""Histogram of the probability integral transforms."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter

from simgan.report.backtest.figures.shown import Shown, over
from simgan.report.figures.canvas import Illustration, LegendEntry, axes, to_svg
from simgan.report.figures.palette import BAND, INK
from simgan.risk.walks import Walk

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
            f"Forecast probability of a return up to the one that came (PIT), of {n} forecasts{apart}, in {count} equal bins, in units of "
            f"what a right model expects in each. In the grey band a bin is by chance in 95 of 100 cases; one of {count} or so may leave "
            "it. Too much in the middle: the law is too wide; at both ends: too narrow; at the left end: large losses come too often."
        ),
        alternative=f"Histograms of the PITs of {' and '.join(models)} with the band of a right model. {_told(shown)}",
        panels=tuple(_panel(shown, walk, count, i) for i, walk in enumerate(shown.beside)),
        legend=(*shown.legend(*models), LegendEntry("95 % band of a right model", BAND)),
    )


def bins(forecasts: int) -> int:
    """Number of bins: 20, fewer where a bin would expect less than ten."""
    return int(np.clip(forecasts // FEWEST_IN_BIN, 2, MOST_BINS))


def band(forecasts: int, count: int) -> tuple[float, float]:
    """95 % band of a bin's count over what is expected, under independent uniforms: binomial."""
    from scipy.stats import binom

    low, high = binom.ppf([0.025, 0.975], forecasts, 1.0 / count)
    return float(low * count / forecasts), float(high * count / forecasts)


def heights(walk: Walk, count: int) -> np.ndarray:
    """Counts of the bins over what is expected, of forecasts that do not overlap."""
    apart = walk.pit[:: walk.horizon]
    return np.histogram(apart, count, (0.0, 1.0))[0] * count / len(apart)


def _told(shown: Shown) -> str:
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


def _panel(shown: Shown, walk: Walk, count: int, number: int) -> str:
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
