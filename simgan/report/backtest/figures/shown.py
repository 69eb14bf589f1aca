"""The data behind the figures of one asset and horizon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simgan.report.backtest.results import BacktestResults
from simgan.report.backtest.scores import Group
from simgan.report.figures.canvas import LegendEntry, Stroke, strokes
from simgan.risk.walks import Walk


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
