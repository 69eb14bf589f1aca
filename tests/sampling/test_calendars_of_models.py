"""Scenarios know the calendar of the history that they continue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.calendars import SEVEN_DAYS, Calendar, TradingDays
from simgan.market.history import History
from simgan.sampling.conditional import sample_given
from simgan.sampling.model import Model

MODEL = Model(made_bundle())  # a history of every day from 2015-01-01 to 2017-03-10


def test_scenarios_continue_the_dates_of_their_start() -> None:
    latest = MODEL.sample(2, 2).to_frame(dates=True)
    assert latest.columns.strftime("%F").tolist() == ["2017-03-11", "2017-03-12"]
    earlier = MODEL.sample(2, 2, as_of="2016-02-27").to_frame(dates=True)
    assert earlier.columns.strftime("%F").tolist() == ["2016-02-28", "2016-02-29"]


def test_a_history_that_is_given_brings_its_own_calendar() -> None:
    """Business days of 2030, which begins on a Tuesday."""
    days = np.datetime64("2030-01-01") + np.arange(200)
    days = days[np.isin((days.astype(int) + 3) % 7, range(5))]
    history = History(days, made_history(len(days)).log_returns, np.array([1.0]), ("x",))
    calendar = MODEL.sample(2, 2, as_of=history).calendar
    assert calendar == Calendar.of(days) and calendar.steps_a_year == 252.0


@pytest.mark.parametrize("as_of", ["stationary", "2016-01-01..2016-02-01"])
def test_starts_without_one_date_have_none_and_know_their_year(as_of: str) -> None:
    calendar = MODEL.sample(2, 2, as_of=as_of).calendar
    assert calendar is not None and calendar.last == ""
    assert calendar.steps_a_year == 365.0
    assert next(MODEL.stream(2, 2, as_of=as_of)).calendar == calendar


def test_a_model_without_its_history_reads_its_manifest() -> None:
    bare = Model(replace(MODEL.bundle, history=None))
    assert bare.calendar == Calendar(365.0, "2017-03-10", TradingDays(SEVEN_DAYS))


def test_a_condition_on_volatility_annualises_by_the_model() -> None:
    """The same scenarios with months for days: their volatility a year is √(12/365) times."""
    facts = replace(MODEL.bundle.manifest.data, first="1951-08-01", last="2018-03-01")
    monthly = replace(
        MODEL.bundle, history=None, manifest=replace(MODEL.bundle.manifest, data=facts)
    )
    found = sample_given(Model(monthly), "realized-volatility>0.04", n=50, horizon=12)
    size = np.sqrt(12 * np.mean(found.scenarios.log_returns[..., 0].astype(float) ** 2, axis=1))
    assert Model(monthly).calendar.steps_a_year == 12.0
    assert (size > 0.04).all() and found.probability < 0.9
    assert sample_given(MODEL, "realized-volatility>0.04", n=50, horizon=12).probability == 1.0
