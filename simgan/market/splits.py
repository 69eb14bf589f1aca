"""Splits that the source knows: earlier closes are divided by them where the source did not.

Vendors differ. yfinance has a column of splits beside closes that are adjusted for them, and Alpha
Vantage has one beside closes as traded. The move of the price on the day of the split decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from simgan.arrays import FloatArray
from simgan.market.jumps import MAD_TO_SIGMA
from simgan.market.prices import Dates, Note, Quotes, warned
from simgan.market.sessions import first_few

CLEAR = 0.1  # a smaller split (in logarithms) may be a day of the market
CLEAR_SIGMAS = 4.0  # and so may one that is smaller than this many standard deviations
NEAR = 1 / 3  # distance from an expected move, as a share of the split, in logarithms


class Adjustment(StrEnum):
    """Whether the closes before a split are adjusted for it."""

    ADJUSTED = "adjusted"
    RAW = "raw"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Split:
    """A split with the first session after it.

    Attributes
    ----------
    day : int
        Number of the session.
    ratio : float
        New shares for one old share.
    state : Adjustment
    """

    day: int
    ratio: float
    state: Adjustment

    @property
    def words(self) -> str:
        """The split as it is announced: ``4-for-1``, ``1-for-10``."""
        ratio = Fraction(self.ratio).limit_denominator(100)
        return f"{ratio.numerator}-for-{ratio.denominator}"


def splits_of(quotes: Quotes, dates: Dates, closes: FloatArray) -> list[Split]:
    """Judge the splits of a source by closes in the order of time.

    A small split cannot be told from a day of the market. It follows the others of the source where
    these agree.
    """
    known = _by_session(quotes, dates)
    if not known:
        return []
    moves = np.diff(np.log(closes))  # (days − 1,)
    sigma = float(MAD_TO_SIGMA * np.nanmedian(np.abs(moves - np.nanmedian(moves))))
    judged = [_adjustment(float(moves[day - 1]), ratio, sigma) for day, ratio in known]
    clear = {state for state in judged if state is not Adjustment.UNCLEAR}
    others = clear.pop() if len(clear) == 1 else Adjustment.UNCLEAR
    return [
        Split(day, ratio, others if _is_small(ratio, sigma) else state)
        for (day, ratio), state in zip(known, judged, strict=True)
    ]


def factors_of(splits: list[Split], days: int) -> FloatArray:
    """Return the divisor of each close, of shape (days,). It is 1 where nothing is to do."""
    factors = np.ones(days)
    for split in splits:
        if split.state is Adjustment.RAW:
            factors[: split.day] *= split.ratio
    return factors


def notes_of(splits: list[Split], at: Callable[[int], str]) -> list[Note]:
    """Tell which splits were made up for, and which could not be judged."""
    notes = []
    for state, text in _TEXTS.items():
        if found := [s for s in splits if s.state is state]:
            places = first_few([f"{s.words} at {at(s.day)}" for s in found])
            notes.append(warned(text.format(places)))
    return notes


_TEXTS = {
    Adjustment.RAW: "the closes were not adjusted for the split {}: "
    "all earlier prices were divided by its ratio",
    Adjustment.UNCLEAR: "it cannot be told whether the closes are adjusted for the split {}: "
    "they were left as they are, check them",
}


def _by_session(quotes: Quotes, dates: Dates) -> list[tuple[int, float]]:
    """Return session and ratio of each split after the first session.

    A split on a day without a price takes effect in the next session.
    """
    if quotes.splits is None:
        return []
    given = np.nan_to_num(quotes.splits, nan=1.0, posinf=1.0)
    rows = np.flatnonzero((given > 0) & (given != 1) & ~np.isnat(quotes.dates))
    of_days = {quotes.dates[row]: float(given[row]) for row in sorted(rows, key=given.item)}
    ratios = dict[int, float]()
    for date, ratio in sorted(of_days.items()):
        session = int(np.searchsorted(dates, date))
        if 0 < session < len(dates):
            ratios[session] = ratios.get(session, 1.0) * ratio
    return [(session, ratio) for session, ratio in ratios.items() if ratio != 1]


def _is_small(ratio: float, sigma: float) -> bool:
    return abs(math.log(ratio)) < max(CLEAR, CLEAR_SIGMAS * sigma)


def _adjustment(move: float, ratio: float, sigma: float) -> Adjustment:
    """Compare the move with the one of a split that nobody adjusted for, −ln(ratio), and with 0."""
    split = math.log(ratio)
    if _is_small(ratio, sigma):
        return Adjustment.UNCLEAR
    if abs(move + split) < NEAR * abs(split):
        return Adjustment.RAW
    return Adjustment.ADJUSTED if abs(move) < NEAR * abs(split) else Adjustment.UNCLEAR
