"""The yardstick of a count of rows: how many of them a right model has within.

The shares are measured: `benchmarks/report_coverage.py` judges a GJR-GARCH-t law against its own
histories. A model that is right has no more rows within than the law itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from simgan.stats.intervals import POOL

# Days of a history → share of rows within, in the mean and in the worst tenth of histories
MEASURED = {1000: (0.938, 0.787), 2500: (0.949, 0.809), 5000: (0.942, 0.868)}
HISTORIES = {1000: 100, 2500: 200, 5000: 40}
# The same of several assets together: `benchmarks/book_coverage.py`, of laws whose correlations
# stand and of laws whose correlations move
MEASURED_TOGETHER, HISTORIES_TOGETHER = {2500: (0.924, 0.805)}, {2500: 60}
_FAR = 1.5  # ratio of lengths from which the measured shares need a word of caution


@dataclass(frozen=True)
class Yardstick:
    """Rows that a right model has within its limits.

    Attributes
    ----------
    judged : int
        Rows that are judged.
    days : int
        Of the histories on which the shares were measured: those nearest in length.
    histories : int
        Their number.
    share, worst_tenth : float
        Share of rows within, in the mean, and in the tenth of histories with the fewest.
    """

    judged: int
    days: int
    histories: int
    share: float
    worst_tenth: float

    @classmethod
    def of(cls, days: int, judged: int) -> Self:
        """Take the shares of the measured length that is nearest by ratio."""
        nearest = min(MEASURED, key=lambda measured: abs(np.log(measured / days)))
        return cls(judged, nearest, HISTORIES[nearest], *MEASURED[nearest])

    @classmethod
    def together(cls, days: int, judged: int) -> Self:
        """Take the shares of rows about several assets, in the same way."""
        nearest = min(MEASURED_TOGETHER, key=lambda measured: abs(np.log(measured / days)))
        shares = MEASURED_TOGETHER[nearest]
        return cls(judged, nearest, HISTORIES_TOGETHER[nearest], *shares)

    @property
    def within(self) -> int:
        """Rows that a right model has within in the mean."""
        return round(self.share * self.judged)

    @property
    def fewest(self) -> int:
        """Rows that a right model has within in the worst tenth of histories, at the most."""
        return int(self.worst_tenth * self.judged)

    def sentence(self, within: Mapping[str, int], days: int) -> str:
        """Hold models against the yardstick, on one line.

        Parameters
        ----------
        within : mapping of int
            Rows that each judged model has within.
        days : int
            Of the history that they are judged on.
        """
        models = " ".join(self._standing(model, count) for model, count in within.items())
        return (
            f"Of the {self.judged} statistics, a right model has {self.within} within in the mean, "
            f"and {self.fewest} or fewer in one history of ten. "
            f"{models} Limits of 95 % held {100 * self.share:.0f} % in {self.histories} made "
            f"histories of {self.days:,} days.{self._caution(days)}"
        )

    def _standing(self, model: str, within: int) -> str:
        """Compare the count of a model with that of a right one."""
        outside = self.judged - within
        rows = "1 row" if outside == 1 else f"{outside} rows"
        if not outside:
            return f"{model} has all {within}, as a right model may."
        if within >= self.within:
            than = "more than" if within > self.within else "as many as"
            return (
                f"{model} has {within}, {than} a right model in the mean: chance can put {rows} "
                "outside."
            )
        if within > self.fewest:
            return (
                f"{model} has {within}, fewer than a right model in the mean, but more than in its "
                f"worst tenth: chance may put {rows} outside."
            )
        tenth = f"fewer than the {self.fewest} that a right model has in its worst tenth"
        if within == self.fewest:
            tenth = "no more than a right model in its worst tenth"
        return f"{model} has {within}, {tenth}: chance hardly puts {rows} outside."

    def _caution(self, days: int) -> str:
        """Say that a history is much longer or shorter than the measured ones."""
        if max(days / self.days, self.days / days) <= _FAR:
            return ""
        return f" At the {days:,} days of this history that share was not measured."

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self) | {"within": self.within, "fewest": self.fewest}


def shortened(days: int, horizon: int) -> str:
    """Say that paths are shorter than the history, or nothing.

    Parameters
    ----------
    days : int
        Of the history.
    horizon : int
        Days of the shortest path.
    """
    if horizon >= days:
        return ""
    length = "1 day" if horizon == 1 else f"{horizon:,} days"
    return (
        f"The shortest paths have {length}, and the history has {days:,}. Both are cut into "
        f"stretches of {length}, so the history's own values differ from those beside longer "
        "paths. Shares of a right model were measured with paths as long as the history."
    )


def noisy(spans: float) -> str:
    """Say that the noise of few paths widens the limits of all models, or nothing.

    Parameters
    ----------
    spans : float
        How many times the days of the history the model with the fewest days holds. 0: unknown.
    """
    if not 0.0 < spans < POOL:
        return ""
    return (
        f"The fewest paths hold {spans:.1f} times the days of the history. Their own noise widens "
        "the limits of every model."
    )


def left_open(ranges: Iterable[str]) -> str:
    """Say that a history allows ranges of ES, each in words, or nothing without one."""
    told = " and ".join(ranges)
    if not told:
        return ""
    return (
        f"This history alone leaves ES at 99 % open {told}, since calm and wild years move it. "
        "Scenarios that are good for VaR and ES lie within."
    )
