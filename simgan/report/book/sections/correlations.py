"""How the assets move together on all days: correlations of pairs, and their eigenvalues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.book.measured import WANTED, Measured, largest
from simgan.report.book.samples import FEWEST_COMMON, BookSamples, Pairs, traded
from simgan.report.book.sections import BookSectionMaker
from simgan.report.book.words import (
    BY_RANKS,
    CALM,
    CORRELATION,
    FARTHEST,
    FIRST,
    FIRST_THREE,
    PAIRS,
    RISE,
    TURBULENT,
)
from simgan.report.verdict import Row, Section
from simgan.stats.co_dependence import correlations, rank_correlations, regimes, spectrum

_LEADING = 3  # eigenvalues
_FEWEST_DAYS = 330  # on which all assets traded: calm and turbulent ones are thirds of them
_LINEAR = "blind to dependence that is not linear, and to joint extremes"
_UNREST = (
    "calm and turbulent days are thirds of all days, by the volatility of equal shares over the 21 "
    "days before, on each side by its own"
)


@dataclass(frozen=True)
class Correlations(BookSectionMaker):
    """Correlations in the mean, in calm and turbulent times, by ranks, and pair by pair."""

    kind: ClassVar[str] = "correlations"
    title: ClassVar[str] = "How the assets move together"

    def make(self, samples: BookSamples) -> Section:
        rests = samples.rests_on()
        pairs = samples.correlations
        rows = [pairs.mean().row(CORRELATION, blind_to=f"{_LINEAR}{rests}")]
        skipped = [_left_out(samples)] if _left_out(samples) else []
        whole = int(samples.whole.sum())
        if whole >= _FEWEST_DAYS:
            rows += _in_regimes(samples, whole)
        else:
            skipped.append(
                f"calm and turbulent days: {_FEWEST_DAYS} days on which all assets trade are "
                f"needed, and the history has {whole}"
            )
        at = samples.pairs()
        by_ranks = samples.measured(lambda days: _mean(rank_correlations(days)[at]))
        rows += [
            by_ranks.row(f"{BY_RANKS}, mean of all pairs", blind_to="blind to joint extremes"),
            pairs.distance(FARTHEST, largest, blind_to=f"the single worst pair{rests}"),
            pairs.share_within(
                f"{PAIRS} its own interval",
                blind_to=WANTED,
            ),
            *_eigenvalues(samples, pairs),
        ]
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


def _mean(of_pairs: FloatArray) -> FloatArray:
    return np.array([of_pairs.mean()])


def _in_regimes(samples: BookSamples, whole: int) -> list[Row]:
    above = np.triu_indices(len(samples.assets), 1)
    rests = f"; from the {whole:,} days on which all traded" if whole < len(samples.real) else ""

    def of(days: FloatArray) -> FloatArray:
        own = traded(days)
        if len(own) < FEWEST_COMMON:
            return np.full(3, np.nan)
        calm, turbulent = (float(correlations(own[those])[above].mean()) for those in regimes(own))
        return np.array([calm, turbulent, turbulent - calm])

    found = samples.measured(of)
    return [
        found.row(f"{name}, mean of all pairs", point=point, blind_to=f"{_UNREST}{rests}")
        for point, name in enumerate((CALM, TURBULENT, RISE))
    ]


def _eigenvalues(samples: BookSamples, pairs: Measured) -> list[Row]:
    """Compare the shares of variance of the leading eigen-portfolios of standardised returns."""
    assets, at = len(samples.assets), samples.pairs()
    if assets <= _LEADING:
        return []
    shares = pairs.each(lambda values: _shares(values, assets, at))
    note = f"how much one force, or {_LEADING}, moves all assets; blind to which assets they move"
    return [
        shares.row(f"{FIRST}, share of all", scale=100, unit="%", blind_to=note),
        shares.row(
            f"{FIRST_THREE}, share of all", point=1, scale=100, unit="%",
            blind_to=note,
        ),
    ]  # fmt: skip


def _shares(values: FloatArray, assets: int, at: Pairs) -> FloatArray:
    found = spectrum(matrix_of(values, assets, at))
    return np.array([found[0], found[:_LEADING].sum()])


def matrix_of(values: FloatArray, assets: int, at: Pairs) -> FloatArray:
    """Return numbers of pairs (pairs,) as a symmetric matrix, with NaN elsewhere."""
    found = np.full((assets, assets), np.nan)
    found[at] = found[at[::-1]] = values
    return found


def _left_out(samples: BookSamples) -> str:
    """Tell pairs that have too few common days."""
    assets = len(samples.assets)
    missing = assets * (assets - 1) // 2 - len(samples.pairs()[0])
    if not missing:
        return ""
    pairs = "1 pair" if missing == 1 else f"{missing:,} pairs"
    return f"{pairs}: fewer than {FEWEST_COMMON} days, or a fifth of all, in common"
