"""Jumps of prices that no market makes: wrong units, missing splits, bad ticks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray

# A price in the wrong unit (×100) changes at least this much, even on a day that halves it.
HUNDREDFOLD = 50.0
UNIT = (80.0, 120.0)  # a change of unit by 100 on a day that moves the price by 20 %
LEAST = 1.9  # the smallest jump of interest: a split 2 for 1 on a day that gains 5 %
DAYS_BACK = 5  # a bad tick is over after this many days
SPIKE = 10.0  # standard deviations there and back; the largest of ../shared/data/market is 6.9
MAD_TO_SIGMA = 1.4826  # standard deviation of a normal law over its median absolute deviation
_HALF_YEAR = 60  # days on either side that show the usual moves
_LOOKED_AT = 1000  # later jumps that may be the return of a wrong unit


@dataclass(frozen=True)
class Jump:
    """A large change of the price from one day to the next.

    Attributes
    ----------
    row : int
        The first day at the new level.
    back : int or None
        The first day that is at the old level again, if there is one.
    ratio : float
        Price on that first day, over the price of the day before.
    """

    row: int
    back: int | None
    ratio: float

    @property
    def last(self) -> int:
        """The last day before the return."""
        return self.row if self.back is None else self.back - 1

    @property
    def size(self) -> float:
        """The ratio upwards, whatever the direction."""
        return max(self.ratio, 1 / self.ratio)

    @property
    def words(self) -> str:
        """The size and direction: ``up 3.02-fold``."""
        size = f"{self.size:.3g}" if self.size < 1000 else f"{self.size:,.0f}"
        return f"{'up' if self.ratio > 1 else 'down'} {size}-fold"


def jumps_of(logs: FloatArray) -> list[Jump]:
    """Find the jumps of log prices of shape (days,), each with its return.

    A price is back when it is near its old level: within a fourth of the jump, in logarithms. A
    wrong unit may last for years, and a bad tick lasts a few days. Whatever happens between a jump
    and its return belongs to it.
    """
    steps = np.diff(logs)  # (days − 1,)
    breaks = np.flatnonzero(np.abs(steps) >= np.log(LEAST)) + 1
    found, done = list[Jump](), 0
    for i, row in enumerate(breaks.tolist()):
        if row < done:
            continue
        size, before = abs(steps[row - 1]), logs[row - 1]
        later = breaks[i + 1 : i + 1 + _LOOKED_AT]
        if size < np.log(HUNDREDFOLD):
            later = later[later <= row + DAYS_BACK]
        near = np.flatnonzero(np.abs(logs[later] - before) <= size / 4)
        back = int(later[near[0]]) if near.size else None
        found.append(Jump(row, back, float(np.exp(steps[row - 1]))))
        done = row if back is None else back + 1
    return found


def spikes_of(logs: FloatArray) -> list[Jump]:
    """Find single days that are far off, measured by the usual moves, and back on the next day.

    The usual move is `MAD_TO_SIGMA` times the median of the moves of half a year that are not
    zero.
    """
    steps = np.diff(logs)  # (days − 1,)
    sizes = np.abs(steps)
    if not sizes.any():
        return []
    there, back = steps[:-1], steps[1:]  # (days − 2,)
    off = np.minimum(sizes[:-1], sizes[1:])
    half = SPIKE / 2 * _usual(sizes)  # of the whole series, which is quick and leaves few
    found = []
    for i in np.flatnonzero((np.abs(there + back) <= sizes[:-1] / 4) & (off > half)).tolist():
        around = np.r_[sizes[max(i - _HALF_YEAR, 0) : i], sizes[i + 2 : i + 2 + _HALF_YEAR]]
        if around.any() and off[i] > SPIKE * _usual(around):
            found.append(Jump(i + 1, i + 2, float(np.exp(there[i]))))
    return found


def _usual(sizes: FloatArray) -> float:
    return MAD_TO_SIGMA * float(np.median(sizes[sizes > 0]))
