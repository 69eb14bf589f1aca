"""Moments of the volatility baselines, exact over every path of a law with few innovations.

A law of three equally likely innovations has 3ⁿ paths over n days. The mean over all of them is the
expectation itself, so a closed form must agree with it to rounding.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from simgan.baselines import FORECAST
from simgan.baselines.egarch import free_region
from simgan.baselines.ewma import DECAY, EwmaNormal
from simgan.baselines.volatility import GARCH, GJR, FittedVolatility
from simgan.baselines.volatility_parts import (
    Egarch,
    Gjr,
    HistoricalInnovations,
    Normal,
    Recursion,
    SkewT,
    StudentT,
)
from simgan.seeds import Seed

LAW = HistoricalInnovations.of_raw(np.array([-4.0, 1.0, 3.0]))  # skewed, of mean 0 and variance 1
DAYS = 7
EVERY = np.array(list(product(LAW.residuals, repeat=DAYS))).T  # (days, 3⁷ paths)
LEVERAGED = Gjr(2.0, 0.05, 0.12, 0.8, LAW.negative_share)


def rolled(recursion: Recursion, variance: float) -> np.ndarray:
    """Roll every path from one variance. The shocks have shape (days, paths)."""
    return recursion.roll(np.full(EVERY.shape[1], variance), EVERY)


@pytest.mark.parametrize("variance", [0.5, 2.0, 18.0])
def test_the_expected_variance_goes_back_to_the_long_run_by_the_persistence(
    variance: float,
) -> None:
    """E σ²(k) = s² + p^k (σ²(0) − s²), Engle & Bollerslev (1986)."""
    expected = 2.0 + LEVERAGED.persistence ** np.arange(DAYS) * (variance - 2.0)
    found = (rolled(LEVERAGED, variance) ** 2).mean(axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    symmetric = Gjr(2.0, 0.05, 0.12, 0.8)  # targets under P = 1/2, but falls weigh more here
    assert not np.allclose((rolled(symmetric, variance) ** 2).mean(axis=1), expected, rtol=1e-3)


def test_the_expected_variance_of_a_moving_average_stays_where_it_is() -> None:
    """Persistence 1: the variance is a martingale, and h days have h times that of one."""
    average = Gjr(1.0, 1.0 - DECAY, 0.0, DECAY)
    shocks = rolled(average, 3.0)
    np.testing.assert_allclose((shocks**2).mean(axis=1), 3.0, rtol=1e-12)
    assert (shocks.sum(axis=0) ** 2).mean() == pytest.approx(3.0 * DAYS, rel=1e-12)
    assert average.omega == pytest.approx(0.0, abs=1e-15)


def test_shocks_are_uncorrelated_and_a_fall_raises_the_variance_after_it() -> None:
    shocks = rolled(LEVERAGED, 2.0)
    products = shocks @ shocks.T / shocks.shape[1]
    np.testing.assert_allclose(products - np.diag(np.diag(products)), 0.0, atol=1e-13)
    leverage = (shocks[:-1] * shocks[1:] ** 2).mean(axis=1)  # E ε(t) ε²(t + 1)
    plain = rolled(Gjr(2.0, 0.11, 0.0, 0.8), 2.0)
    without = (plain[:-1] * plain[1:] ** 2).mean(axis=1)
    assert (leverage < without).all()


def test_kurtosis_of_the_second_day_is_that_of_bollerslev() -> None:
    """From σ² = s², E σ⁴ = s⁴ + α² s⁴ (κ − 1) after a day, with κ = E z⁴."""
    garch, fourth = Gjr(2.0, 0.15, 0.0, 0.8), float((LAW.residuals**4).mean())
    shocks = rolled(garch, 2.0)
    expected = fourth * (4.0 + 0.15**2 * 4.0 * (fourth - 1.0))
    assert (shocks[1] ** 4).mean() == pytest.approx(expected, rel=1e-12)
    assert (shocks[0] ** 4).mean() == pytest.approx(fourth * 4.0, rel=1e-12)


def test_the_expected_log_variance_of_egarch_goes_to_its_own_level() -> None:
    """Innovations with another E|z| than the normal √(2/π) move the level by α Δ/(1 − β)."""
    egarch = Egarch(level=0.3, alpha=0.2, gamma=-0.1, beta=0.9)
    shocks = rolled(egarch, float(np.exp(1.5)))
    log_variance = np.log((shocks / EVERY) ** 2).mean(axis=1)
    excess = float(np.abs(LAW.residuals).mean() - np.sqrt(2.0 / np.pi))
    level = 0.3 + 0.2 * excess / 0.1
    np.testing.assert_allclose(log_variance, level + 0.9 ** np.arange(DAYS) * (1.5 - level))
    assert abs(level - 0.3) > 0.01


def test_news_of_egarch_moves_the_log_variance_by_its_sign_and_its_size() -> None:
    """E z(t) log σ²(t + k) = β^(k−1) (γ + α E |z| z), because the sign counts γ."""
    egarch = Egarch(level=0.3, alpha=0.2, gamma=-0.1, beta=0.9)
    log_variance = np.log((rolled(egarch, 1.0) / EVERY) ** 2)
    found = (EVERY[0] * log_variance[1:]).mean(axis=1)
    news = -0.1 + 0.2 * float((np.abs(LAW.residuals) * LAW.residuals).mean())
    np.testing.assert_allclose(found, 0.9 ** np.arange(DAYS - 1) * news)


def test_a_moving_average_is_a_sum_with_weights_that_decay() -> None:
    """σ²(n) = λⁿ σ²(0) + (1 − λ) Σ λ^(n−1−i) r²(i)."""
    series = 0.01 * Seed(8).stream("validation").standard_normal((300, 1))
    filtered = EwmaNormal().fit(series).recursion.filtered(series[:, 0])
    for day in (0, 1, 2, 60, 300):
        weights = (1.0 - DECAY) * DECAY ** np.arange(day)[::-1]
        first = DECAY**day * float((series**2).mean())
        assert filtered[day] == pytest.approx(first + weights @ series[:day, 0] ** 2, rel=1e-11)


def test_filtered_historical_simulation_is_a_loop_over_days_and_paths() -> None:
    """The loop draws the residuals of the addressed stream and feeds each shock back by hand."""
    series = 0.01 * Seed(9).stream("validation").standard_normal((60, 1))
    recursion = Gjr(1e-4, 0.04, 0.1, 0.85)
    model, horizon, draws, day = FittedVolatility("gjr-fhs", 2e-4, recursion, LAW), 5, 8, 41
    paths = next(model.forecast(series, range(day, day + 1), horizon, draws, Seed(3)))
    chance = Seed(3).stream("baseline", FORECAST, day).random((horizon, draws))
    for path in range(draws):
        variance = recursion.variance
        for r in series[:day, 0] - 2e-4:
            variance = recursion.omega + (0.04 + 0.1 * (r < 0)) * r**2 + 0.85 * variance
        for step in range(horizon):
            shock = np.sqrt(variance) * LAW.residuals[int(chance[step, path] * 3)]
            assert paths[path, step, 0] == pytest.approx(2e-4 + shock, rel=1e-12)
            news = 0.04 + 0.1 * (shock < 0)
            variance = recursion.omega + news * shock**2 + 0.85 * variance


@pytest.mark.parametrize("degrees", [2.5, 6.0, 40.0])
@pytest.mark.parametrize("skew", [-0.6, 0.0, 0.4])
def test_the_skewed_t_has_mean_0_variance_1_and_its_share_of_falls_by_integration(
    degrees: float, skew: float
) -> None:
    law = SkewT(degrees, skew)

    z = np.sinh(np.linspace(-16.0, 16.0, 160_002))  # even, so that no point is 0
    mass = np.exp(law.log_likelihood(z, np.ones(z.size))) * np.gradient(z)
    falls, rises = ([float((z**k * mass)[side].sum()) for k in range(3)] for side in (z < 0, z > 0))
    reached = 1e-3 if degrees < 3.0 else 1e-6  # of the second moment, whose tail is z^(1 − ν)
    np.testing.assert_allclose(np.add(falls, rises), [1.0, 0.0, 1.0], atol=reached)
    assert law.negative_share == pytest.approx(falls[2], abs=reached)
    assert (law.negative_share > 0.5) == (skew < 0.0) or skew == 0.0


def test_a_student_law_of_many_degrees_is_the_normal_one() -> None:
    shocks = np.linspace(-4.0, 4.0, 81)
    normal = Normal().log_likelihood(shocks, np.full(81, 1.7))
    many, few = (StudentT(nu).log_likelihood(shocks, np.full(81, 1.7)) for nu in (1e6, 5.0))
    np.testing.assert_allclose(many, normal, atol=2e-4)
    assert np.abs(few - normal).max() > 0.1


ADDRESSES = st.lists(st.floats(-10.0, 10.0), min_size=3, max_size=3)


@settings(max_examples=100, deadline=None)
@given(free=ADDRESSES, share=st.floats(0.05, 0.95))
def test_every_address_is_a_recursion_whose_variance_is_positive_and_finite(
    free: list[float], share: float
) -> None:
    """α ≥ 0 and α + γ ≥ 0, so no shock of either sign makes a negative variance."""
    gjr = GJR.at(np.array(free), share)
    garch = GARCH.at(np.array(free[:2]), share)
    assert isinstance(gjr, Gjr) and isinstance(garch, Gjr)
    assert min(gjr.alpha, gjr.alpha + gjr.gamma, gjr.beta, gjr.omega) >= -1e-12
    assert (garch.gamma, garch.alpha >= 0.0, garch.variance) == (0.0, True, 1.0)
    for found in (gjr, garch):
        assert found.persistence == pytest.approx(float(expit(free[0])), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(free=ADDRESSES, memory=st.floats(-10.0, 10.0))
def test_every_address_of_egarch_is_that_recursion(free: list[float], memory: float) -> None:
    found = free_region().at(np.array([*free, memory]), 0.5)
    assert found == Egarch(*free, beta=float(expit(memory)))
    assert 0.0 <= found.persistence < 1.0
