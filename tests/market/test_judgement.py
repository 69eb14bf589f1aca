"""Prices that cannot be true are refused; odd ones are told."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import PriceError
from simgan.market import Quotes, judged

USUAL = [100.0, 101.0, 99.5, 100.2, 100.9]


def quotes(values: list[float], dates: list[str] | None = None) -> Quotes:
    days = (
        np.array(dates, "datetime64[D]")
        if dates
        else np.arange(len(values)) + np.datetime64("2020-01-01")
    )
    return Quotes("X", days, np.array(values), place=lambda row: str(days[row]))


def test_usual_prices_pass_unchanged_and_unremarked() -> None:
    given = quotes(USUAL)
    checked = judged(given)
    assert np.array_equal(checked.values[:, 0], given.closes)
    assert checked.notes == ()


@pytest.mark.parametrize("bad", [0.0, -3.0, np.nan, np.inf])
def test_a_price_that_is_not_positive_and_finite_is_refused_with_its_date(bad: float) -> None:
    with pytest.raises(PriceError, match="not a positive number at 2020-01-03"):
        judged(quotes([100.0, 101.0, bad, 100.0]))


def test_the_place_of_a_fault_can_be_a_line() -> None:
    with pytest.raises(PriceError, match="at line 3;"):
        judged(quotes([100.0, -1.0]), place=lambda row: f"line {row + 2}")


@pytest.mark.parametrize(
    "dates", [["2020-01-02", "2020-01-01"], ["2020-01-01", "2020-01-01"], ["2020-01-01", "NaT"]]
)
def test_dates_that_do_not_increase_are_refused(dates: list[str]) -> None:
    with pytest.raises(PriceError, match="not later"):
        judged(quotes([100.0, 101.0], dates))


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_a_hundredfold_jump_that_reverses_is_refused_on_both_days(factor: float) -> None:
    with pytest.raises(PriceError, match="2020-01-03, 2020-01-04"):
        judged(quotes([100.0, 101.0, 99.5 * factor, 100.2, 100.9]))


def test_a_hundredfold_jump_that_stays_is_told_as_a_missing_split() -> None:
    assert "missing split" in judged(quotes([100.0, 101.0, 1.0, 1.01])).notes[0].text


def test_the_largest_real_moves_are_no_faults() -> None:
    """AAPL −51.9 % on 2000-09-29 and VIX +115.6 % on 2018-02-05 (../shared/data/PROVENANCE.md) in
    a row.
    """
    assert judged(quotes([100.0, 48.1, 103.7, 50.0])).notes == ()


def test_constant_prices_are_refused() -> None:
    with pytest.raises(PriceError, match="all 3 prices are 7"):
        judged(quotes([7.0, 7.0, 7.0]))


def test_no_prices_are_refused() -> None:
    with pytest.raises(PriceError, match="no prices"):
        judged(quotes([]))


def test_a_gap_of_more_than_two_weeks_is_told() -> None:
    assert (
        "2020-02-01 (30 days)"
        in judged(
            quotes([1.0, 1.1, 1.2, 1.3], ["2020-01-01", "2020-01-02", "2020-02-01", "2020-02-02"])
        )
        .notes[0]
        .text
    )


def test_long_lists_of_faults_are_cut() -> None:
    with pytest.raises(PriceError, match="2020-01-05 and 15 more"):
        judged(quotes([-1.0] * 20))


def test_weekly_prices_are_told() -> None:
    assert judged(quotes([1.0, 1.1, 1.2], ["2020-01-03", "2020-01-10", "2020-01-17"])).notes == (
        "there is a price about every 7 days only: one step is not a trading day",
    )
