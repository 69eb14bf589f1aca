"""VaR and ES by hand, from the normal's closed form, and by their axioms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from simgan.errors import ConfigError
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.returns import fewest

returns = st.lists(st.floats(-1, 1, allow_nan=False), min_size=2, max_size=80).map(np.array)
levels = st.floats(0.01, 0.99)


def test_losses_one_to_hundred_by_hand() -> None:
    """At 0.95: the 95th loss, and the mean of 96…100."""
    log_returns = -np.arange(1.0, 101.0)
    assert value_at_risk(log_returns, 0.95) == 95.0
    assert expected_shortfall(log_returns, 0.95) == pytest.approx(98.0)


def test_the_tail_share_cuts_through_a_scenario() -> None:
    """Ten losses at 0.85: the worst 15 % are the loss 10 and half of the loss 9."""
    assert expected_shortfall(-np.arange(1.0, 11.0), 0.85) == pytest.approx(
        (10.0 + 0.5 * 9.0) / 1.5
    )


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_normal_quantiles_give_the_closed_form(level: float) -> None:
    """ES = σ φ(Φ⁻¹(level)) / (1 − level);
    midpoints of 200,000 equal probabilities integrate it to 10⁻³.
    """
    log_returns = 0.01 * norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    z = norm.ppf(level)
    assert value_at_risk(log_returns, level) == pytest.approx(0.01 * z, rel=1e-3)
    assert expected_shortfall(log_returns, level) == pytest.approx(
        0.01 * norm.pdf(z) / (1 - level), rel=1e-3
    )


def test_each_day_of_a_backtest_is_measured_alone() -> None:
    table = np.random.default_rng(1).standard_normal((5, 300))
    for measure in (value_at_risk, expected_shortfall):
        np.testing.assert_allclose(measure(table, 0.9), [measure(day, 0.9) for day in table])


@given(returns, levels)
@settings(max_examples=100, deadline=None)
def test_shortfall_is_at_least_the_value_at_risk_and_at_most_the_worst_loss(
    log_returns: np.ndarray, level: float
) -> None:
    assume(log_returns.size >= fewest(level))
    es = expected_shortfall(log_returns, level)
    assert es >= value_at_risk(log_returns, level)
    assert es <= -log_returns.min() + 1e-9


@given(returns, levels, st.floats(0.1, 10), st.floats(-1, 1))
@settings(max_examples=100, deadline=None)
def test_scale_and_cash_pass_through(
    log_returns: np.ndarray, level: float, scale: float, cash: float
) -> None:
    assume(log_returns.size >= fewest(level))
    for measure in (value_at_risk, expected_shortfall):
        assert measure(scale * log_returns + cash, level) == pytest.approx(
            scale * measure(log_returns, level) - cash, abs=1e-9
        )


@pytest.mark.parametrize("level", [0.0, 1.0, 99.0, np.nan])
def test_a_level_that_is_no_coverage_is_refused(level: float) -> None:
    with pytest.raises(ConfigError, match="level"):
        value_at_risk(np.zeros(3), level)


@pytest.mark.parametrize("bad", [np.array([]), np.array([0.1, np.nan])])
def test_scenarios_that_are_none_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        expected_shortfall(bad, 0.9)


def test_a_list_is_read_as_an_array() -> None:
    losses = [-0.03, 0.01, 0.02, -0.01]
    assert value_at_risk(losses, 0.7) == value_at_risk(np.array(losses), 0.7) == 0.01
    with pytest.raises(ConfigError, match="shape"):
        value_at_risk([], 0.9)
    with pytest.raises(ConfigError, match="finite"):
        expected_shortfall([float("nan")] * 10, 0.9)
