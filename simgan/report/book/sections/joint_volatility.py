"""Whether the assets are wild at the same time, and follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections import BookSectionMaker
from simgan.report.book.words import NEXT_DAY, SAME_DAY
from simgan.report.verdict import Section
from simgan.stats.co_dependence import size_correlations
from simgan.stats.intervals import MEMORY

_SIZES = "correlation of the size of a move of an asset with that of another one; blind to signs"


@dataclass(frozen=True)
class JointVolatility(BookSectionMaker):
    """Correlations of |r| across assets, of a day and from a day to the next."""

    kind: ClassVar[str] = "joint-volatility"
    title: ClassVar[str] = "Wild days across assets"

    def make(self, samples: BookSamples) -> Section:
        rows, columns = samples.pairs()
        both = np.append(rows, columns), np.append(columns, rows)

        def of(days: FloatArray) -> FloatArray:
            return np.array([size_correlations(days, ahead)[both].mean() for ahead in (0, 1)])

        found = samples.measured(of)
        return Section(
            self.kind,
            self.title,
            (
                found.row(f"{SAME_DAY}, mean of all pairs", MEMORY, blind_to=_SIZES),
                found.row(
                    f"{NEXT_DAY}, mean of all pairs",
                    MEMORY,
                    point=1,
                    blind_to=f"{_SIZES}, and to memory beyond a day",
                ),
            ),
        )
