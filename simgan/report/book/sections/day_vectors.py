"""Distances between days as vectors of returns: all that moves together on a day, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.report.book.measured import root_mean_square
from simgan.report.book.samples import FEWEST_COMMON, BookSamples, traded
from simgan.report.book.sections import BookSectionMaker
from simgan.report.book.words import ENERGY, VARIOGRAM
from simgan.report.samples import Prepared
from simgan.report.verdict import Section
from simgan.stats.vector_distances import energy_of_days, mean_distance, variogram

_MOST_REAL, _MOST_FAKE = 800, 1600  # days, evenly spaced: more cost much and move the value little
_FLOOR_SINGLES = 2


@dataclass(frozen=True)
class DayVectors(BookSectionMaker):
    """Energy distance and variogram distance of days, each asset in its standard deviations."""

    kind: ClassVar[str] = "day-vectors"
    title: ClassVar[str] = "Days as vectors"

    def make(self, samples: BookSamples) -> Section:
        spreads = np.nanstd(samples.real, axis=0)
        rows, columns = samples.pairs()
        assets = len(samples.assets)
        is_pair = np.zeros((assets, assets), bool)
        is_pair[rows, columns] = True
        which = is_pair[np.triu_indices(assets, 1)]
        by_pairs = samples.measured(lambda days: variogram(days / spreads)[which])
        made = [
            by_pairs.distance(
                VARIOGRAM,
                root_mean_square,
                blind_to="root of the mean squared difference of E|Xᵢ − Xⱼ|^½ over pairs; sees "
                "correlations; blind to a shift of all assets",
            )
        ]
        whole = int(samples.whole.sum())
        if whole < FEWEST_COMMON:
            reason = f"{ENERGY}: the history has {whole} days on which all assets traded"
            return Section(self.kind, self.title, tuple(made), (reason,))
        statistic = Prepared(
            lambda _, fake: _thinned(fake.reshape(-1, assets) / spreads, _MOST_FAKE),
            lambda real, fake: _energy(real / spreads, fake),
        )
        made.insert(
            0,
            samples.distance(
                ENERGY,
                statistic,
                singles=_FLOOR_SINGLES,
                blind_to="sees margins well and dependence less; blind to the order of days",
            ),
        )
        return Section(self.kind, self.title, tuple(made))


def _thinned(days: AnyFloatArray, most: int) -> FloatArray:
    """Return the days on which all assets traded, at most so many, evenly spaced."""
    whole = traded(days)
    at = np.linspace(0, len(whole) - 1, min(most, len(whole))).astype(np.intp)
    return np.asarray(whole[at], np.float64)


def _energy(real: FloatArray, fake: FloatArray) -> float:
    own = _thinned(real, _MOST_REAL)
    return energy_of_days(own, fake, mean_distance(fake, fake))
