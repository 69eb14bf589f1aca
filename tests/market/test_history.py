"""Prices become log returns and windows of them. A history knows its identity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import ConfigError, PriceError
from simgan.market import History, Prices, history_of, windows

PRICES = Prices(
    dates=np.array(["2020-01-02", "2020-01-03", "2020-01-06"], "datetime64[D]"),
    values=np.array([[100.0], [110.0], [99.0]]),
    assets=("X",),
)


def test_log_returns_stand_at_the_day_on_which_they_were_realised() -> None:
    """ln 1.1 and ln 0.9, by hand."""
    history = history_of(PRICES)
    assert history.log_returns[:, 0] == pytest.approx([0.09531017980432493, -0.10536051565782628])
    assert [str(day) for day in history.dates] == ["2020-01-03", "2020-01-06"]
    assert history.last_price.tolist() == [99.0]
    assert len(history) == 2


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (None, None, 3),
        ("2020-01-03", None, 2),
        (None, "2020-01-03", 2),
        ("2020-01-03", "2020-01-05", 1),
    ],
)
def test_both_ends_of_a_range_of_dates_are_included(
    start: str | None, end: str | None, kept: int
) -> None:
    part = PRICES.between(start, end)
    assert len(part.dates) == len(part.values) == kept


def test_too_few_returns_are_told_with_the_number_that_is_needed() -> None:
    with pytest.raises(
        PriceError, match="X: 3 prices give 2 log returns, but at least 250 are needed"
    ):
        history_of(PRICES, least_days=250)


def test_dates_beyond_the_prices_are_refused_with_the_first_and_last_day() -> None:
    """``fit SP500 --end 1066-01-01`` advised an earlier --start."""
    with pytest.raises(PriceError, match=r"no price to 1066-01-01; give dates .*, 2020-01-0"):
        PRICES.between(None, "1066-01-01")
    with pytest.raises(PriceError, match="no price from 2021-01-01; "):
        PRICES.between("2021-01-01", None)


@pytest.mark.parametrize("dates", ["2020-01-03..2020-01-06", "20200103..20200106"])
def test_the_first_date_of_a_range_is_a_day_of_it_in_every_iso_form(dates: str) -> None:
    """A date without hyphens was left out: as text, it is after every date with hyphens."""
    assert list(history_of(PRICES).ends_within(dates)) == [1, 2]


def test_the_identity_of_a_history_changes_with_the_last_bits() -> None:
    other = Prices(PRICES.dates, PRICES.values * np.array([[1.0], [1.0 + 1e-15], [1.0]]), ("X",))
    assert history_of(PRICES).sha256 == history_of(PRICES).sha256
    assert history_of(PRICES).sha256 != history_of(other).sha256


@given(days=st.integers(1, 30), assets=st.integers(1, 3), data=st.data())
def test_window_i_is_the_stretch_that_begins_at_day_i(
    days: int, assets: int, data: st.DataObject
) -> None:
    horizon = data.draw(st.integers(1, days))
    log_returns = np.arange(days * assets, dtype=float).reshape(days, assets)
    found = windows(log_returns, horizon)
    assert found.shape == (days - horizon + 1, horizon, assets)
    for i, window in enumerate(found):
        assert np.array_equal(window, log_returns[i : i + horizon])


def test_windows_share_memory_with_the_history_and_cannot_change_it() -> None:
    log_returns = np.zeros((100, 1))
    found = windows(log_returns, 10)
    assert np.shares_memory(found, log_returns)
    assert not found.flags.writeable


def test_a_history_shorter_than_one_window_is_refused() -> None:
    with pytest.raises(PriceError, match="hold no window of 11 days"):
        windows(np.zeros((10, 1)), 11)


def test_a_horizon_below_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        windows(np.zeros((10, 1)), 0)


def test_a_flat_array_is_refused() -> None:
    with pytest.raises(ConfigError, match="days, assets"):
        windows(np.zeros(10), 2)


def test_all_that_a_model_learns_from_has_an_identity() -> None:
    """That of a history of closes is the hash of its returns."""
    closes = History(
        np.arange("2020-01-01", "2020-01-03", dtype="datetime64[D]"),
        np.array([[0.01], [-0.02]]),
        np.array([100.0]),
        ("X",),
    )
    bars, other = (replace(closes, shapes=np.full((2, 1, 3), part)) for part in (0.01, 0.02))
    assert closes.identity == closes.sha256 == bars.sha256
    assert len({closes.identity, bars.identity, other.identity}) == 3


def test_some_assets_have_the_days_on_which_one_of_them_trades() -> None:
    """By hand: on day 2 only B trades, on day 3 only A and C, and C is listed on day 3."""
    returns = np.array([[0.1, 0.2, np.nan], [np.nan, 0.3, np.nan], [0.4, np.nan, 0.5]])
    dates = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], "datetime64[D]")
    history = History(dates, returns, np.array([1.0, 2.0, 3.0]), ("A", "B", "C"))
    some = history.of_assets(("C", "A"))
    assert some.assets == ("C", "A") and some.last_price.tolist() == [3.0, 1.0]
    assert some.dates.tolist() == dates[[0, 2]].tolist()
    np.testing.assert_array_equal(some.log_returns, [[np.nan, 0.1], [0.5, 0.4]])
    np.testing.assert_array_equal(history.of_assets("ABC").log_returns, returns)
