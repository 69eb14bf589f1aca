"""Quantiles of the model against those of the history, and their differences."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from simgan.arrays import FloatArray
from simgan.report.figures.canvas import Illustration, axes, to_svg
from simgan.report.figures.palette import BAND, INK, REAL
from simgan.report.figures.pictured import Pictured

_SIDE_POINTS = 60  # per tail; every one of the outermost days, ever fewer towards the middle
_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)


def quantile_plot(shown: Pictured) -> Illustration:
    """Draw the QQ plot of the judged model and the quantile differences of all."""
    at = plotting_positions(len(shown.real))
    return Illustration(
        name="quantiles",
        title="Quantiles against quantiles",
        caption=(
            f"Each dot is a quantile of {shown.judged} over the same quantile of the history; on the line both are equal. The curves are "
            "the difference from the real quantile for every model; below zero at small probabilities means larger losses than "
            "in history, above zero at large ones larger gains. Inside the grey band, 95 % of 200 stationary-bootstrap resamples, the "
            "difference is noise. A resample repeats days of the history, so for the outermost few days the band is too narrow."
        ),
        alternative=(
            f"Two panels: quantiles of daily log returns of {shown.judged} against those of the history with a line of equality, and "
            "the differences of quantiles of all models from those of the history, both with a 95 % noise band."
        ),
        panels=(_against_real(shown, at), _differences(shown, at)),
        legend=shown.legend(),
    )


def plotting_positions(days: int) -> FloatArray:
    """Probabilities (i − ½)/days of the order statistics that are drawn: all outermost ones, fewer in the middle."""
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
