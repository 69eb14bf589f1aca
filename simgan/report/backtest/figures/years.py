"""Hit rates by calendar year, with their intervals."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simgan.report.backtest.figures.shown import Shown, over
from simgan.report.backtest.scores import percent
from simgan.report.figures.canvas import Illustration, axes, to_svg
from simgan.report.figures.palette import INK

_MARKERS = ("o", "s")  # judged, reference


def years(shown: Shown) -> Illustration:
    """Draw a panel for every level: the judged model and the reference side by side."""
    models = [walk.model for walk in shown.beside]
    return Illustration(
        name=shown.name("years"),
        title="Hit rates by year",
        caption=(
            f"Share of exceedances in each calendar year{_apart(shown.horizon)}, with the exact 95 % interval of a single year. The line "
            "is what the level promises. An interval in twenty misses it by chance; years in a row on one side of it are a fault. A "
            "long interval means that a year holds too few forecasts to say much."
        ),
        alternative=f"Shares of exceedances by year, with intervals, of {' and '.join(models)}, at each level.",
        panels=tuple(_panel(shown, level, i) for i, level in enumerate(shown.group.levels)),
        legend=shown.legend(*models),
    )


def _apart(horizon: int) -> str:
    return "" if horizon == 1 else f", of forecasts over {over(horizon)} that do not overlap"


def _panel(shown: Shown, level: float, number: int) -> str:
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
    """Top of the scale: of all intervals but those of years with few forecasts, which would flatten the others."""
    found = shown.results.calibration_of(shown.asset, shown.horizon, level)
    rates = [rate for walk in shown.beside for rate in found[walk.model].years.values()]
    most = max(rate.days for rate in rates)
    return 105 * max(rate.high if rate.days > most / 2 else rate.share for rate in rates)
