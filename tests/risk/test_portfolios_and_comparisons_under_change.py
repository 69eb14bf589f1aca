"""Portfolios, contributions and comparisons of losses: invariances, closed forms, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import ConfigError
from simgan.risk.comparison import diebold_mariano, mean_by_date, model_confidence_set
from simgan.risk.portfolio import Portfolio, portfolio_log_returns, risk_contributions
from simgan.seeds import Seed

RETURNS = 0.02 * Seed(21).stream("validation").standard_t(5, (300, 4, 3))
WEIGHTS = np.array([0.5, 0.3, 0.2])
LOSSES = Seed(22).stream("validation").standard_normal((3, 200)) ** 2
bounded = settings(max_examples=50, deadline=None, derandomize=True)
shares = st.lists(st.integers(1, 20), min_size=3, max_size=3).map(lambda w: np.array(w) / sum(w))


@given(shares, st.permutations([0, 1, 2]))
@bounded
def test_the_order_of_the_assets_does_not_matter(weights: np.ndarray, order: list[int]) -> None:
    before = risk_contributions(RETURNS, weights, 0.95)
    after = risk_contributions(RETURNS[:, :, order], weights[order], 0.95)
    assert after.expected_shortfall == pytest.approx(before.expected_shortfall, rel=1e-9)
    np.testing.assert_allclose(
        after.component_expected_shortfall, before.component_expected_shortfall[order], rtol=1e-6
    )


@given(shares, st.sampled_from([0.9, 0.95, 0.99]))
@bounded
def test_components_and_percentages_sum_to_the_whole(weights: np.ndarray, level: float) -> None:
    found = risk_contributions(RETURNS, weights, level)
    assert found.component_value_at_risk.sum() == pytest.approx(found.value_at_risk, rel=1e-9)
    assert found.component_expected_shortfall.sum() == pytest.approx(
        found.expected_shortfall, rel=1e-9
    )
    assert found.percentage_value_at_risk.sum() == pytest.approx(100.0)
    assert found.percentage_expected_shortfall.sum() == pytest.approx(100.0)


@given(shares)
@bounded
def test_a_mix_is_never_riskier_than_its_parts_alone(weights: np.ndarray) -> None:
    """Diversification: the marginal ES of an asset is at most its ES alone."""
    found = risk_contributions(RETURNS, weights, 0.95)
    for asset, marginal in enumerate(found.marginal_expected_shortfall):
        alone = risk_contributions(RETURNS, np.eye(3)[asset], 0.95).expected_shortfall
        assert marginal <= alone + 1e-9


def test_a_copy_of_an_asset_shares_its_risk_by_weight() -> None:
    doubled = RETURNS[:, :, [0, 0]]
    found = risk_contributions(doubled, np.array([0.25, 0.75]), 0.95)
    np.testing.assert_allclose(found.percentage_expected_shortfall, [25.0, 75.0])
    np.testing.assert_allclose(found.percentage_value_at_risk, [25.0, 75.0])


def test_cash_has_no_marginal_risk_and_no_risk_has_no_percentages() -> None:
    cash = np.concatenate([RETURNS[:, :, :1], np.zeros((300, 4, 1))], axis=2)
    found = risk_contributions(cash, np.array([0.6, 0.4]), 0.95)
    assert found.marginal_expected_shortfall[1] == pytest.approx(0.0, abs=1e-15)
    assert found.percentage_expected_shortfall == pytest.approx([100.0, 0.0])
    none = risk_contributions(cash, np.array([0.0, 1.0]), 0.95)
    assert np.isnan(none.percentage_value_at_risk).all()
    assert np.isnan(none.percentage_expected_shortfall).all()


@given(shares, st.floats(-0.5, 0.5))
@bounded
def test_a_common_log_return_passes_through_a_portfolio(weights: np.ndarray, shift: float) -> None:
    """Σ w exp(r + c) = exp(c) Σ w exp(r): what all assets gain, the portfolio gains."""
    before = portfolio_log_returns(RETURNS, weights)
    moved = RETURNS.copy()
    moved[:, 0] += shift
    np.testing.assert_allclose(portfolio_log_returns(moved, weights), before + shift, atol=1e-9)


@given(shares)
@bounded
def test_a_held_portfolio_lies_between_its_worst_and_its_best_asset(weights: np.ndarray) -> None:
    found = portfolio_log_returns(RETURNS, weights)
    totals = RETURNS.sum(axis=1)
    assert (found >= totals.min(axis=1) - 1e-12).all()
    assert (found <= totals.max(axis=1) + 1e-12).all()
    assert (found >= totals @ weights - 1e-12).all()  # Jensen: the log of a mean is above


@given(shares)
@bounded
def test_the_last_cumulative_return_is_the_total(weights: np.ndarray) -> None:
    portfolio = Portfolio(("A", "B", "C"), tuple(weights))
    running = portfolio.cumulative(RETURNS)
    assert running.shape == (300, 4)
    np.testing.assert_allclose(running[:, -1], portfolio.total(RETURNS), atol=1e-12)
    np.testing.assert_allclose(running[:, 0], portfolio.total(RETURNS[:, :1]), atol=1e-12)
    np.testing.assert_allclose(
        portfolio.total(RETURNS), portfolio_log_returns(RETURNS, weights), atol=1e-12
    )


@pytest.mark.parametrize(
    ("assets", "weights", "name"),
    [
        (("A",), (1.0,), "A"),
        (("A", "B"), (0.6, 0.4), "60 % A + 40 % B"),
        (("A", "B"), (1.3, -0.3), "130 % A + −30 % B"),
        (("Ä&B", "<x>"), (0.125, 0.875), "12.5 % Ä&B + 87.5 % <x>"),
    ],
)
def test_a_portfolio_is_named_by_its_shares(
    assets: tuple[str, ...], weights: tuple[float, ...], name: str
) -> None:
    assert Portfolio(assets, weights).name == name


@pytest.mark.parametrize(
    ("assets", "weights"),
    [
        ((), ()),
        (("A", "A"), (0.5, 0.5)),
        (("A", "B"), (1.0,)),
        (("A",), (0.9,)),
        (("A",), (np.nan,)),
        (("A", "B"), (np.inf, -np.inf)),
    ],
)
def test_a_portfolio_without_sense_is_refused(
    assets: tuple[str, ...], weights: tuple[float, ...]
) -> None:
    with pytest.raises(ConfigError, match="portfolio"):
        Portfolio(assets, weights)


@pytest.mark.parametrize("assets", [(), ("A", "B")])
def test_only_one_asset_makes_a_portfolio_without_weights(assets: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="portfolio with weights"):
        Portfolio.single(*assets)


@pytest.mark.parametrize("measure", [portfolio_log_returns, risk_contributions])
@pytest.mark.parametrize(
    ("returns", "weights", "message"),
    [
        (RETURNS[0], WEIGHTS, "horizon"),
        (RETURNS[:0], WEIGHTS, "none of them 0"),
        (RETURNS, WEIGHTS[:2], "one an asset"),
        (RETURNS, WEIGHTS[None], "one an asset"),
        (RETURNS, 0.9 * WEIGHTS, "of sum 1"),
        (RETURNS, np.array([np.nan, 0.5, 0.5]), "asset 1=nan"),
        (np.where(RETURNS > 0.1, np.nan, RETURNS), WEIGHTS, "not finite"),
    ],
)
def test_every_portfolio_that_does_not_fit_is_refused(
    measure: object, returns: np.ndarray, weights: np.ndarray, message: str
) -> None:
    level = (0.95,) if measure is risk_contributions else ()
    with pytest.raises(ConfigError, match=message):
        measure(returns, weights, *level)  # type: ignore[operator]


def test_a_ruined_portfolio_has_risk_and_no_log_return() -> None:
    """100 % short of an asset that rises fourfold, 200 % in cash: all is lost on these paths."""
    returns = np.zeros((4, 1, 2))
    returns[:2, 0, 0] = np.log(4.0)
    weights = np.array([-1.0, 2.0])
    with pytest.raises(ConfigError, match="2 of 4 scenarios"):
        portfolio_log_returns(returns, weights)
    assert risk_contributions(returns, weights, 0.6).value_at_risk == pytest.approx(3.0)
    with pytest.raises(ConfigError, match="less short"):
        Portfolio(("A", "cash"), (-1.0, 2.0)).total(returns)


@given(st.floats(0.01, 100), st.integers(1, 5))
@bounded
def test_diebold_and_mariano_have_no_units_and_turn_with_the_order(
    scale: float, horizon: int
) -> None:
    before = diebold_mariano(LOSSES[0], LOSSES[1], horizon)
    turned = diebold_mariano(scale * LOSSES[1], scale * LOSSES[0], horizon)
    assert turned.statistic == pytest.approx(-before.statistic, rel=1e-6)
    assert turned.p_value == pytest.approx(before.p_value, rel=1e-6)
    assert turned.mean_difference == pytest.approx(-scale * before.mean_difference, rel=1e-9)
    assert turned.standard_error == pytest.approx(scale * before.standard_error, rel=1e-6)


def test_what_both_forecasts_lose_does_not_matter() -> None:
    common = 50.0 + LOSSES[2]
    before = diebold_mariano(LOSSES[0], LOSSES[1])
    after = diebold_mariano(LOSSES[0] + common, LOSSES[1] + common)
    assert after.statistic == pytest.approx(before.statistic, rel=1e-9)


@given(st.permutations(list(range(12))))
@bounded
def test_means_by_date_do_not_depend_on_the_order_of_the_rows(order: list[int]) -> None:
    dates = np.repeat(np.array(["2020-01-03", "2020-01-01", "2020-01-02"], "datetime64[D]"), 4)
    losses = np.arange(12.0) ** 2
    expected = [losses[4:8].mean(), losses[8:].mean(), losses[:4].mean()]
    np.testing.assert_allclose(mean_by_date(losses[order], dates[order]), expected)


def test_a_date_with_fewer_assets_is_the_mean_of_those() -> None:
    found = mean_by_date(np.array([1.0, 3.0, 5.0]), np.array([7, 7, 9]))
    np.testing.assert_array_equal(found, [2.0, 5.0])


@pytest.mark.parametrize(
    ("losses", "dates", "message"),
    [
        (np.ones(3), np.arange(2), "shapes"),
        (np.ones((3, 1)), np.arange(3), "rows"),
        (np.array([1.0, np.nan]), np.arange(2), "not finite"),
        (np.array([]), np.array([]), "none of them 0"),
    ],
)
def test_losses_that_have_no_dates_are_refused(
    losses: np.ndarray, dates: np.ndarray, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        mean_by_date(losses, dates)


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_the_confidence_set_has_no_units_and_ignores_what_is_common(scale: float) -> None:
    models = {"a": LOSSES[0], "b": LOSSES[1] + 0.4, "c": LOSSES[2] + 2.0}
    before = model_confidence_set(models, Seed(1), resamples=200)
    moved = {name: scale * (losses + 3.0) for name, losses in models.items()}
    after = model_confidence_set(moved, Seed(1), resamples=200)
    assert after.members == before.members
    assert after.p_values == pytest.approx(before.p_values)
    assert "c" not in before.members


def test_members_are_the_models_with_p_values_above_the_size() -> None:
    models = {"a": LOSSES[0], "b": LOSSES[1] + 0.4, "c": LOSSES[2] + 2.0}
    for size in (0.05, 0.3, 0.9):
        found = model_confidence_set(models, Seed(1), size=size, resamples=200)
        assert list(found.p_values) == ["a", "b", "c"]
        assert set(found.members) == {name for name, p in found.p_values.items() if p > size}
        assert max(found.p_values.values()) == 1.0


@pytest.mark.parametrize(
    ("losses", "settings_given", "message"),
    [
        ({"a": LOSSES[0]}, {}, "two or more"),
        ({}, {}, "two or more"),
        ({"a": LOSSES[0], "b": LOSSES[1, :50]}, {}, "of the same days"),
        ({"a": LOSSES[0, :9], "b": LOSSES[1, :9]}, {}, "at least 10 days"),
        ({"a": LOSSES[0], "b": LOSSES[1]}, {"horizon": 51}, "four horizons"),
        ({"a": LOSSES[0], "b": LOSSES[1]}, {"horizon": 0}, "horizon"),
        ({"a": LOSSES[0], "b": LOSSES[0] + 1.0}, {}, "more than a constant"),
        ({"a": LOSSES[0], "b": LOSSES[1]}, {"size": 1.0}, "size"),
        ({"a": LOSSES[0], "b": LOSSES[1]}, {"size": np.nan}, "size"),
        ({"a": LOSSES[0], "b": LOSSES[1]}, {"resamples": 0}, "resamples"),
        ({"a": LOSSES[0], "b": np.full(200, np.nan)}, {}, "not finite"),
        ({"a": LOSSES[:1], "b": LOSSES[1]}, {}, "days"),
    ],
)
def test_every_set_of_losses_that_cannot_be_compared_is_refused(
    losses: dict[str, np.ndarray], settings_given: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        model_confidence_set(losses, Seed(1), **settings_given)  # type: ignore[arg-type]


def test_a_constant_difference_has_no_test() -> None:
    with pytest.raises(ConfigError, match="one that varies"):
        diebold_mariano(LOSSES[0] * 0.0 + 1.0, LOSSES[0] * 0.0 + 2.0)
