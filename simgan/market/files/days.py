"""The day to which a row belongs, where rows have a time of day.

One row a day is a daily bar, whatever its time of day. Without a zone its date is the printed one.
In another zone than that of the exchange its day can begin on the evening before. The days of the
week tell which day it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgan.arrays import FloatArray, IntArray
from simgan.errors import PriceError
from simgan.market.files.dates import Stamps
from simgan.market.prices import Dates
from simgan.market.sessions import weeks_and_weekdays

INTRADAY = 0.05  # share of days with several times of day, from which bars are intraday
_MIDNIGHT_IN_AUCKLAND = 11 * 3600  # in Greenwich, on the day before
_EVENING = 15 * 3600  # midnight in Tokyo, in Greenwich on the day before
_HALF_HOUR = 1800  # seconds: most zones differ from Greenwich by a multiple of it


def days_of(stamps: Stamps, place: Callable[[int], str]) -> tuple[Dates, str]:
    """Return the day of each row, and a description of the times of day.

    Parameters
    ----------
    stamps : Stamps
        Rows of one asset.
    place : callable
        Names the place of a row.

    Raises
    ------
    PriceError
        There are several bars a day, or the day of a row cannot be told.
    """
    timed = np.flatnonzero(~np.isnan(stamps.seconds) & ~np.isnat(stamps.dates))
    if not len(timed):
        return stamps.dates, ""
    seconds = stamps.seconds[timed]
    if (seconds == 0).all():
        return stamps.dates, "midnight"
    _refuse_intraday(stamps, timed, place)
    _expect_zones(stamps, timed, place)
    shifted = stamps.dates.copy()
    if stamps.has_zone[timed].all():
        shifted[timed] = _in_the_week(stamps.dates[timed], seconds)
    else:
        _refuse_evenings(stamps.dates[timed], seconds)
    moved = bool((shifted[timed] != stamps.dates[timed]).any())
    return shifted, _span(seconds) + (", which belong to the next day" if moved else "")


def _expect_zones(stamps: Stamps, timed: IntArray, place: Callable[[int], str]) -> None:
    """Refuse a column in which some times of day have a zone and others have none."""
    zoned = stamps.has_zone[timed]
    if zoned.any() and not zoned.all():
        is_odd = zoned if zoned.mean() < 0.5 else ~zoned
        odd = int(timed[np.flatnonzero(is_odd)[0]])
        without = "a" if zoned.mean() < 0.5 else "no"
        raise PriceError(
            f"{place(odd)}: the time of day has {without} time zone, unlike those of other rows; "
            "write all of them alike"
        )


def _span(seconds: FloatArray) -> str:
    first, last = (
        f"{int(s) // 3600:02d}:{int(s) // 60 % 60:02d}" for s in np.percentile(seconds, (0, 100))
    )
    return first if first == last else f"{first} to {last}"


def _refuse_intraday(stamps: Stamps, timed: IntArray, place: Callable[[int], str]) -> None:
    """Refuse several times of day on the same day."""
    order = timed[np.lexsort((stamps.seconds[timed], stamps.dates[timed]))]
    same_day = stamps.dates[order][1:] == stamps.dates[order][:-1]
    later = stamps.seconds[order][1:] != stamps.seconds[order][:-1]
    if not (same_day & later).any():
        return
    days = np.unique(stamps.dates[order])
    busy = np.unique(stamps.dates[order][1:][same_day & later])
    if len(busy) <= INTRADAY * len(days):
        return  # a last session that is there twice: the judgement compares the prices
    first = int(np.flatnonzero(same_day & later)[0])
    raise PriceError(
        f"{place(int(order[first]))} and {place(int(order[first + 1]))} are bars of the same day "
        f"({stamps.dates[order[first]]}): these are intraday bars, about "
        f"{len(order) / len(days):.0f} a day, which are not learned yet; give one row a day"
    )


def _weekdays(dates: Dates) -> set[int]:
    """Return the days of the week, Monday as 0."""
    return set(weeks_and_weekdays(dates)[1].tolist())


def _refuse_evenings(dates: Dates, seconds: FloatArray) -> None:
    """Refuse evenings of Sunday to Thursday: perhaps they are midnights of another zone."""
    if (seconds >= _EVENING).all() and 6 in _weekdays(dates) and 4 not in _weekdays(dates):
        raise _undecided(seconds)


def _in_the_week(dates: Dates, seconds: FloatArray) -> Dates:
    """Choose between the printed day and the next midnight by the days of the week.

    Midnight of Tokyo is 15:00 in Greenwich on the day before, and midnight of Auckland 11:00.
    """
    late = seconds >= _MIDNIGHT_IN_AUCKLAND
    on_the_half_hour = seconds[late] % _HALF_HOUR == 0
    if not on_the_half_hour.any():
        return dates  # no midnight of any zone
    if not on_the_half_hour.all():
        raise _undecided(seconds)
    rounded = dates + late.astype("timedelta64[D]")
    weekends = [bool(_weekdays(days) & {5, 6}) for days in (dates, rounded)]
    if weekends[0] == weekends[1]:
        raise _undecided(seconds)
    return rounded if weekends[0] else dates


def _undecided(seconds: FloatArray) -> PriceError:
    return PriceError(
        f"rows at {_span(seconds)} can belong to that day or to the next one, and the days of the "
        "week do not tell; give dates of the exchange without a time of day"
    )
