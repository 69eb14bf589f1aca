"""Basel's traffic light, day by day: exceedances among the latest 250."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from simgan.report.backtest.figures.shown import Shown, date_axis
from simgan.report.backtest.scores import percent
from simgan.report.figures.canvas import Illustration, LegendEntry, axes, to_svg
from simgan.report.figures.palette import INK, ZONES, Stroke
from simgan.risk.backtests.traffic_light import DESK_LIMITS, YEAR, zone

_LIMIT = Stroke(INK, 1.0, (4.0, 2.0))


def lights(shown: Shown) -> Illustration | None:
    """Draw the count over time at the levels of desk limits, or at the highest; None over several days, or where there are too few."""
    if shown.horizon > 1 or len(shown.days) < YEAR:
        return None
    levels = [level for level in DESK_LIMITS if level in shown.group.levels] or [
        shown.group.levels[-1]
    ]
    counts = {
        level: {walk.model: latest_counts(walk.exceedances(level)) for walk in shown.beside}
        for level in levels
    }
    told = "; ".join(_told(level, own) for level, own in counts.items())
    has_limit = any(level in DESK_LIMITS for level in levels)
    limit = "; dashed the most that a trading desk may have" if has_limit else ""
    return Illustration(
        name=shown.name("lights"),
        title="Traffic light",
        caption=(
            f"Exceedances of the VaR among the latest {YEAR} days, on the zones of Basel's rule{limit}. Share of days in each zone: "
            f"{told}. Neighbouring windows share most of their days. A count that never leaves zero is a VaR that is too wide, and "
            "capital that lies idle."
        ),
        alternative=f"Numbers of exceedances in the latest {YEAR} days over time, on green, yellow and red. {told}.",
        panels=tuple(_panel(shown, level, own, i) for i, (level, own) in enumerate(counts.items())),
        legend=(
            *shown.legend(*(walk.model for walk in shown.beside)),
            *(LegendEntry(name, Stroke(colour, 8.0)) for name, colour in ZONES.items()),
            *([LegendEntry("desk limit", _LIMIT)] if has_limit else []),
        ),
    )


def latest_counts(hits: NDArray[np.bool_], window: int = YEAR) -> NDArray[np.int64]:
    """Hits in the window that ends with each day, from the first full one on: shape (days − window + 1,)."""
    total = np.concatenate([[0], np.cumsum(hits.astype(np.int64))])
    return np.asarray(total[window:] - total[:-window], np.int64)


def first_counts(level: float, window: int = YEAR) -> tuple[int, int]:
    """Return the smallest counts of the yellow and of the red zone."""
    zones = [zone(count, window, 1.0 - level) for count in range(window + 1)]
    return zones.index("yellow"), zones.index("red")


def _told(level: float, counts: dict[str, NDArray[np.int64]]) -> str:
    yellow, red = first_counts(level)
    shares = {
        model: (np.mean(own < yellow), np.mean((own >= yellow) & (own < red)), np.mean(own >= red))
        for model, own in counts.items()
    }
    named = {
        model: ", ".join(f"{100 * x:.0f} % {zone}" for x, zone in zip(own, ZONES, strict=True))
        for model, own in shares.items()
    }
    return f"at {percent(level)} " + ", ".join(f"{model} {zones}" for model, zones in named.items())


def _panel(shown: Shown, level: float, counts: dict[str, NDArray[np.int64]], number: int) -> str:
    figure, ax = axes(f"exceedances at {percent(level)} in {YEAR} days", "", "")
    days, (yellow, red) = shown.days[YEAR - 1 :], first_counts(level)
    top = max(red, DESK_LIMITS.get(level, 0), *(int(own.max()) for own in counts.values())) + 1.5
    for low, high, colour in zip(
        (-0.5, yellow - 0.5, red - 0.5), (yellow - 0.5, red - 0.5, top), ZONES.values(), strict=True
    ):
        ax.axhspan(low, high, color=colour, linewidth=0)
    if level in DESK_LIMITS:
        ax.axhline(DESK_LIMITS[level], **_LIMIT.line)
    for model, own in reversed(counts.items()):  # the judged one on top
        turns = np.append(np.flatnonzero(np.diff(own, prepend=-1)), len(own) - 1)
        ax.plot(days[turns], own[turns], drawstyle="steps-post", **shown.strokes[model].line)
    ax.set(xlim=(days[0], days[-1]), ylim=(-0.5, top))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(visible=False)
    date_axis(ax)
    return to_svg(figure, shown.name(f"lights-{number}"))
