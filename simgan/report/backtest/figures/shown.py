"""The data behind the figures of one asset and horizon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.report.backtest.results import BacktestResults
from simgan.report.backtest.scores import Group
from simgan.report.figures.canvas import LegendEntry, Stroke, strokes
from simgan.risk.walks import Walk

VOLATILITY_DAYS = 63  # a quarter
FEWEST_DAYS = 21
TURBULENT_SHARE = 0.2
_MOST_POINTS = 400  # of a line: more are finer than a screen


@dataclass(frozen=True)
class Shown:
    """A group of walks beside the results.

    Attributes
    ----------
    group : Group
    results : BacktestResults
    number : int
        Of the group, which makes ids unique on the page.
    """

    group: Group
    results: BacktestResults
    number: int

    @property
    def asset(self) -> str:
        """Name."""
        return self.group.asset

    @property
    def horizon(self) -> int:
        """Days."""
        return self.group.horizon

    @property
    def judged(self) -> Walk:
        """Walk of the judged model."""
        return self.group.walks[self.results.judged]

    @property
    def beside(self) -> tuple[Walk, ...]:
        """The judged model's walk and, where there is one, the reference's."""
        names = dict.fromkeys(
            name for name in (self.results.judged, self.results.reference) if name
        )
        return tuple(self.group.walks[name] for name in names)

    @property
    def days(self) -> NDArray[np.datetime64]:
        """First day of each forecast, to the day, shape (days,)."""
        return np.asarray(self.group.dates.astype("datetime64[D]"))

    @cached_property
    def strokes(self) -> dict[str, Stroke]:
        """How each model is drawn, on all figures: the reference always as the second."""
        first = [name for name in (self.results.judged, self.results.reference) if name]
        return strokes(dict.fromkeys([*first, *self.results.models]))

    def name(self, what: str) -> str:
        """Id of a figure."""
        return f"{what}-{self.number}"

    def legend(self, *models: str) -> tuple[LegendEntry, ...]:
        """Entries of these models."""
        return tuple(LegendEntry(model, self.strokes[model]) for model in models)


def volatility(returns: FloatArray, days: int = VOLATILITY_DAYS) -> FloatArray:
    """Root mean square of the latest returns up to each day, shape (days,).

    The first days have fewer returns.
    """
    total = np.cumsum(np.concatenate([[0.0], np.asarray(returns, np.float64) ** 2]))
    end = np.arange(1, len(returns) + 1)
    begin = np.maximum(end - days, 0)
    return np.asarray(
        np.sqrt(np.maximum(total[end] - total[begin], 0.0) / (end - begin)), np.float64
    )


def turbulent(returns: FloatArray, horizon: int = 1) -> NDArray[np.bool_]:
    """Mark the days (days,) before which the volatility of a quarter was in its top fifth.

    The first days are never marked: too little is known of them.

    Returns over several days are known
    `horizon` rows later, so no outcome decides in which time its forecast falls.
    """
    before = np.full(len(returns), -np.inf)
    known = volatility(returns)[FEWEST_DAYS - 1 : max(len(returns) - horizon, 0)]
    before[len(returns) - len(known) :] = known
    if not known.size:
        return np.zeros(len(returns), bool)
    return np.asarray(before > np.quantile(known, 1.0 - TURBULENT_SHARE))


def stretches(days: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last row of every run of days that are True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], days, [False]]).astype(int)))
    return [(int(begin), int(end) - 1) for begin, end in edges.reshape(-1, 2)]


def spread_rows(days: int, most: int = _MOST_POINTS) -> NDArray[np.intp]:
    """Return rows from the first to the last, evenly, at most so many."""
    return np.unique(np.linspace(0, days - 1, min(days, most)).round().astype(np.intp))


def date_axis(ax: Any) -> None:
    """Label the x axis with few, short dates."""
    locator = AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
