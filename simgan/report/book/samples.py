"""Samples of a book: a history of several assets, and paths of all of them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray, whole_rows
from simgan.baselines.plausible_vectors import plausible_vectors
from simgan.report.book.measured import Measured
from simgan.report.book.portfolios import Portfolios
from simgan.report.samples import OF_LEVELS, RESAMPLES, SINGLES, Samples
from simgan.stats.co_dependence import common_days, correlations, joint_exceedances
from simgan.stats.intervals import POOL, block_length, stationary_resamples

FEWEST_COMMON = 100  # days of a pair, or it has no row
LEAST_SHARE = 0.2  # of the days: of fewer, many resamples hold none
_FEWEST_RESAMPLES = 20
_FEW = 0.98  # share of the days, below which their number is told

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]  # rows and columns of a matrix
Statistic = Callable[[FloatArray], FloatArray]  # (days, assets) → (points,)


@dataclass(frozen=True)
class BookSamples(Samples):
    """Samples whose days are vectors of the returns of all assets.

    `real` has shape (days, assets), with NaN where an asset did not trade. Paths have shape (paths,
    days, assets), as long as the history.

    Attributes
    ----------
    assets : tuple of str
    portfolios : Portfolios
        Their gains are compared.
    """

    assets: tuple[str, ...]
    portfolios: Portfolios

    @cached_property
    def resamples(self) -> FloatArray:
        """Block resamples (resamples, days, assets) of whole days.

        The blocks are those that the asset with the longest memory needs.
        """
        every = [self.own(column) for column in range(len(self.assets))]
        longest = max(block_length(own) for own in every if len(own) >= FEWEST_COMMON)
        numbers = stationary_resamples(
            np.arange(len(self.real), dtype=np.float64),
            RESAMPLES,
            self.seed.stream("bootstrap"),
            longest,
        )
        return self.real[numbers.astype(np.intp)]

    @cached_property
    def histories(self) -> FloatArray:
        """Histories (laws, histories, days, assets) of laws that the history of each allows."""
        drawn: AnyFloatArray = plausible_vectors(
            self.real, SINGLES + POOL, lambda number: self.seed.stream("plausible", 2, number)
        )
        return drawn  # type: ignore[return-value]  # in float32, which is half of the memory

    def own(self, column: int) -> FloatArray:
        """Return the log returns (days,) of an asset, on the days on which it traded."""
        returns = self.real[:, column]
        return returns[np.isfinite(returns)]

    def measured(self, statistic: Statistic) -> Measured:
        """Take the numbers of a statistic of the history, and of all that it is compared with."""
        real = statistic(self.real)
        return Measured(
            real=real,
            of_laws=np.stack(
                [[statistic(one) for one in law[:OF_LEVELS]] for law in self.histories]
            ),
            of_resamples=_complete(np.stack([statistic(one) for one in self.resamples]), real),
            of_models={
                name: np.stack([statistic(path) for path in paths])
                for name, paths in self.fakes.items()
            },
            spans=self.spans,
        )

    def pairs(self) -> Pairs:
        """Return the rows and columns of the pairs with enough common days."""
        needed = max(FEWEST_COMMON, LEAST_SHARE * len(self.real))
        rows, columns = np.nonzero(np.triu(self.common >= needed, 1))
        return rows, columns

    @cached_property
    def common(self) -> FloatArray:
        """Days (assets, assets) that each pair has in common."""
        return common_days(self.real)

    def rests_on(self) -> str:
        """Say on how few days a pair rests, or nothing where all have nearly all days."""
        rows, columns = self.pairs()
        few, days = int(self.common[rows, columns].min()), len(self.real)
        return f"; a pair rests on {few:,} days or more of {days:,}" if few < _FEW * days else ""

    @cached_property
    def correlations(self) -> Measured:
        """Correlations of the pairs of `pairs`."""
        at = self.pairs()
        return self.measured(lambda days: correlations(days)[at])

    @cached_property
    def joint_falls(self) -> Measured:
        """Lower tail dependence of the pairs of `pairs`."""
        at = self.pairs()
        return self.measured(lambda days: joint_exceedances(days)[at])

    @cached_property
    def whole(self) -> NDArray[np.bool_]:
        """Tell the days (days,) on which all assets traded."""
        return whole_rows(self.real)


def traded(days: AnyFloatArray) -> AnyFloatArray:
    """Return the days on which all assets traded."""
    return days[whole_rows(days)]


def _complete(resampled: FloatArray, real: FloatArray) -> FloatArray:
    """Leave out resamples (resamples, points) without enough days of an asset.

    Where nearly all would be left out, the history stands in for them.
    """
    is_whole = whole_rows(resampled)
    if is_whole.sum() >= _FEWEST_RESAMPLES:
        return resampled[is_whole]
    return np.where(np.isfinite(resampled), resampled, real)


@dataclass(frozen=True)
class AssetSamples(Samples):
    """Samples of one asset of a book, with its part of the histories of the book."""

    book: BookSamples
    column: int

    @classmethod
    def of(cls, book: BookSamples, column: int, models: tuple[str, ...]) -> AssetSamples:
        """Take an asset of a book, with the paths of some models."""
        fakes = {name: book.fakes[name][..., column].astype(np.float64) for name in models}
        return cls(book.own(column), fakes, book.seed, book, column)

    @cached_property
    def histories(self) -> FloatArray:
        """Histories (laws, histories, days) on the days on which the asset traded."""
        known = np.isfinite(self.book.real[:, self.column])
        return self.book.histories[..., known, self.column].astype(np.float64)
