"""Buy-and-hold log returns by hand;
Euler contributions from the normal's closed form and from differences of weights.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from simgan.errors import ConfigError
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.portfolio import Portfolio, portfolio_log_returns, risk_contributions
from simgan.scenarios.product import Scenarios
from simgan.seeds import Seed

COVARIANCE = np.array([[4.0, 1.0, -0.5], [1.0, 1.0, 0.2], [-0.5, 0.2, 9.0]]) * 1e-4
WEIGHTS = np.array([0.5, 0.8, -0.3])


def normal_paths(n: int, seed: int = 1) -> np.ndarray:
    """Log returns (n, 1, 3) whose simple returns are normal."""
    root = np.linalg.cholesky(COVARIANCE)
    return np.log1p(Seed(seed).stream("validation").standard_normal((n, 3)) @ root.T)[:, None, :]


def test_two_steps_of_two_assets_by_hand() -> None:
    """One doubles, then doubles again;
    one halves: ½·4 + ½·½ = 2¼. Rebalanced it would be (½·2 + ½·½)(½·2 + ½) = 1.875.
    """
    log_returns = np.log([[[2.0, 0.5], [2.0, 1.0]]])
    np.testing.assert_allclose(
        portfolio_log_returns(log_returns, np.array([0.5, 0.5])), np.log(2.25)
    )


def test_one_asset_is_its_own_portfolio() -> None:
    log_returns = np.random.default_rng(1).standard_normal((20, 5, 1)) * 0.01
    np.testing.assert_allclose(
        portfolio_log_returns(log_returns, np.ones(1)), log_returns.sum(axis=(1, 2)), atol=1e-15
    )


def test_contributions_of_normal_returns_are_the_closed_form() -> None:
    """Component = wₐ (Σw)ₐ/σ times z, or times φ(z)/a (McNeil, Frey & Embrechts 2015, section 8.5);
    400,000 scenarios.
    """
    found = risk_contributions(normal_paths(400_000), WEIGHTS, 0.975)
    z = norm.ppf(0.975)
    shares = WEIGHTS * (COVARIANCE @ WEIGHTS) / np.sqrt(WEIGHTS @ COVARIANCE @ WEIGHTS)
    scale = np.abs(shares).sum()
    np.testing.assert_allclose(found.component_value_at_risk, shares * z, atol=0.015 * scale * z)
    np.testing.assert_allclose(
        found.component_expected_shortfall, shares * norm.pdf(z) / 0.025, atol=0.01 * scale * z
    )


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("weighted", [False, True])
def test_components_sum_to_the_whole(level: float, weighted: bool) -> None:
    paths = normal_paths(777, 3)
    p = np.random.default_rng(2).dirichlet(np.ones(777)) if weighted else None
    found = risk_contributions(paths, WEIGHTS, level, p)
    assert found.component_value_at_risk.sum() == pytest.approx(found.value_at_risk, rel=1e-10)
    assert found.component_expected_shortfall.sum() == pytest.approx(
        found.expected_shortfall, rel=1e-10
    )
    assert found.percentage_value_at_risk.sum() == pytest.approx(100.0)
    assert found.percentage_expected_shortfall.sum() == pytest.approx(100.0)


def test_marginal_shortfall_is_the_derivative_by_the_weights() -> None:
    """Central differences of ES of the simple return, weights free of their sum;
    the tail's members do not change over 10⁻⁷.
    """
    paths = normal_paths(1000, 4)
    simple = np.expm1(paths[:, 0])
    found = risk_contributions(paths, WEIGHTS, 0.955)
    for asset in range(3):
        step = 1e-7 * np.eye(3)[asset]
        slope = (
            expected_shortfall(simple @ (WEIGHTS + step), 0.955)
            - expected_shortfall(simple @ (WEIGHTS - step), 0.955)
        ) / 2e-7
        assert found.marginal_expected_shortfall[asset] == pytest.approx(slope, abs=1e-7)


def test_scenario_probabilities_are_scenarios_repeated() -> None:
    paths = normal_paths(200, 5)
    counts = np.random.default_rng(3).integers(1, 4, 200)
    weighted = risk_contributions(paths, WEIGHTS, 0.953, counts / counts.sum())
    repeated = risk_contributions(np.repeat(paths, counts, axis=0), WEIGHTS, 0.953)
    np.testing.assert_allclose(
        weighted.component_expected_shortfall, repeated.component_expected_shortfall, atol=1e-12
    )
    assert weighted.value_at_risk == pytest.approx(repeated.value_at_risk, abs=1e-15)


def test_an_asset_without_weight_has_a_marginal_risk_and_no_component() -> None:
    found = risk_contributions(normal_paths(2000), np.array([0.5, 0.5, 0.0]), 0.95)
    assert (
        found.component_expected_shortfall[2] == 0.0 and found.marginal_expected_shortfall[2] != 0.0
    )


def test_scenarios_that_are_all_alike_have_contributions() -> None:
    found = risk_contributions(np.full((30, 2, 2), -0.01), np.array([0.4, 0.6]), 0.9)
    np.testing.assert_allclose(
        found.component_value_at_risk, -np.expm1(-0.02) * np.array([0.4, 0.6])
    )
    np.testing.assert_allclose(found.component_expected_shortfall, found.component_value_at_risk)


@pytest.mark.parametrize(
    ("log_returns", "weights"),
    [
        (np.zeros((5, 2)), np.ones(2) / 2),
        (np.zeros((5, 2, 2)), np.ones(3) / 3),
        (np.zeros((5, 2, 2)), np.array([0.5, 0.6])),
        (np.full((5, 2, 2), np.nan), np.ones(2) / 2),
        (np.log([[[4.0, 1.0]]]), np.array([-1.0, 2.0])),
    ],
)
def test_portfolios_that_make_no_sense_are_refused(
    log_returns: np.ndarray, weights: np.ndarray
) -> None:
    with pytest.raises(ConfigError):
        portfolio_log_returns(log_returns, weights)


def log_returns(*shape: int, seed: int = 0) -> np.ndarray:
    return 0.02 * Seed(23).stream("validation", seed).standard_normal(shape)


@pytest.mark.parametrize("shape", [(40, 10, 1), (10, 1), (3, 40, 10, 1)])
def test_a_portfolio_of_one_asset_is_the_asset_to_the_bit(shape: tuple[int, ...]) -> None:
    paths, single = log_returns(*shape), Portfolio.single("A")
    np.testing.assert_array_equal(single.cumulative(paths), np.cumsum(paths[..., 0], axis=-1))
    np.testing.assert_array_equal(single.total(paths), paths[..., 0].sum(axis=-1))
    assert single.name == "A"


def test_a_portfolio_is_held_and_not_rebalanced() -> None:
    """By hand:
    half doubles and then halves, half stays: 1 → 1.5 → 1; rebalanced it would be 1.125.
    """
    paths = np.log(np.array([[[2.0, 1.0], [0.5, 1.0]]]))
    mixture = Portfolio(("A", "B"), (0.5, 0.5))
    np.testing.assert_allclose(mixture.cumulative(paths), np.log([[1.5, 1.0]]), atol=1e-15)
    np.testing.assert_allclose(mixture.total(paths), [0.0], atol=1e-15)


def test_both_ways_to_the_return_of_a_portfolio_agree() -> None:
    paths, weights = log_returns(200, 10, 3), np.array([0.5, 0.8, -0.3])
    mixture = Portfolio(("A", "B", "C"), tuple(weights))
    np.testing.assert_allclose(
        mixture.total(paths), portfolio_log_returns(paths, weights), rtol=1e-10, atol=1e-15
    )
    np.testing.assert_allclose(mixture.cumulative(paths)[:, -1], mixture.total(paths), atol=1e-14)
    wrong = Portfolio(("A", "B", "C"), (0.5, 0.3, 0.2))  # the twin
    assert not np.allclose(wrong.total(paths), portfolio_log_returns(paths, weights), atol=1e-4)


def test_a_portfolio_has_its_weights_in_its_name() -> None:
    assert Portfolio(("A", "B"), (1.25, -0.25)).name == "125 % A + −25 % B"


def test_contributions_show_the_part_of_each_asset_by_name() -> None:
    drawn = Scenarios(normal_paths(2_000).astype(np.float32), assets=("ONE", "TWO", "THREE"))
    found = risk_contributions(drawn, {"ONE": 0.5, "TWO": 0.8, "THREE": -0.3}, 0.99)
    title, *lines = repr(found).splitlines()
    assert title == "Risk contributions at 99 %"
    assert [line.split()[0] for line in lines] == ["whole", "ONE", "TWO", "THREE"]
    es = f"ES {100 * found.component_expected_shortfall[0]:.2f} %".replace("-", "−")
    assert "share 50 %" in lines[1] and lines[1].endswith(es) and "share −30 %" in lines[3]
    assert "asset 2" in repr(risk_contributions(normal_paths(2_000), WEIGHTS, 0.99))


def test_cash_keeps_its_value() -> None:
    """By hand: .8 doubles and .2 stays, 1.8. One asset with cash has no log return of its own."""
    paths = np.log(np.array([[[2.0]], [[0.5]]]))
    mixture = Portfolio(("A",), (0.8,), cash=0.2)
    np.testing.assert_allclose(mixture.total(paths), np.log([1.8, 0.6]), rtol=1e-12)
    np.testing.assert_allclose(mixture.cumulative(paths)[:, 0], np.log([1.8, 0.6]), rtol=1e-12)
    assert mixture.name == "80 % A + 20 % CASH"
    by_name = Portfolio(("A",), {"A": 0.8, "CASH": 0.2})  # type: ignore[arg-type]
    assert by_name.weights == (0.8,) and by_name.cash == pytest.approx(0.2)
    drawn = Scenarios(np.repeat(paths, 2, axis=0).astype(np.float32), assets=("A",))
    for weights in (mixture, {"A": 0.8, "CASH": 0.2}):
        np.testing.assert_allclose(
            portfolio_log_returns(drawn, weights), np.log([1.8, 1.8, 0.6, 0.6]), rtol=1e-6
        )
        assert value_at_risk(drawn, 0.75, portfolio=weights) == pytest.approx(-np.log(0.6))
        parts = risk_contributions(drawn, weights, 0.75)
        assert parts.component_expected_shortfall.sum() == pytest.approx(parts.expected_shortfall)


@pytest.mark.parametrize(
    ("assets", "weights"),
    [
        ((), ()),
        (("A",), (0.9,)),
        (("A", "B"), (1.0,)),
        (("A", "A"), (0.5, 0.5)),
        (("A", "B"), (0.5, float("nan"))),
    ],
)
def test_a_portfolio_that_cannot_be_is_refused(
    assets: tuple[str, ...], weights: tuple[float, ...]
) -> None:
    with pytest.raises(ConfigError, match="portfolio"):
        Portfolio(assets, weights)


def test_other_assets_than_those_of_the_portfolio_are_refused() -> None:
    for bad in (log_returns(5, 3), log_returns(3)):
        with pytest.raises(ConfigError, match="shape"):
            Portfolio(("A", "B"), (0.5, 0.5)).total(bad)
    with pytest.raises(ConfigError, match="weights"):
        Portfolio.single("A", "B")


def test_short_positions_that_lose_everything_are_told() -> None:
    paths = np.log(np.array([[[1.0, 3.0]]]))
    with pytest.raises(ConfigError, match="less short"):
        Portfolio(("A", "B"), (1.5, -0.5)).total(paths)


@pytest.mark.parametrize("weights", [[0.3333] * 3, [0.3335, 0.3335, 0.3335]])
def test_rounded_weights_are_scaled_to_the_sum_of_one(weights: list[float]) -> None:
    """By hand: prices that double, halve and stay are worth 7/6 in equal thirds."""
    paths = np.log([[[2.0, 0.5, 1.0]]])
    assert np.exp(portfolio_log_returns(paths, weights)) == pytest.approx(7 / 6)
    with pytest.raises(ConfigError, match=r"of sum 0\.99 is not possible"):
        portfolio_log_returns(paths, [0.33] * 3)
