"""The yardstick of a count of rows: how many of them a right model has within.

The shares are measured: `benchmarks/report_coverage.py` judges a GJR-GARCH-t law against its own
histories, by the sections on returns. A model that is right has no more rows within than the law
itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

MEASURED_SECTIONS = ("moments", "quantiles", "tails", "distances", "dependence")
# Days of a history → share of rows within, in the mean and in the worst tenth of histories
MEASURED = {1000: (0.94, 0.81), 2500: (0.94, 0.81)}
HISTORIES = {1000: 100, 2500: 200}


@dataclass(frozen=True)
class Yardstick:
    """Rows that a right model has within its limits.

    Attributes
    ----------
    judged : int
        Rows of the measured sections that are judged.
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

    @property
    def within(self) -> int:
        """Rows that a right model has within in the mean."""
        return round(self.share * self.judged)

    @property
    def fewest(self) -> int:
        """Rows that a right model has within in the worst tenth of histories, at the most."""
        return int(self.worst_tenth * self.judged)

    @property
    def sentence(self) -> str:
        """The yardstick on one line, with the measured coverage of the nominal limits."""
        outside = self.judged - self.within
        chance = "1 row outside is" if outside == 1 else f"{outside} rows outside are"
        return (
            f"Of the {self.judged} statistics from moments to dependence, a right model has "
            f"{self.within} within in the mean, and {self.fewest} or fewer in one history of ten: "
            f"{chance} chance. "
            f"Limits of 95 % held {100 * self.share:.0f} % in {self.histories} made histories of "
            f"{self.days:,} days."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self) | {
            "within": self.within,
            "fewest": self.fewest,
            "sentence": self.sentence,
        }
