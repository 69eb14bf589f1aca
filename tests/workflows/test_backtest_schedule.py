"""The calendar of a walk-forward."""

from __future__ import annotations

import pytest
from made_contender import made_days

from simgan.errors import DataError
from simgan.workflows.backtest.segments import schedule

HISTORY = made_days(900, "2019-01-01")  # to 2021-06-18


def first_days(first: str | None, refit: str) -> list[str]:
    return [HISTORY.day(segment.days.start) for segment in schedule(HISTORY, first, refit, 100)]  # type: ignore[arg-type]


def test_models_learn_again_when_the_calendar_turns() -> None:
    assert first_days("2020-05-04", "yearly") == ["2020-05-04", "2021-01-01"]
    assert first_days("2020-05-04", "quarterly") == [
        "2020-05-04",
        "2020-07-01",
        "2020-10-01",
        "2021-01-01",
        "2021-04-01",
    ]
    assert first_days("2020-05-04", "never") == ["2020-05-04"]


def test_a_first_day_that_is_a_turn_begins_one_segment() -> None:
    assert first_days("2020-01-01", "yearly") == ["2020-01-01", "2021-01-01"]


@pytest.mark.parametrize("refit", ["yearly", "quarterly", "never"])
def test_every_day_is_forecast_once(refit: str) -> None:
    days = [day for segment in schedule(HISTORY, "2020-05-04", refit, 100) for day in segment.days]  # type: ignore[arg-type]
    assert [HISTORY.day(days[0]), HISTORY.day(days[-1])] == ["2020-05-04", "2021-06-18"]
    assert days == list(range(days[0], len(HISTORY)))


def test_without_a_first_day_the_last_two_fifths_are_tested() -> None:
    assert schedule(HISTORY, None, "never", 100)[0].days == range(540, 900)


def test_a_window_without_days_is_refused() -> None:
    with pytest.raises(
        DataError,
        match=r"no day from 2022-01-01 on; the history ends 2021-06-18, so give an earlier --from",
    ):
        schedule(HISTORY, "2022-01-01", "yearly", 100)


def test_too_short_a_history_before_the_first_day_is_refused() -> None:
    with pytest.raises(DataError, match=r"31 days before 2019-02-01, but the models need 100"):
        schedule(HISTORY, "2019-02-01", "yearly", 100)
