"""Monte Carlo errors of VaR and ES against repeated simulation and against the bootstrap that they
stand for.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.stats import norm

from simgan.errors import ConfigError
from simgan.risk.measures import expected_shortfall, risk_of, value_at_risk
from simgan.seeds import Seed

SETS, PATHS = 1500, 2000


def errors(level: float, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the squared errors told, and variance of the estimates over the sets, for VaR and
    ES.
    """
    told = [risk_of(one, level) for one in sets]
    squared = np.array([[e.value_at_risk_error**2, e.expected_shortfall_error**2] for e in told])
    estimates = np.array([[e.value_at_risk, e.expected_shortfall] for e in told])
    return squared.mean(axis=0), estimates.var(axis=0)


@pytest.mark.parametrize(("level", "tolerance"), [(0.9, 0.12), (0.975, 0.15)])
def test_errors_are_those_of_repeated_simulation(level: float, tolerance: float) -> None:
    """1,500 sets of 2,000 draws of t₆:
    a variance of 1,500 estimates is known to 4 %, so 12 % is three of its errors.
    """
    sets = Seed(1).stream("validation").standard_t(6, (SETS, PATHS))
    told, seen = errors(level, sets)
    np.testing.assert_allclose(told, seen, rtol=tolerance)


def test_errors_of_the_normal_are_the_asymptotic_closed_forms() -> None:
    """Var(VaR) = a(1 − a)/(n φ(z)²);
    Var(ES) = (Var(L | tail) + (1 − a)(ES − VaR)²)/(n a): 10⁶ midpoints, 1 %.
    """
    n, a = 1_000_000, 0.01
    estimate = risk_of(norm.ppf((np.arange(n) + 0.5) / n), 1 - a)
    z = norm.ppf(1 - a)
    es = norm.pdf(z) / a
    var_of_tail = 1 + z * es - es**2
    assert estimate.value_at_risk_error == pytest.approx(
        np.sqrt(a * (1 - a) / n) / norm.pdf(z), rel=0.01
    )
    assert estimate.expected_shortfall_error == pytest.approx(
        np.sqrt((var_of_tail + (1 - a) * (es - z) ** 2) / (n * a)), rel=0.01
    )


def test_the_error_of_var_is_that_of_the_bootstrap() -> None:
    """20,000 resamples drawn and measured: their standard deviation is known to 0.5 %."""
    rng = np.random.default_rng(3)
    sample = rng.standard_t(4, 300)
    resamples = rng.choice(sample, (20_000, 300))
    estimate = risk_of(sample, 0.95)
    assert estimate.value_at_risk_error == pytest.approx(
        value_at_risk(resamples, 0.95).std(), rel=0.025
    )
    assert estimate.expected_shortfall_error == pytest.approx(
        expected_shortfall(resamples, 0.95).std(), rel=0.08
    )


def test_importance_weights_have_errors_of_their_own() -> None:
    """Draws of N(−1, 1.2²) weighted as N(0, 1), 600 sets of 2,000:
    as for repeated simulation, within four errors (23 %).
    """
    draws = Seed(5).stream("validation").standard_normal((600, 2000)) * 1.2 - 1.0
    ratio = norm.pdf(draws) / norm.pdf(draws, -1.0, 1.2)
    told = [risk_of(one, 0.975, p / p.sum()) for one, p in zip(draws, ratio, strict=True)]
    for name in ("value_at_risk", "expected_shortfall"):
        squared = np.mean([getattr(e, f"{name}_error") ** 2 for e in told])
        assert squared == pytest.approx(np.var([getattr(e, name) for e in told]), rel=0.23)


def test_estimates_are_the_measures_and_equal_probabilities_change_nothing() -> None:
    sample = np.random.default_rng(4).standard_normal(500)
    estimate = risk_of(sample, 0.95)
    assert estimate.value_at_risk == value_at_risk(sample, 0.95)
    assert estimate.expected_shortfall == expected_shortfall(sample, 0.95)
    assert risk_of(sample, 0.95, np.full(500, 1 / 500)) == estimate


def test_constant_returns_have_no_error_and_the_largest_loss_has_one() -> None:
    assert risk_of(np.full(50, 0.01), 0.9).value_at_risk_error == 0.0
    one_beyond = risk_of(np.arange(10.0), 0.9)
    assert one_beyond.value_at_risk == -1.0
    assert one_beyond.expected_shortfall == pytest.approx(0.0, abs=1e-15)
    assert one_beyond.value_at_risk_error > 0.0 and one_beyond.expected_shortfall_error > 0.0


def test_a_million_draws_take_a_second() -> None:
    draws = np.random.default_rng(6).standard_normal(1_000_000)
    started = time.perf_counter()
    risk_of(draws, 0.99)
    assert time.perf_counter() - started < 3.0


def test_several_sets_at_once_are_refused() -> None:
    with pytest.raises(ConfigError, match="scenarios"):
        risk_of(np.zeros((2, 50)), 0.9)
