"""Calendars of histories: steps a year, and the dates after the last one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simgan.calendars import FIVE_DAYS, Calendar, Months, TradingDays, Weeks


def dates(frequency: str, start: str = "2010-01-01", count: int = 1500) -> np.ndarray:
    """Dates of a pandas frequency, as a history has them."""
    return pd.date_range(start, periods=count, freq=frequency).to_numpy().astype("datetime64[s]")


def next_dates(calendar: Calendar, count: int = 3) -> list[str]:
    found = calendar.after(count)
    assert found is not None
    return [str(day) for day in found]


@pytest.mark.parametrize(
    ("frequency", "steps"), [("D", 365.0), ("W-FRI", 52.0), ("ME", 12.0), ("QE", 4.0), ("YE", 1.0)]
)
def test_steps_of_a_year_are_those_of_the_convention(frequency: str, steps: float) -> None:
    assert Calendar.of(
        dates(frequency, "1950-01-01", 200 if steps < 52 else 1500)
    ).steps_a_year == (steps)


def test_five_days_a_week_with_holidays_are_252_and_with_more_of_them_fewer() -> None:
    """260.9 weekdays a year: without one in 29 about 252, without one in 14 about 242.3."""
    week, number = dates("B", count=2610), np.arange(2610)
    assert Calendar.of(week[number % 29 != 5]).steps_a_year == 252.0
    assert Calendar.of(week[number % 14 != 5]).steps_a_year == pytest.approx(242.3, abs=0.5)


def test_a_part_of_a_year_tells_its_convention_by_its_week() -> None:
    """60 sessions after a holiday would be 261 or 240 a year by their count."""
    assert Calendar.of(dates("B", count=60)).steps_a_year == 252.0
    assert Calendar.of(dates("D", count=60)).steps_a_year == 365.0
    assert Calendar.of(dates("D", count=1)).steps_a_year is None
    assert Calendar.of(dates("D", count=0)) == Calendar()


def test_trading_days_skip_weekends_and_the_holidays_of_a_fixed_date() -> None:
    """Christmas 2015 was a Friday. The Monday of Memorial Day moves, and is not known."""
    week = dates("B", "2005-01-03", 2870)
    days = week.astype("datetime64[D]")
    open_ = ~np.isin(days.astype(str), [f"{year}-12-25" for year in range(2005, 2016)])
    known = days[open_ & (days <= np.datetime64("2015-12-22"))]
    calendar = Calendar.of(known)
    assert calendar.rhythm == TradingDays(FIVE_DAYS, (1225,))
    assert next_dates(calendar, 4) == ["2015-12-23", "2015-12-24", "2015-12-28", "2015-12-29"]
    twin = Calendar.of(days[days <= np.datetime64("2015-12-22")])
    assert "2015-12-25" in next_dates(twin, 4)


def test_every_day_and_a_week_from_sunday_to_thursday() -> None:
    assert next_dates(Calendar.of(dates("D", "2020-01-01", 366))) == [
        "2021-01-01",
        "2021-01-02",
        "2021-01-03",
    ]
    arab = dates("D", "2019-01-01", 700)
    arab = arab[np.isin(arab.astype("datetime64[D]").astype(int) % 7, (3, 4, 5, 6, 0))]
    assert str(arab[-1])[:10] == "2020-11-30"  # a Monday
    assert next_dates(Calendar.of(arab), 4) == [
        "2020-12-01",
        "2020-12-02",
        "2020-12-03",
        "2020-12-06",
    ]


def test_the_week_is_that_of_the_last_year() -> None:
    """Seoul traded on Saturdays until 1998."""
    long_ago, lately = dates("D", "1990-01-01", 1000), dates("B", "1992-09-28", 1000)
    long_ago = long_ago[long_ago.astype("datetime64[D]").astype(int) % 7 != 3]
    found = Calendar.of(np.concatenate([long_ago, lately])).rhythm
    assert found == TradingDays(FIVE_DAYS, ())


def test_steps_of_weeks_and_months_keep_their_place() -> None:
    assert next_dates(Calendar.of(dates("W-FRI", "2020-01-03", 60)), 2) == [
        "2021-02-26",
        "2021-03-05",
    ]
    months = Calendar.of(dates("ME", "2019-01-31", 24))
    assert months.rhythm == Months(1, is_at_end=True, on_weekends=True)
    assert next_dates(months, 2) == ["2021-01-31", "2021-02-28"]
    business = Calendar.of(dates("BME", "2019-01-31", 24))
    assert next_dates(business, 2) == ["2021-01-29", "2021-02-26"]
    begins = Calendar.of(dates("BMS", "2019-01-01", 24))  # ends on Tuesday, 1 December 2020
    assert next_dates(begins, 2) == ["2021-01-01", "2021-02-01"]
    assert next_dates(begins, 5)[-1] == "2021-05-03"  # 1 May 2021 is a Saturday
    quarters = Calendar.of(dates("QE", "2010-01-01", 12))
    assert next_dates(quarters, 2) == ["2013-03-31", "2013-06-30"]
    assert Calendar.of(dates("2W-FRI", "2020-01-03", 60)).rhythm == Weeks(2)


def test_uneven_steps_have_no_dates() -> None:
    uneven = np.datetime64("2010-01-01") + np.cumsum(np.tile([5, 16, 18, 40], 50))
    assert Calendar.of(uneven).after(3) is None
    assert Calendar.of(uneven).steps_a_year == pytest.approx(365.25 / 19.75, rel=0.01)


def test_without_dates_the_ends_and_the_count_tell_the_calendar() -> None:
    """5,030 returns of the S&P 500, as its manifest has them."""
    found = Calendar.between("1999-01-05", "2018-12-31", 5030)
    assert found.steps_a_year == 252.0
    assert next_dates(found, 1) == ["2019-01-02"]
    assert Calendar.between("2015-01-01", "2020-01-01", 1827).steps_a_year == 365.0
    assert Calendar.between("2000-01-31", "2019-12-31", 240).rhythm == Months()
    assert Calendar.between("2015-01-02", "2019-12-27", 261).rhythm == Weeks()
    assert Calendar.between("2015-01-02", "2019-12-27", 500).after(1) is None
    assert Calendar.between("2015-01-02", "2015-01-02", 1).steps_a_year is None


def test_a_calendar_without_its_last_date_has_no_next_ones() -> None:
    known = Calendar.of(dates("D"))
    assert known.after(2) is not None and known.undated.after(2) is None
    assert known.undated.steps_a_year == known.steps_a_year
