"""Ranges: closed forms, days without a range, and a random walk whose variance is known."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.market import Bars, Prices, history_of
from simgan.market.ranges import range_variance
from simgan.seeds import Seed

DAYS = np.busday_offset("2020-01-01", np.arange(9), roll="forward")


def one(opened: float, high: float, low: float, close: float, previous: float = 100.0) -> float:
    """Return the range variance of one bar."""
    bar = Bars(*(np.array([[price]]) for price in (opened, high, low, np.nan)))
    return range_variance(np.array([[previous]]), np.array([[close]]), bar).item()


def prices_of(values: list[float], **parts: list[float]) -> Prices:
    """Return prices with bars whose open is the close before, one above the low of all."""
    closes = np.array(values)
    opened = np.r_[closes[0], closes[:-1]]
    high, low = np.maximum(opened, closes) + 1, np.minimum(opened, closes) - 1
    given = {"open": opened, "high": high, "low": low, "volume": closes} | parts
    bars = Bars(**{name: np.array(part, float)[:, np.newaxis] for name, part in given.items()})
    return Prices(DAYS[: len(closes)], closes[:, np.newaxis], ("X",), bars=bars)


PRICES = prices_of([100.0, 101.0, 99.0])

# closed forms


def test_a_bar_by_hand() -> None:
    """From the equations of both papers, written in high, low and close over the open."""
    up, down, move = log(104 / 101), log(98 / 101), log(103 / 101)
    rogers_satchell = log(104 / 103) * up + log(98 / 103) * down
    garman_klass = 0.5 * log(104 / 98) ** 2 - (2 * log(2) - 1) * move**2
    expected = log(101 / 100) ** 2 + (rogers_satchell + garman_klass) / 2
    assert one(101, 104, 98, 103) == pytest.approx(expected, rel=1e-12)


def test_a_day_up_without_a_way_back_has_half_of_garman_and_klass() -> None:
    """Open at the low, close at the high: RS is 0 and GK is (3/2 − 2 ln 2) of the squared move."""
    assert one(100, 110, 100, 110) == pytest.approx((0.75 - log(2)) * log(1.1) ** 2, rel=1e-12)


def test_high_and_low_are_widened_to_hold_open_and_close() -> None:
    """Gold settles outside of the session's high and low."""
    assert one(100, 102, 99, 103) == pytest.approx(one(100, 103, 99, 103), rel=1e-15)
    assert one(98, 102, 99, 101) == pytest.approx(one(98, 102, 98, 101), rel=1e-15)


@pytest.mark.parametrize("scale", [1e-4, 7.0, 1e6])
def test_the_unit_of_prices_does_not_matter(scale: float) -> None:
    bar = (101, 104, 98, 103, 100)
    assert one(*(scale * price for price in bar)) == pytest.approx(one(*bar), rel=1e-9)
    flat = (100, 100, 100, 100, 100)
    assert one(*(scale * price for price in flat)) == 0


def test_a_random_walk_has_the_variance_of_its_day() -> None:
    """A geometric Brownian motion with a gap, in 1,000 steps a day.

    Steps miss 0.5826/√1000 of a standard deviation at high and low each (Broadie, Glasserman & Kou
    1997), which lowers both estimators by 4 · 0.5826/√1000 · √(2/π) = 5.9 %. The standard deviation
    of the mean is 1 %, so that chance fails this test once in 600.
    """
    steps, days, session, night = 1000, 4000, 0.01, 0.005
    noise = Seed(3).stream("baseline").standard_normal((days, steps + 1))
    gaps = night * noise[:, 0]
    paths = session / np.sqrt(steps) * np.cumsum(noise[:, 1:], axis=1)
    extremes = np.maximum(paths.max(axis=1), 0), np.minimum(paths.min(axis=1), 0)
    opened = np.exp(gaps)
    high, low = (opened * np.exp(extreme) for extreme in extremes)
    found = range_variance(
        np.ones(days), opened * np.exp(paths[:, -1]), Bars(opened, high, low, opened)
    )
    expected = night**2 + session**2 * (1 - 4 * 0.5826 / np.sqrt(steps) * np.sqrt(2 / np.pi))
    assert found.mean() == pytest.approx(expected, rel=0.03)


# days without a range


@pytest.mark.parametrize(
    ("bar", "why"),
    [
        ((np.nan, 102, 99, 101), "no open"),
        ((100, np.nan, 99, 101), "no high"),
        ((100, 102, np.nan, 101), "no low"),
        ((101, 101, 101, 101), "one price, and the close moved"),
        ((101, 101, 101, 100), "the open differs"),
        ((100, 99, 101, 100), "high below low"),
    ],
)
def test_a_bar_that_shows_no_range_has_none(bar: tuple[float, ...], why: str) -> None:
    assert np.isnan(one(*bar)), why


def test_a_day_on_which_nothing_moved_has_a_variance_of_zero() -> None:
    assert one(100, 100, 100, 100) == 0


# histories


def test_a_history_of_prices_has_the_range_of_each_return() -> None:
    prices = prices_of([100.0, 101.0, 99.0, 99.0])
    history = history_of(prices)
    expected = [
        one(100, 102, 99, 101, 100),
        one(101, 102, 98, 99, 101),
        one(99, 100, 98, 99, 99),
    ]
    assert history.ranges is not None
    assert history.ranges[:, 0] == pytest.approx(expected, rel=1e-12)
    tail = history.rows(slice(1, None)).ranges
    assert tail is not None and tail[:, 0].tolist() == history.ranges[1:, 0].tolist()


def test_a_history_with_few_ranges_has_none() -> None:
    values = [100.0, 101.0, 99.0, 98.0, 99.0]
    gaps = np.nan
    half = history_of(prices_of(values, open=[100, 100, 101, gaps, gaps])).ranges
    assert half is not None and np.isfinite(half[:, 0]).tolist() == [True, True, False, False]
    assert history_of(prices_of(values, open=[100, 100, gaps, gaps, gaps])).ranges is None
    assert history_of(replace(prices_of(values), bars=None)).ranges is None


def test_an_asset_of_a_panel_with_few_ranges_has_none() -> None:
    one_asset = prices_of([100.0, 101.0, 99.0, 98.0])
    assert one_asset.bars is not None
    both = one_asset.bars.each(lambda values: np.hstack([values, values]))
    both.high[2:, 1] = np.nan
    panel = Prices(one_asset.dates, np.hstack([one_asset.values] * 2), ("X", "Y"), bars=both)
    ranges = history_of(panel).ranges
    assert ranges is not None
    assert np.isfinite(ranges).tolist() == [[True, False]] * 3


def test_ranges_do_not_change_the_identity_of_a_history_and_count_for_equality() -> None:
    """NaN equals NaN."""
    history = history_of(prices_of([100.0, 101.0, 99.0], high=[101.0, 102.0, np.nan]))
    assert history.ranges is not None and np.isnan(history.ranges).any()
    assert history == replace(history, ranges=history.ranges.copy())
    other = replace(history, ranges=None)
    assert history != other and history.sha256 == other.sha256


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ([[1e-4]], r"shape of ranges .*\(1, 1\).*\(2, 1\)"),
        ([[1e-4], [-1e-4]], "1 of 2 negative or infinite.*NaN on days without a range"),
        ([[np.inf], [1e-4]], "1 of 2 negative or infinite"),
        ([["a"], ["b"]], "numbers"),
    ],
)
def test_wrong_ranges_are_refused(ranges: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        replace(history_of(PRICES), ranges=ranges)


def test_a_user_may_give_ranges_as_a_list_with_nan() -> None:
    given = replace(history_of(PRICES), ranges=[[1e-4], [np.nan]])
    assert given.ranges is not None
    assert given.ranges.dtype == np.float64 and np.isnan(given.ranges[1, 0])
