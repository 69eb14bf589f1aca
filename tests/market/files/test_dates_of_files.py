"""Dates in each notation, and the day of a row that has a time of day."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from simgan.errors import PriceError
from simgan.market.files.dates import NOTATIONS, looks_like_dates, stamps_of
from simgan.market.files.days import days_of

WRITTEN = {  # cell: (date, seconds of the day)
    "2018-10-01": ("2018-10-01", None),
    "2018/1/2": ("2018-01-02", None),
    "2018. 12. 28.": ("2018-12-28", None),
    "2018-10-01 00:00:00-04:00": ("2018-10-01", 0),
    "2018-10-01T21:00:00.000000000Z": ("2018-10-01", 75600),
    "20181001": ("2018-10-01", None),
    "20181001.0": ("2018-10-01", None),
    "20181001 170000": ("2018-10-01", 61200),
    "20181001160000": ("2018-10-01", 57600),
    "2018년 12월 28일": ("2018-12-28", None),
    "2018年1月2日": ("2018-01-02", None),
    "10/31/2018": ("2018-10-31", None),
    "31.10.2018": ("2018-10-31", None),
    "10/31/2018 4:00:00 PM": ("2018-10-31", 57600),
    "10/31/2018 12:30 AM": ("2018-10-31", 1800),
    "Oct 01, 2018": ("2018-10-01", None),
    "October 1st, 2018": ("2018-10-01", None),
    "Mon, 01 Oct 2018": ("2018-10-01", None),
    "01-Oct-18": ("2018-10-01", None),
    "31-Dec-99": ("1999-12-31", None),
    "03-Jan-00": ("2000-01-03", None),
    "1 de octubre de 2018": ("2018-10-01", None),
    "1 März 2018": ("2018-03-01", None),
    "3 août 2018": ("2018-08-03", None),
    "2018-Oct-01": ("2018-10-01", None),
    "107/10/01": ("2018-10-01", None),
    "民國107年10月01日": ("2018-10-01", None),
    "43374": ("2018-10-01", None),
    "43374.6666667": ("2018-10-01", 57600),
    "1538352000": ("2018-10-01", 0),
    "1538352000000": ("2018-10-01", 0),
    "1538352000000000": ("2018-10-01", 0),
    "1538352000000000000": ("2018-10-01", 0),
    "2018-02-30": ("NaT", None),
    "31.02.2018": ("NaT", None),
}


@pytest.mark.parametrize("cell", WRITTEN)
def test_a_date_is_read(cell: str) -> None:
    date, seconds = WRITTEN[cell]
    stamps = stamps_of(pa.array([cell]))
    assert str(stamps.dates[0]) == date
    if date != "NaT":
        assert np.array_equal(stamps.seconds, [np.nan if seconds is None else seconds], True)


def test_every_notation_has_a_date_here() -> None:
    explained = {n.name for n in NOTATIONS if any(n.explains([cell]) for cell in WRITTEN)}
    assert explained == {n.name for n in NOTATIONS}


@pytest.mark.parametrize("cell", ["", "Close", "1.2345", "12", "2018", "1.5e9", "10-2018", "AAPL"])
def test_other_cells_are_no_dates(cell: str) -> None:
    assert not looks_like_dates([cell])


def test_the_whole_column_tells_day_and_month() -> None:
    assert str(stamps_of(pa.array(["03/04/2018", "13/04/2018"])).dates[0]) == "2018-04-03"
    assert str(stamps_of(pa.array(["03/04/2018", "04/13/2018"])).dates[0]) == "2018-03-04"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["03/04/2018", "04/05/2018"], "'03/04/2018' is ambiguous"),
        (["13/04/2018", "04/13/2018"], "'13/04/2018' and '04/13/2018' have day and month in diff"),
        (["89/01/05", "89/01/06", "89/01/31"], "ambiguous"),  # 1989, or 2000 in Taiwan
        (["yesterday", "today"], "no dates that are understood: 'yesterday', 'today'"),
    ],
)
def test_dates_that_cannot_be_told_are_refused(cells: list[str], told: str) -> None:
    with pytest.raises(PriceError, match=told):
        stamps_of(pa.array(cells))


def test_years_of_two_digits_come_first_where_only_this_goes_on() -> None:
    stamps = stamps_of(pa.array(["18.10.29", "18.10.30", "18.10.31"]))
    assert [str(day) for day in stamps.dates] == ["2018-10-29", "2018-10-30", "2018-10-31"]


def test_years_of_the_buddhist_calendar_are_543_ahead() -> None:
    assert str(stamps_of(pa.array(["31/10/2561", "29/02/2559"]), 543).dates[1]) == "2016-02-29"


def test_common_years_below_a_thai_name_stay() -> None:
    assert str(stamps_of(pa.array(["31/10/2018", "29/02/2016"]), 543).dates[0]) == "2018-10-31"


def week(first: str, days: list[int], clock: str) -> list[str]:
    return [f"{np.datetime64(first) + day}T{clock}" for day in days]


MONDAY, SUNDAY = "2018-10-01", "2018-09-30"
WEEK = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
STAMPS = {  # cells of two weeks: days from the printed date to the right one, or None to refuse
    "opening bell of New York": (week(MONDAY, WEEK, "13:30:00Z"), 0),
    "closing bell of New York": (week(MONDAY, WEEK, "20:00:00Z"), 0),
    "midnights of Berlin": (week(SUNDAY, WEEK, "22:00:00Z"), 1),
    "midnights of Tokyo": (week(SUNDAY, WEEK, "15:00:00+00:00"), 1),
    "midnights of Sydney": (week(SUNDAY, WEEK, "14:00:00Z"), 1),
    "midnights of New York": (week(MONDAY, WEEK, "04:00:00Z"), 0),
    "17:00 in New York, seen from Chicago": (week(SUNDAY, WEEK, "16:00:00-05:00"), 1),
    "closes of Tel Aviv": (week(SUNDAY, WEEK, "14:25:00Z"), 0),
    "seven days a week at 22:00": (week(SUNDAY, list(range(14)), "22:00:00Z"), None),
    "seven days a week at midnight": (week(SUNDAY, list(range(14)), "00:00:00Z"), 0),
    "evenings without a zone": (week(SUNDAY, WEEK, "22:00:00"), None),
    "16:00 without a zone": (week(MONDAY, WEEK, "16:00:00"), 0),
}


@pytest.mark.parametrize("kind", STAMPS)
def test_the_days_of_the_week_tell_the_day_of_a_stamp(kind: str) -> None:
    cells, shift = STAMPS[kind]
    stamps = stamps_of(pa.array(cells))
    if shift is None:
        with pytest.raises(PriceError, match="can belong to that day or to the next one"):
            days_of(stamps, str)
        return
    days, told = days_of(stamps, str)
    assert np.array_equal(days, stamps.dates + shift)
    assert ("next day" in told) == bool(shift)


def test_several_times_a_day_are_intraday() -> None:
    cells = week(MONDAY, WEEK, "10:00") + week(MONDAY, WEEK, "11:00")
    with pytest.raises(PriceError, match=r"row 0 and row 10 .* \(2018-10-01\).*about 2 a day"):
        days_of(stamps_of(pa.array(cells)), lambda row: f"row {row}")


def test_a_last_session_with_a_second_time_is_left_to_the_judgement() -> None:
    cells = week(MONDAY, [*range(5), *range(7, 12), *range(14, 19), *range(21, 27)], "00:00:00")
    days, _ = days_of(stamps_of(pa.array([*cells, cells[-1].replace("00:00:00", "16:00:03")])), str)
    assert days[-1] == days[-2]
