"""Risk along a path: numbers by hand, from closed forms and from statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import polygamma
from scipy.stats import norm, t
from statsmodels.stats.stattools import robust_kurtosis

from simgan.errors import ConfigError
from simgan.stats.path_risk import (
    MONTH,
    log_volatility_memory,
    log_volatility_spread,
    longest_losing_runs,
    longest_under_water,
    maximum_drawdowns,
    quantiles,
    share_below,
    tail_ratio,
    variance_ratio,
    volatilities,
    wild_run,
)

RNG = np.random.default_rng(5)
NORMAL = 0.01 * RNG.standard_normal((20, 2000))
HALVED = np.log(np.array([2.0, 0.5, 0.5, 4.0]))  # prices 1, 2, 1, 1/2, 2


def test_a_drawdown_is_the_largest_fall_from_an_earlier_high() -> None:
    """By hand: prices 1, 2, 1, ½, 2 fall from 2 to ½, by three quarters."""
    assert maximum_drawdowns(HALVED, 4, 1) == pytest.approx([0.75])
    assert maximum_drawdowns(np.abs(HALVED), 4, 1) == pytest.approx([0.0])


def test_a_fall_from_the_first_price_counts() -> None:
    assert maximum_drawdowns(np.log([0.8]), 1, 1) == pytest.approx([0.2])


def test_stretches_end_on_the_last_day_and_cross_no_path() -> None:
    """By hand: of five days, stretches of two with a stride of two are days 2–3 and 4–5."""
    paths = np.log(np.array([[0.1, 1.0, 0.9, 1.0, 0.8], [1.0, 1.0, 1.0, 1.0, 0.7]]))
    assert maximum_drawdowns(paths, 2, 2) == pytest.approx([0.1, 0.2, 0.0, 0.3])


def test_time_under_water_ends_at_the_next_high() -> None:
    """By hand: prices 1, 2, 1, ½, 2 are below 2 for two days, and 1, ½, ¼ for two to the end."""
    assert longest_under_water(HALVED, 4, 1).tolist() == [2]
    assert longest_under_water(-np.ones(2), 2, 1).tolist() == [2]
    assert longest_under_water(np.ones(3), 3, 1).tolist() == [0]


def test_a_day_without_a_move_ends_a_run_of_losses() -> None:
    assert longest_losing_runs(np.array([-1, -1, 0, -1, 1, -1.0]), 6, 1).tolist() == [2]


def test_runs_of_losses_have_the_mean_of_fair_coins() -> None:
    """The longest run of heads among 250 fair coins has mean log₂ 250 − ⅔ = 7.30 (Schilling 1990,
    "The longest run of heads") and standard deviation 1.87. The mean of 2,000 stretches that do
    not overlap has an error of .04.
    """
    found = longest_losing_runs(RNG.standard_normal((1000, 500)), 250, 50).mean()
    assert found == pytest.approx(np.log2(250) - 2 / 3, abs=0.2)


def test_wild_days_follow_by_chance_in_a_fifth_of_the_cases() -> None:
    """Of independent days the mean run is 1/(1 − 0.2); a history sorted by size has one run."""
    assert wild_run(NORMAL) == pytest.approx(1.25, abs=0.02)
    assert wild_run(np.arange(1.0, 101.0)) == 20


def test_wild_days_of_two_paths_are_two_runs() -> None:
    assert wild_run(np.array([[1, 1, 1, 1, 9.0], [9, 1, 1, 1, 1.0]])) == 1


def test_volatility_is_the_root_mean_square_of_a_window() -> None:
    assert volatilities(np.array([3.0, 4.0, 0.0]), 2)[0] == pytest.approx([np.sqrt(12.5), 8**0.5])


def test_the_spread_of_log_volatility_is_that_of_chi_squared_for_a_normal_law() -> None:
    """log RV = ½ log(χ²ₙ/n) + c has the variance ψ′(n/2)/4."""
    expected = np.sqrt(polygamma(1, MONTH / 2) / 4)
    assert log_volatility_spread(NORMAL) == pytest.approx(expected, rel=0.03)
    assert log_volatility_spread(7 * NORMAL) == pytest.approx(log_volatility_spread(NORMAL))


def test_months_that_alternate_are_opposed_and_independent_ones_are_not() -> None:
    """By hand: windows of a square wave of period two months are c − x and c + x, so ρ = −1."""
    wave = np.tile(np.repeat([1.0, np.sqrt(2.0)], MONTH), 20)
    assert log_volatility_memory(wave) == pytest.approx(-1.0, abs=0.05)
    assert log_volatility_memory(NORMAL) == pytest.approx(0.0, abs=0.05)


def test_months_without_a_move_have_a_volatility() -> None:
    still = np.concatenate([np.zeros(60), NORMAL[0, :200]])
    assert np.isfinite(log_volatility_spread(still))
    assert np.isfinite(log_volatility_memory(still))


def test_a_month_cannot_be_compared_with_the_next_in_paths_of_one_month() -> None:
    with pytest.raises(ConfigError, match=r"horizon = 41.* 42 or more"):
        log_volatility_memory(NORMAL[:, :41])


def test_the_tail_ratio_is_that_of_kim_and_white() -> None:
    assert tail_ratio(NORMAL[:2], 1) == pytest.approx(
        robust_kurtosis(NORMAL[:2].ravel())[3], rel=1e-9
    )


def test_the_tail_ratio_of_a_student_t_is_known_and_falls_with_the_horizon() -> None:
    """From the quantiles of t₃; for sums of independent days it goes to 0."""
    days = RNG.standard_t(3, (20, 5000))
    expected = t.ppf(0.975, 3) / t.ppf(0.75, 3) - norm.ppf(0.975) / norm.ppf(0.75)
    assert tail_ratio(days, 1) == pytest.approx(expected, abs=0.06)
    assert tail_ratio(days, 20) < 0.3 * expected


def test_a_price_that_hardly_moves_has_a_bounded_tail_ratio() -> None:
    assert tail_ratio(np.array([0.0] * 90 + [1.0] * 10), 1) == pytest.approx(1000 - 2.906, abs=1e-3)
    assert np.isfinite(tail_ratio(np.zeros(10), 1))


def test_the_variance_ratio_of_momentum_is_known() -> None:
    """x_t = e_t + e_{t−1} has ρ₁ = ½, so VR(5) = 1 + 2·(4/5)·½ = 1.8 (Lo & MacKinlay)."""
    assert variance_ratio(NORMAL, 5) == pytest.approx(1.0, abs=0.04)
    assert variance_ratio(NORMAL[:, 1:] + NORMAL[:, :-1], 5) == pytest.approx(1.8, abs=0.06)


def test_the_share_below_a_bound_counts_sums() -> None:
    assert share_below(np.array([-1.0, -1.0, 3.0]), 2, 0.0) == 0.5


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    probability=st.floats(0.0, 1.0),
)
def test_quantiles_are_those_of_numpy(values: list[float], probability: float) -> None:
    found = quantiles(np.array(values), (probability,))
    assert found == pytest.approx([np.quantile(values, probability)], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("days", "stride"), [(0, 1), (5, 1), (2, 0)])
def test_a_stretch_that_does_not_fit_is_refused(days: int, stride: int) -> None:
    with pytest.raises(ConfigError, match="from 1 to the horizon, here 4"):
        longest_losing_runs(HALVED, days, stride)
