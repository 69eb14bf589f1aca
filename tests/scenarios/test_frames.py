"""Wide frames of scenarios: numbers as index, steps or dates as columns, sums that are returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simgan.calendars import Calendar
from simgan.errors import ConfigError
from simgan.scenarios.block import Values
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.product import Scenarios

DRAWN = np.random.default_rng(1).normal(0.0, 0.01, (4, 3, 2)).astype(np.float32)
ONE = Scenarios(
    DRAWN[:, :, :1],
    7,
    assets=("SP500",),
    initial_price=np.array([50.0]),
    calendar=Calendar.of(np.arange("2015-01-01", "2020-01-04", dtype="datetime64[D]")),
)


def test_the_sum_of_a_row_is_the_return_of_its_scenario() -> None:
    """On the old code the number of the scenario was added to its return."""
    frame = ONE.to_frame()
    np.testing.assert_allclose(
        frame.sum(axis=1), ONE.log_returns[:, :, 0].sum(axis=1), rtol=1e-6, atol=1e-9
    )
    assert frame.index.tolist() == [7, 8, 9, 10] and frame.index.name == "scenario"
    assert frame.columns.tolist() == [1, 2, 3] and frame.columns.name == "step"
    assert (frame.dtypes == np.float32).all()


def test_dates_are_those_after_the_history_and_prices_begin_at_its_end() -> None:
    returns, prices = ONE.to_frame(dates=True), ONE.to_frame(values="prices", dates=True)
    assert returns.columns.tolist() == list(pd.date_range("2020-01-04", periods=3))
    assert prices.columns.tolist() == list(pd.date_range("2020-01-03", periods=4))
    assert prices.columns.name == "date" and (prices["2020-01-03"] == 50.0).all()
    np.testing.assert_array_equal(returns, ONE.to_frame())


def test_several_assets_have_columns_of_asset_and_step() -> None:
    two = Scenarios(DRAWN, assets=("A", "B"), calendar=ONE.calendar)
    frame = two.to_frame()
    assert frame.columns.tolist() == [(a, step) for a in "AB" for step in (1, 2, 3)]
    np.testing.assert_array_equal(frame["B"], DRAWN[:, :, 1])
    assert two.to_frame(dates=True)["A"].columns[0] == pd.Timestamp("2020-01-04")


def test_weights_are_a_level_of_the_index() -> None:
    weights = np.array([0.5, 1.0, 0.25, 2.0])
    frame = Scenarios(DRAWN[:, :, :1], numbers=np.array([3, 5, 8, 9]), weights=weights).to_frame()
    assert frame.index.names == ["scenario", "weight"]
    assert frame.index.get_level_values("weight").tolist() == weights.tolist()
    assert frame.loc[5].shape == (1, 3)


@pytest.mark.parametrize(
    ("calendar", "told"),
    [
        (None, "they begin on no date"),
        (Calendar(252.0), "they begin on no date"),
        (Calendar(20.0, "2020-01-01"), "the dates of their history follow no rule"),
    ],
)
def test_unknown_dates_are_refused_in_a_sentence(calendar: Calendar | None, told: str) -> None:
    scenarios = Scenarios(DRAWN[:, :, :1], calendar=calendar)
    with pytest.raises(ConfigError, match=told):
        scenarios.to_frame(dates=True)


@pytest.mark.parametrize("values", ["log-returns", "prices"])
def test_dates_of_the_long_layout_stand_in_the_place_of_steps(values: Values) -> None:
    numbered, dated = (ONE.to_frame("long", values, dates=dates) for dates in (False, True))
    wide = ONE.to_frame(values=values, dates=True)
    assert list(dated.columns) == ["scenario", "date", "asset", "value"]
    assert dated["date"].tolist() == list(wide.columns) * len(ONE)
    pd.testing.assert_frame_equal(
        dated.drop(columns="date"), numbered.drop(columns="step"), check_exact=True
    )


def test_a_volatility_counts_the_steps_of_its_own_history() -> None:
    """By hand: √(252 · .00025) = .251, √(12 · .00025) = .0548, √(365 · .00025) = .302."""
    path = np.array([[[0.01], [-0.02]]], np.float32)
    above = Conditions.parse("realized-volatility>0.25")
    for steps, meets in ((252.0, True), (12.0, False), (365.0, True)):
        drawn = Scenarios(path, calendar=Calendar(steps))
        assert drawn.meet(above).tolist() == [meets]
    assert (
        Scenarios(path, calendar=Calendar(12.0))
        .meet(Conditions.parse("realized-volatility>0.054"))
        .all()
    )
    assert (
        not Scenarios(path, calendar=Calendar(252.0))
        .meet(Conditions.parse("realized-volatility>0.26"))
        .any()
    )


@pytest.mark.parametrize("calendar", [None, Calendar()])
def test_a_volatility_without_a_year_is_refused(calendar: Calendar | None) -> None:
    drawn = Scenarios(DRAWN[:, :, :1], calendar=calendar)
    with pytest.raises(ConfigError, match="too short to tell how many of its steps make a year"):
        drawn.meet(Conditions.parse("realized-volatility>0.3"))
    assert drawn.meet(Conditions.parse("cumulative<5")).all()
