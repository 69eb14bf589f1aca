"""Segments of any trading calendar, the names of their files, and the table of forecasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_contender import MadeContender, made_days

from simgan.market.history import History
from simgan.risk.portfolio import Portfolio
from simgan.risk.walks import Walk
from simgan.seeds import Seed
from simgan.workflows.backtest.forecasts import to_table
from simgan.workflows.backtest.segments import (
    ForecastSettings,
    LastFit,
    RefitPeriod,
    SegmentTask,
    schedule,
)

SETTINGS = ForecastSettings(
    horizons=(1, 5), levels=(0.95, 0.99), scenarios=200, window=None, seed=4
)
MONTHS = {"yearly": 12, "quarterly": 3}


@st.composite
def calendars(draw: st.DrawFn) -> History:
    """Give 40 to 400 trading days with gaps of up to 100 days between them."""
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 3, 4, 30, 100]), min_size=40, max_size=400))
    dates = np.datetime64("2012-11-20") + np.cumsum(gaps)
    return History(dates, np.zeros((len(gaps), 1)), np.ones(1), ("A",))


def period(history: History, day: int, refit: RefitPeriod) -> int:
    """Return the number of the year or quarter of a day."""
    year, month = history.day(day).split("-")[:2]
    return (12 * int(year) + int(month) - 1) // MONTHS.get(refit, 10**9)


@settings(max_examples=40, deadline=None)
@given(
    history=calendars(), share=st.floats(0.3, 0.99),
    refit=st.sampled_from(["yearly", "quarterly", "never"]),
)  # fmt: skip
def test_a_model_learns_again_exactly_when_the_period_of_the_calendar_changes(
    history: History, share: float, refit: RefitPeriod
) -> None:
    begin = int(share * len(history))
    segments = schedule(history, history.day(begin), refit, 10)
    days = [day for segment in segments for day in segment.days]
    assert days == list(range(begin, len(history)))
    assert [segment.number for segment in segments] == list(range(len(segments)))
    starts = {segment.days.start for segment in segments}
    for day in days[1:]:
        turns = period(history, day, refit) != period(history, day - 1, refit)
        assert (day in starts) is turns


@settings(max_examples=20, deadline=None)
@given(history=calendars(), gap=st.integers(0, 99))
def test_a_first_day_without_trading_begins_with_the_next_one(history: History, gap: int) -> None:
    """A weekend, a holiday, or a stop of trading."""
    first = history.dates[20] + np.timedelta64(gap, "D")
    begin = schedule(history, str(first), "never", 10)[0].days.start if (
        first <= history.dates[-1]
    ) else None  # fmt: skip
    later = np.flatnonzero(history.dates >= first)
    assert begin == (int(later[0]) if len(later) else None)


@given(day=st.integers(0, 500), window=st.none() | st.integers(1, 600))
def test_a_fit_sees_the_window_before_its_day_and_never_the_day(
    day: int, window: int | None
) -> None:
    rows = range(1000)[replace(SETTINGS, window=window).before(day)]
    assert day not in rows and rows.stop == day
    assert len(rows) == (day if window is None else min(day, window))


HISTORY = made_days(600)
SEGMENT = schedule(HISTORY, "2020-06-01", "quarterly", 10)[0]
TASK = SegmentTask(MadeContender(), HISTORY, Portfolio.single("MADE"), SEGMENT, SETTINGS, None)


def with_return(day: int) -> History:
    """Change the return of one day."""
    changed = HISTORY.log_returns.copy()
    changed[day] += 1e-9
    return replace(HISTORY, log_returns=changed)


CHANGES: dict[str, SegmentTask] = {
    "model": replace(TASK, contender=MadeContender("other")),
    "setting of the model": replace(TASK, contender=MadeContender(bad=("2019-01-01",))),
    "segment": replace(TASK, segment=replace(SEGMENT, days=range(SEGMENT.days.start + 1, 540))),
    "horizons": replace(TASK, settings=replace(SETTINGS, horizons=(1,))),
    "levels": replace(TASK, settings=replace(SETTINGS, levels=(0.95,))),
    "scenarios": replace(TASK, settings=replace(SETTINGS, scenarios=201)),
    "window": replace(TASK, settings=replace(SETTINGS, window=100)),
    "seed": replace(TASK, settings=replace(SETTINGS, seed=5)),
    "earlier fit": replace(TASK, earlier=LastFit(300, "abc")),
    "day of the earlier fit": replace(TASK, earlier=LastFit(301, "abc")),
    "key of the earlier fit": replace(TASK, earlier=LastFit(300, "abd")),
    "first return": replace(TASK, history=with_return(0)),
    "last outcome": replace(TASK, history=with_return(SEGMENT.days.stop + 3)),
}


def test_all_that_decides_forecasts_has_a_file_of_its_own() -> None:
    keys = [TASK.key, *(task.key for task in CHANGES.values())]
    assert len(set(keys)) == len(keys)
    assert TASK.key == replace(TASK).key


@pytest.mark.parametrize("later", [4, 30])
def test_days_after_the_last_outcome_leave_a_finished_segment_as_it_is(later: int) -> None:
    """A backtest that goes on with new prices repeats nothing. Five days are needed."""
    other = replace(TASK, history=with_return(SEGMENT.days.stop + later))
    assert other.key == TASK.key
    longer = made_days(601)
    shorter = replace(TASK, history=longer.rows(slice(600)))
    assert replace(TASK, history=longer).key == shorter.key


def walk_of(model: str, horizon: int, days: int) -> Walk:
    rng = Seed(horizon).stream("validation")
    return Walk(
        portfolio=Portfolio.single("KO"),
        model=model,
        horizon=horizon,
        dates=np.datetime64("2020-01-01") + np.arange(days),
        realized=rng.standard_normal(days),
        levels=(0.95, 0.99),
        value_at_risk=rng.uniform(1, 2, (days, 2)),
        expected_shortfall=rng.uniform(2, 3, (days, 2)),
        crps=rng.uniform(0, 1, days),
        pit=rng.uniform(0, 1, days),
    )


def test_the_table_of_forecasts_is_three_loops() -> None:
    walks = [walk_of("gjr-t", 1, 3), walk_of("gjr-t", 5, 2), walk_of("simgan", 1, 3)]
    expected = [
        {
            "date": walk.dates[day].astype("datetime64[ms]").astype(object),
            "asset": "KO",
            "model": walk.model,
            "horizon": walk.horizon,
            "level": level,
            "var": walk.value_at_risk[day, column],
            "es": walk.expected_shortfall[day, column],
            "realized": walk.realized[day],
            "crps": walk.crps[day],
            "pit": walk.pit[day],
        }
        for walk in walks
        for day in range(len(walk.dates))
        for column, level in enumerate(walk.levels)
    ]
    assert to_table(walks).to_pylist() == expected
