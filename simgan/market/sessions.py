"""Sessions: closes and bars of one asset in the order of time, one row a day, under judgement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray, IntArray
from simgan.market.jumps import Jump, jumps_of
from simgan.market.prices import Bars, Dates, Quotes

Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]

SHOWN = 5  # places named in one list
MOVES = 20  # moves of the price that show the smallest one
SAME = 1e-6  # relative difference of prices that were rounded to single precision


@dataclass(frozen=True)
class Sessions:
    """Trading sessions of one asset.

    Attributes
    ----------
    dates : array of datetime64[D], shape (days,)
        Strictly increasing.
    closes : array of shape (days,)
        Positive and finite.
    at : callable
        Names the place of a day: ``line 12 (2018-12-28)``.
    bars : Bars, optional
        Each array of shape (days,), in the unit of the closes.
    """

    dates: Dates
    closes: FloatArray
    at: Callable[[int], str]
    bars: Bars | None = None

    def __len__(self) -> int:
        return len(self.dates)

    @cached_property
    def logs(self) -> FloatArray:
        """Logarithms of the closes."""
        return np.asarray(np.log(self.closes), np.float64)

    @cached_property
    def jumps(self) -> list[Jump]:
        """Large changes from one day to the next."""
        return jumps_of(self.logs)

    @cached_property
    def moves(self) -> FloatArray:
        """Changes of the close, upwards, of shape (days − 1,)."""
        return np.asarray(np.abs(np.diff(self.closes)), np.float64)

    @cached_property
    def smallest_move(self) -> float:
        """The smallest change that is no rounding. Zero in a series with few changes."""
        moves = self.moves[self.moves > SAME * self.closes[1:]]
        return float(moves.min()) if len(moves) >= MOVES else 0.0

    @cached_property
    def steps(self) -> IntArray:
        """Calendar days between one session and the next, of shape (days − 1,)."""
        return np.diff(self.dates).astype("timedelta64[D]").astype(np.int64)

    def between(self, first: int, last: int) -> str:
        """Name the places of the first and the last day of a stretch."""
        return self.at(first) if first == last else f"{self.at(first)} to {self.at(last)}"

    def stretches(self, pairs: Sequence[tuple[int, int]]) -> str:
        """Name the first few stretches, each from a first day to the day before a stop."""
        return first_few([self.between(first, stop - 1) for first, stop in pairs])


def weeks_and_weekdays(dates: Dates) -> tuple[IntArray, IntArray]:
    """Return the week of each date and its day of the week. Monday is 0, and begins a week."""
    return np.divmod(dates.astype("datetime64[D]").astype(np.int64) + 3, 7)  # day 0: a Thursday


def origin_of(quotes: Quotes) -> str:
    """Name the file of quotes, or their asset."""
    return quotes.origin or quotes.asset


def place_and_date(quotes: Quotes, row: int) -> str:
    """Name the place of a row and its date: ``line 12 (2018-12-28)``."""
    place, date = quotes.place(row), str(quotes.dates[row])
    return place if date in place or date == "NaT" else f"{place} ({date})"


def first_few(places: Sequence[str]) -> str:
    """Join the first few places of a long list: ``line 3, line 4 and 7 more``."""
    rest = len(places) - SHOWN
    return ", ".join(places[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def counted(count: int, noun: str) -> str:
    """Write a number with its noun: ``1 row``, ``2 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
