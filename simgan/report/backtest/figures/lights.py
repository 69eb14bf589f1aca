"""Basel's traffic light, day by day: exceedances among the latest 250."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from simgan.report.backtest.figures.shown import Shown, date_axis
from simgan.report.backtest.scores import percent
from simgan.report.figures.canvas import Illustration, LegendEntry, axes, to_svg
from simgan.report.figures.palette import ZONES, Stroke
from simgan.risk.backtests.traffic_light import YEAR, zone

BASEL = 0.99


def lights(shown: Shown) -> Illustration | None:
    """Draw the count over time at 99 %, or at the highest level; None for longer horizons, whose exceedances overlap, and short tests."""
    if shown.horizon > 1 or len(shown.days) < YEAR:
        return None
    level = BASEL if BASEL in shown.group.levels else shown.group.levels[-1]
    yellow, red = first_counts(level)
    counts = {walk.model: latest_counts(walk.exceedances(level)) for walk in shown.beside}
    told = "; ".join(f"{model} {_shares(own, yellow, red)}" for model, own in counts.items())
    return Illustration(
        name=shown.name("lights"),
        title="Traffic light",
        caption=(
            f"Exceedances of the VaR at {percent(level)} among the latest {YEAR} days: green up to {yellow - 1}, yellow from {yellow}, red "
            f"from {red} on. Share of days in each zone: {told}. A model that never leaves zero is safe but wide: its capital is idle."
        ),
        alternative=f"Number of exceedances at {percent(level)} in the latest {YEAR} days over time, on green, yellow and red. {told}.",
        panels=(_panel(shown, counts, yellow, red),),
        legend=(*shown.legend(*counts), *(LegendEntry(name, Stroke(colour, 8.0)) for name, colour in ZONES.items())),
    )


def latest_counts(hits: NDArray[np.bool_], window: int = YEAR) -> NDArray[np.int64]:
    """Hits in the window that ends with each day, from the first full one on: shape (days − window + 1,)."""
    total = np.concatenate([[0], np.cumsum(hits.astype(np.int64))])
    return np.asarray(total[window:] - total[:-window], np.int64)


def first_counts(level: float, window: int = YEAR) -> tuple[int, int]:
    """Return the smallest counts of the yellow and of the red zone."""
    zones = [zone(count, window, 1.0 - level) for count in range(window + 1)]
    return zones.index("yellow"), zones.index("red")


def _shares(counts: NDArray[np.int64], yellow: int, red: int) -> str:
    shares = (np.mean(counts < yellow), np.mean((counts >= yellow) & (counts < red)), np.mean(counts >= red))
    return ", ".join(f"{100 * share:.0f} % {name}" for share, name in zip(shares, ZONES, strict=True))


def _panel(shown: Shown, counts: dict[str, NDArray[np.int64]], yellow: int, red: int) -> str:
    figure, ax = axes(f"exceedances in {YEAR} days", "", "")
    days = shown.days[YEAR - 1 :]
    top = max(red + 2, *(int(own.max()) + 1 for own in counts.values()))
    for low, high, colour in zip((-0.5, yellow - 0.5, red - 0.5), (yellow - 0.5, red - 0.5, top), ZONES.values(), strict=True):
        ax.axhspan(low, high, color=colour, linewidth=0)
    for model, own in reversed(counts.items()):  # the judged one on top
        turns = np.flatnonzero(np.diff(own, prepend=-1, append=-1))[:-1]
        ends = np.append(turns, len(own) - 1)
        ax.plot(days[ends], own[ends], drawstyle="steps-post", **shown.strokes[model].line)
    ax.set(xlim=(days[0], days[-1]), ylim=(-0.5, top))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    date_axis(ax)
    return to_svg(figure, shown.name("lights"))
