"""Estimators of ranges: closed forms, other libraries, and loops."""

from __future__ import annotations

import numpy as np
import pytest
from made_ranges import GAP, ranged_paths
from scipy.signal import lfilter
from scipy.stats import spearmanr, wasserstein_distance

from simgan.market.prices import Bars
from simgan.market.shapes import shapes_of
from simgan.report.ranged import days_of
from simgan.stats import ranges
from simgan.stats.classifiers import window_features
from simgan.stats.dependence import autocorrelation
from simgan.stats.ranges import GAP as GAP_COLUMN
from simgan.stats.ranges import LOW, RANGE, RETURN, VARIANCE

RNG = np.random.default_rng(5)
PATHS, SHAPES = ranged_paths(2, 4_000, RNG)
DAYS = days_of(PATHS, SHAPES)


def with_gaps_in_time() -> np.ndarray:
    """The same days, of which a fifth have no range."""
    days = DAYS.copy()
    days[RNG.random(days.shape[:2]) < 0.2, 1:] = np.nan
    return days


def test_a_day_is_told_by_its_prices() -> None:
    """By hand from close before, open, high, low and close."""
    bar = Bars(*(np.array([price]) for price in (101.0, 104.0, 99.0, 1e6)))
    before, close = np.array([100.0]), np.array([103.0])
    shapes = shapes_of(before, close, bar)
    day = days_of(np.log(close / before), shapes)[0]
    assert day[RETURN] == pytest.approx(np.log(1.03))
    assert day[RANGE] == pytest.approx(np.log(104 / 99))
    assert day[GAP_COLUMN] == pytest.approx(np.log(1.01))
    assert day[LOW] == pytest.approx(np.log(0.99))


def test_shares_of_brownian_days_are_one_and_that_of_the_gap() -> None:
    """Of 400,000 independent days: standard errors .004 and .001, and five of them are allowed."""
    gap, body = (np.sqrt(part) * RNG.standard_normal(400_000) for part in (GAP, 1 - GAP))
    high, low = (
        (side * body + np.sqrt(body**2 - 2 * (1 - GAP) * np.log(RNG.random(400_000)))) / 2
        for side in (1, -1)
    )
    shapes = np.stack([gap, high - np.maximum(body, 0), low + np.minimum(body, 0)], axis=-1)
    days = days_of(gap + body, shapes)[None]
    assert ranges.gap_share(days) == pytest.approx(GAP, abs=0.005)
    assert ranges.gap_share(days_of(2 * (gap + body), shapes)) < GAP / 3


def test_a_touch_is_twice_a_close_by_the_principle_of_reflection() -> None:
    """Days without a gap, P(low ≤ −b) = 2 P(close ≤ −b). Five errors of 400,000 days are .03."""
    body = RNG.standard_normal(400_000)
    low = (-body + np.sqrt(body**2 - 2 * np.log(RNG.random(400_000)))) / 2
    days = np.zeros((400_000, 5))
    days[:, RETURN], days[:, LOW] = body, -low
    assert ranges.touched(days, 1) == pytest.approx(2.0, abs=0.03)
    days[:, LOW] = np.minimum(body, 0)  # lows that are closes
    assert ranges.touched(days, 1) == 1.0


def test_the_range_variance_of_days_has_the_mean_of_their_squares() -> None:
    """Independent bridges for high and low leave 2.2 % less, found with 10⁷ days."""
    share = ranges.variance_share(DAYS)
    assert share == pytest.approx(1.0, abs=0.06)
    doubled = days_of(PATHS, 2 * SHAPES)
    expected = doubled[..., VARIANCE].mean() / np.square(PATHS).mean()
    assert ranges.variance_share(doubled) == pytest.approx(expected)


def test_memory_is_that_of_known_days_alone() -> None:
    """With all days it is `autocorrelation`, but for its divisor. Without some, a loop tells it."""
    lags = np.arange(1, 31)
    whole = ranges.range_memory(DAYS[:1], 30)
    biased = autocorrelation(DAYS[0, :, RANGE], 30)
    np.testing.assert_allclose(whole, biased * 4_000 / (4_000 - lags), rtol=1e-9)
    days = with_gaps_in_time()
    centred = days[..., RANGE] - np.nanmean(days[..., RANGE], axis=1, keepdims=True)
    for lag in (1, 7):
        products = centred[:, :-lag] * centred[:, lag:]
        expected = np.nanmean(products) / np.nanmean(centred**2)
        assert ranges.range_memory(days, lag)[-1] == pytest.approx(expected)


def test_total_memory_is_the_variance_of_a_mean_over_that_of_independent_days() -> None:
    """Of an AR(1) with .9 it is (1 + .9) / (1 − .9) = 19. Of independent days it is 1."""
    noise = RNG.standard_normal((50, 20_000))
    days = np.zeros((50, 20_000, 5))
    days[..., RANGE] = lfilter([1.0], [1.0, -0.9], noise)
    assert ranges.total_memory(days, 100) == pytest.approx(19, rel=0.05)
    days[..., RANGE] = noise
    assert ranges.total_memory(days, 100) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("ahead", [0, 1])
def test_rank_correlation_is_that_of_another_library(ahead: int) -> None:
    days = with_gaps_in_time()
    sizes = np.abs(days[:, ahead:, RETURN])
    of_pairs = days[:, : sizes.shape[1], RANGE].ravel()
    expected = spearmanr(of_pairs, sizes.ravel(), nan_policy="omit").statistic
    assert ranges.rank_correlation(days, ahead) == pytest.approx(expected)


def test_sizes_are_those_of_known_days() -> None:
    days = with_gaps_in_time()
    own = days[..., RANGE][np.isfinite(days[..., RANGE])]
    assert ranges.mean_range(days) == pytest.approx(own.mean())
    assert ranges.range_spread(days) == pytest.approx(own.std())
    other = 1.3 * DAYS
    expected = wasserstein_distance(own, other[..., RANGE].ravel()) / own.std()
    assert ranges.range_emd(days, other) == pytest.approx(expected)


def test_ranges_after_falls_are_told_from_those_after_rises() -> None:
    """By hand: after falls 3 and 5, after rises 1, and the mean of all is 2.5."""
    days = np.zeros((1, 4, 5))
    days[0, :, RETURN] = (-1, -1, 1, 0)
    days[0, :, RANGE] = (1, 3, 5, 1)
    assert ranges.fall_excess(days) == pytest.approx((4 - 1) / 2.5)


def test_features_of_windows_join_both_tracks_and_their_relation() -> None:
    windows = np.stack([DAYS[0, 100 * k : 100 * k + 20] for k in range(12)])
    found = ranges.ranged_features(windows)
    own = window_features(windows[..., RETURN])
    np.testing.assert_array_equal(found[:, : own.shape[1]], own)
    np.testing.assert_array_equal(found[:, own.shape[1] : -4], window_features(windows[..., RANGE]))
    one, sizes = windows[3, :, RANGE], np.abs(windows[3, :, RETURN])
    assert found[3, -4] == pytest.approx(np.corrcoef(one, sizes)[0, 1])
    assert found[3, -2] == pytest.approx(np.log(ranges.variance_share(windows[3:4])))
    assert found[3, -1] == pytest.approx(ranges.gap_share(windows[3:4]))
