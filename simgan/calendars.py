"""Calendars: the days on which an asset trades, and the number of its steps in a year.

A history tells its calendar by its dates. Closures that move from year to year are not known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
_Numbers = NDArray[np.int64]

DAYS_A_YEAR = 365.25
CONVENTIONS = (365.0, 252.0, 52.0, 12.0, 4.0, 1.0)  # steps a year, as the field counts them
NEAR = 0.01  # relative distance at which a convention stands for a count: 251.6 is 252
FIVE_DAYS, SEVEN_DAYS = (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6)  # Monday is 0
_LONGEST_STEP = 4  # calendar days between two trading days of a long weekend
_RECENT = 52  # weeks at the end of a history that show the days of its week
_USUAL = 0.5  # share of these weeks in which an asset trades on a day of its week
_OCCASIONS = 5  # times that a day of the year was closed on such a day, never open: a holiday
_AT_MONTH_END = 4  # days before the end of a month that a last session may come
_WEEK, _MONTH = 7, DAYS_A_YEAR / 12


class Rhythm(Protocol):
    """A rule that tells the dates of the steps after a date."""

    def after(self, last: np.datetime64, count: int) -> Days:
        """Return the next `count` dates after `last`."""
        ...


@dataclass(frozen=True)
class TradingDays:
    """A step on each trading day.

    Attributes
    ----------
    weekdays : tuple of int
        Days of the week with a session. Monday is 0.
    closed : tuple of int
        Days of the year without one, as 1225 for Christmas.
    """

    weekdays: tuple[int, ...] = FIVE_DAYS
    closed: tuple[int, ...] = ()

    def after(self, last: np.datetime64, count: int) -> Days:
        span = 2 * count + 14
        while True:
            days = last + np.arange(1, span)
            found = days[
                np.isin(_weekday(days), self.weekdays) & ~np.isin(_of_year(days), self.closed)
            ]
            if len(found) >= count:
                return found[:count]
            span *= 2


@dataclass(frozen=True)
class Weeks:
    """A step each week, or every few weeks."""

    count: int = 1

    def after(self, last: np.datetime64, count: int) -> Days:
        return np.asarray(last + _WEEK * self.count * np.arange(1, count + 1))


@dataclass(frozen=True)
class Months:
    """A step each month, quarter or year.

    Attributes
    ----------
    count : int
        Months of a step.
    is_at_end : bool
        Whether a step ends with its month. Otherwise it keeps its day of the month.
    on_weekends : bool
        Whether a step may end on a Saturday or Sunday. Otherwise it ends on the nearest weekday in
        the same month.
    """

    count: int = 1
    is_at_end: bool = True
    on_weekends: bool = False

    def after(self, last: np.datetime64, count: int) -> Days:
        month = last.astype("datetime64[M]")
        months = month + self.count * np.arange(1, count + 1)
        days: Days = (months + 1).astype("datetime64[D]") - 1
        if not self.is_at_end:
            days = np.minimum(months.astype("datetime64[D]") + (last - month), days)
        if self.on_weekends:
            return days
        weekday = _weekday(days)
        nearest = 4 if self.is_at_end else _WEEK
        return np.asarray(days + np.where(weekday > 4, nearest - weekday, 0))


@dataclass(frozen=True)
class Calendar:
    """The steps of a history in time.

    Attributes
    ----------
    steps_a_year : float, optional
        252 for trading days of the United States, 365 for days, 12 for months. A count that is no
        convention stays as it is, such as 245 in Tokyo. None if the history is too short to tell.
    last : str
        ISO date of the last step. Empty if there is no such date.
    rhythm : Rhythm, optional
        The rule of the next dates. None if the steps are uneven.
    """

    steps_a_year: float | None = None
    last: str = ""
    rhythm: Rhythm | None = None

    @classmethod
    def of(cls, dates: Days) -> Calendar:
        """Read the calendar of a history from its dates, shape (days,), in increasing order."""
        days = dates.astype("datetime64[D]")
        if not len(days):
            return cls()
        rhythm = _rhythm(days)
        return cls(_steps_a_year(days, rhythm), str(days[-1]), rhythm)

    @classmethod
    def between(cls, first: str, last: str, count: int) -> Calendar:
        """Guess the calendar of a history from the ISO dates of its ends and its number of days.

        About 250 days a year are those from Monday to Friday without New Year and Christmas, and
        365 are every day.
        """
        span = int((np.datetime64(last) - np.datetime64(first)).astype(np.int64))
        if span < 1 or count < 2:
            return cls(None, last)
        steps = _conventional((count - 1) * DAYS_A_YEAR / span)
        return cls(steps, last, _usual_rhythm(steps))

    @property
    def undated(self) -> Calendar:
        """The same calendar without a last date."""
        return replace(self, last="")

    def after(self, count: int) -> Days | None:
        """Return the next `count` dates, datetime64[D], or None if they are not known."""
        if not self.last or self.rhythm is None:
            return None
        return self.rhythm.after(np.datetime64(self.last, "D"), count)


def _weekday(days: Days) -> _Numbers:
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % _WEEK)


def _of_year(days: Days) -> _Numbers:
    """Return the day of the year as a number such as 1225."""
    month = days.astype("datetime64[M]")
    return np.asarray(
        100 * (month.astype(np.int64) % 12 + 1) + (days - month.astype(days.dtype)).astype(int) + 1
    )


def _rhythm(days: Days) -> Rhythm | None:
    """Find the rule that the dates follow."""
    if len(days) < 2:
        return None
    typical = float(np.median(np.diff(days).astype(np.int64)))
    if typical <= _LONGEST_STEP:
        weekdays = _weekdays(days)
        return TradingDays(weekdays, _closed(days, weekdays)) if weekdays else None
    if round(typical) % _WEEK == 0 and typical < 0.9 * _MONTH:
        return Weeks(round(typical / _WEEK))
    if abs(typical - _MONTH * round(typical / _MONTH)) > 0.1 * _MONTH:
        return None
    month = days.astype("datetime64[M]")
    before_end = ((month + 1).astype("datetime64[D]") - 1 - days).astype(np.int64)
    return Months(
        round(typical / _MONTH),
        bool(np.median(before_end) <= _AT_MONTH_END),
        bool((_weekday(days) > 4).any()),
    )


def _weekdays(days: Days) -> tuple[int, ...]:
    """Days of the week on which the asset trades at the end of its history."""
    recent = days[days > days[-1] - _WEEK * _RECENT]
    weeks = (int((recent[-1] - recent[0]).astype(np.int64)) + 1) / _WEEK
    held = np.bincount(_weekday(recent), minlength=_WEEK)
    return tuple(np.flatnonzero(held >= _USUAL * weeks).tolist())


def _closed(days: Days, weekdays: tuple[int, ...]) -> tuple[int, ...]:
    """Days of the year on which the asset never traded, though its week has a session then."""
    every = np.arange(days[0], days[-1] + 1)
    usual = every[np.isin(_weekday(every), weekdays)]
    expected = np.bincount(_of_year(usual), minlength=1300)
    held = np.bincount(_of_year(days), minlength=1300)
    return tuple(np.flatnonzero((expected >= _OCCASIONS) & (held == 0)).tolist())


def _steps_a_year(days: Days, rhythm: Rhythm | None) -> float | None:
    span = int((days[-1] - days[0]).astype(np.int64))
    if span < 1:
        return None
    if span < DAYS_A_YEAR and isinstance(rhythm, TradingDays):  # a part of a year lacks holidays
        count = len(rhythm.weekdays)
        return CONVENTIONS[0] if count == _WEEK else CONVENTIONS[1] / len(FIVE_DAYS) * count
    return _conventional((len(days) - 1) * DAYS_A_YEAR / span)


def _conventional(steps: float) -> float:
    """Return the convention that is near a count of steps, or else the count."""
    return next((usual for usual in CONVENTIONS if abs(steps / usual - 1.0) <= NEAR), steps)


def _usual_rhythm(steps: float) -> Rhythm | None:
    """Return the rhythm that a number of steps a year is usual for."""
    if 235.0 <= steps <= 262.0:
        return TradingDays(FIVE_DAYS, (101, 1225))
    if steps == CONVENTIONS[0]:
        return TradingDays(SEVEN_DAYS)
    if steps == 52.0:
        return Weeks()
    return Months(round(12.0 / steps)) if steps in (12.0, 4.0, 1.0) else None
