"""VaR, ES, CRPS and tail CRPS of scenarios with probabilities:
by hand, by repetition of scenarios, by integration.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from scipy.stats import t as student

from simgan.errors import ConfigError
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.returns import fewest
from simgan.risk.scores import crps, tail_crps
from simgan.seeds import Seed

MEASURES = (value_at_risk, expected_shortfall)


def test_three_scenarios_by_hand() -> None:
    """Losses 1, 2, 3 with .5, .3, .2: VaR 70 % is 2; the worst 30 % are 3 with .2 and 2 with .1."""
    log_returns, p = np.array([-2.0, -3.0, -1.0]), np.array([0.3, 0.2, 0.5])
    assert value_at_risk(log_returns, 0.7, p) == 2.0
    assert expected_shortfall(log_returns, 0.7, p) == pytest.approx(
        (3 * 0.2 + 2 * 0.1) / 0.3, abs=1e-12
    )
    assert (
        value_at_risk(log_returns, 0.8, p) == 2.0
    )  # .5 + .3 reaches .8 although the computer's sum may not
    assert value_at_risk(log_returns, 0.81, p) == 3.0


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=40).map(np.array), st.floats(0.01, 0.99))
@settings(max_examples=100, deadline=None)
def test_equal_probabilities_change_no_bit(log_returns: np.ndarray, level: float) -> None:
    assume(log_returns.size >= fewest(level))
    p = np.full(log_returns.size, 1 / log_returns.size)
    for measure in MEASURES:
        assert measure(log_returns, level, p) == measure(log_returns, level)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 5)), min_size=4, max_size=30),
    st.sampled_from([0.5, 0.77, 0.9]),
)
@settings(max_examples=150, deadline=None)
def test_a_probability_of_three_is_a_scenario_three_times(
    pairs: list[tuple[float, int]], level: float
) -> None:
    log_returns, counts = (np.array(column) for column in zip(*pairs, strict=True))
    if counts.sum() == 0:
        counts[0] = 1
    repeated = np.repeat(log_returns, counts)
    assume(min(repeated.size, log_returns.size) >= fewest(level))
    if abs(level * repeated.size - round(level * repeated.size)) < 1e-9:
        level -= 0.001  # at a whole number of scenarios the last bit of the product decides
    for measure in MEASURES:
        assert measure(log_returns, level, counts / counts.sum()) == pytest.approx(
            measure(repeated, level), abs=1e-12
        )


def test_every_day_of_a_table_has_the_same_probabilities() -> None:
    rng = np.random.default_rng(5)
    table, p = rng.standard_normal((4, 60)), rng.dirichlet(np.ones(60))
    for measure in MEASURES:
        np.testing.assert_allclose(
            measure(table, 0.9, p), [measure(day, 0.9, p) for day in table], rtol=1e-14
        )


def test_importance_weights_find_the_tail_of_another_law() -> None:
    """Draws of N(−2, 1), weighted as N(0, 1):
    VaR and ES 99 % of the standard normal (2.326, 2.665), within 1 %.
    """
    draws = Seed(4).stream("validation").standard_normal(200_000) - 2.0
    p = norm.pdf(draws) / norm.pdf(draws, loc=-2.0)
    p /= p.sum()
    assert value_at_risk(draws, 0.99, p) == pytest.approx(norm.ppf(0.99), rel=0.01)
    assert expected_shortfall(draws, 0.99, p) == pytest.approx(
        norm.pdf(norm.ppf(0.99)) / 0.01, rel=0.01
    )
    assert value_at_risk(draws, 0.99) > 4.0


@pytest.mark.parametrize(
    "p", [[0.5, 0.5], [0.5, 0.6, -0.1], [0.3, 0.3, 0.3], [0.5, 0.5, np.nan], [[0.2, 0.3, 0.5]]]
)
def test_probabilities_that_are_none_are_refused(p: list[float]) -> None:
    for measure in MEASURES:
        with pytest.raises(ConfigError, match="probabilities"):
            measure(np.array([0.1, 0.2, 0.3]), 0.9, np.array(p))
    with pytest.raises(ConfigError, match="probabilities"):
        crps(np.array([[0.1, 0.2, 0.3]]), np.array([0.1]), np.array(p))


def test_weighted_crps_by_its_double_sum() -> None:
    rng = np.random.default_rng(6)
    draws, realized, p = (
        rng.standard_normal((5, 8)),
        rng.standard_normal(5),
        rng.dirichlet(np.ones(8)),
    )
    pairs = (np.abs(draws[:, :, None] - draws[:, None, :]) * p[:, None] * p).sum(axis=(1, 2))
    expected = np.abs(draws - realized[:, None]) @ p - pairs / 2 / (1 - (p**2).sum())
    np.testing.assert_allclose(crps(draws, realized, p), expected, atol=1e-12)
    np.testing.assert_array_equal(crps(draws, realized, np.full(8, 0.125)), crps(draws, realized))


def test_weighted_crps_is_fair() -> None:
    """100,000 sets of five draws with probabilities fixed beforehand:
    the normal's closed form, within five standard errors.
    """
    draws, p = (
        Seed(2).stream("validation").standard_normal((100_000, 5)),
        np.array([0.5, 0.2, 0.15, 0.1, 0.05]),
    )
    values = crps(draws, np.full(100_000, 0.3), p)
    expected = 0.3 * (2 * norm.cdf(0.3) - 1) + 2 * norm.pdf(0.3) - 1 / np.sqrt(np.pi)
    margin = 5 * values.std() / np.sqrt(values.size)
    assert abs(values.mean() - expected) < margin
    spread = (np.abs(draws[:, :, None] - draws[:, None, :]) * p[:, None] * p).sum(axis=(1, 2)) / 2
    plain = values + spread * (1 / (1 - (p**2).sum()) - 1)
    assert abs(plain.mean() - expected) > margin


def test_one_draw_with_all_the_probability_is_refused() -> None:
    with pytest.raises(ConfigError, match="two draws"):
        crps(np.ones((2, 3)), np.ones(2), np.array([0.0, 1.0, 0.0]))


@pytest.mark.parametrize("y", [-2.5, -1.0, 0.4])
def test_tail_crps_is_the_integral_of_its_definition(y: float) -> None:
    """∫ (Φ(z) − 1{y ≤ z})² dz up to −1 by quadrature;
    2,000 midpoints of the normal stand for the law.
    """
    draws = norm.ppf((np.arange(2000) + 0.5) / 2000)[None]
    expected = quad(
        lambda z: (norm.cdf(z) - (y <= z)) ** 2, -12, -1.0, points=[min(y, -1.0)], limit=200
    )[0]
    assert tail_crps(draws, np.array([y]), -1.0)[0] == pytest.approx(expected, abs=5e-4)


def test_tail_crps_takes_a_threshold_a_day_and_without_one_is_the_crps() -> None:
    rng = np.random.default_rng(7)
    draws, realized = rng.standard_normal((3, 50)), rng.standard_normal(3)
    thresholds = np.array([-1.0, 0.0, 0.5])
    alone = [tail_crps(draws[[i]], realized[[i]], thresholds[i])[0] for i in range(3)]
    np.testing.assert_allclose(tail_crps(draws, realized, thresholds), alone)
    np.testing.assert_array_equal(tail_crps(draws, realized, 1e9), crps(draws, realized))
    assert (tail_crps(draws, realized, -1e9) == 0).all()


def test_tail_crps_is_best_at_the_truth() -> None:
    """2,000 midpoints of t₄ came;
    its own law costs less below −1 than normals of the same or the true tail's width.
    """
    u = (np.arange(2000) + 0.5) / 2000
    realized, normal = student.ppf(u, 4), norm.ppf(u[2::5])

    def cost(law: np.ndarray) -> float:
        return float(tail_crps(np.broadcast_to(law, (2000, law.size)), realized, -1.0).mean())

    true = cost(student.ppf(u[2::5], 4))
    assert all(true < cost(width * normal) for width in (1.0, 1.2, np.sqrt(2.0), 1.6))


@pytest.mark.parametrize("threshold", [np.zeros(2), np.nan])
def test_thresholds_that_are_none_are_refused(threshold: object) -> None:
    with pytest.raises(ConfigError, match="tail_crps"):
        tail_crps(np.ones((3, 5)), np.ones(3), threshold)  # type: ignore[arg-type]
