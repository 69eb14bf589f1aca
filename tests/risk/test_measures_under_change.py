"""VaR, ES, their errors and the drawn law: axioms, closed forms, agreement, and every refusal."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from simgan.errors import ConfigError
from simgan.risk.law import DrawnLaw
from simgan.risk.measures import expected_shortfall, risk_of, value_at_risk
from simgan.risk.returns import fewest, unequal_probabilities
from simgan.risk.scores import crps
from simgan.seeds import Seed

whole = st.integers(-1000, 1000).map(lambda number: number / 1000)
returns = st.lists(whole, min_size=2, max_size=60).map(np.array)
levels = st.floats(0.01, 0.99)
bounded = settings(max_examples=80, deadline=None, derandomize=True)
MEASURES = (value_at_risk, expected_shortfall)
DRAWS = Seed(9).stream("validation").standard_t(4, 500)


@given(st.lists(st.tuples(whole, whole), min_size=2, max_size=50), levels)
@bounded
def test_shortfall_is_subadditive(pairs: list[tuple[float, float]], level: float) -> None:
    """Acerbi & Tasche (2002): ES(X + Y) ≤ ES(X) + ES(Y), atoms included."""
    assume(len(pairs) >= fewest(level))
    x, y = (np.array(column) for column in zip(*pairs, strict=True))
    together = expected_shortfall(x + y, level)
    assert together <= expected_shortfall(x, level) + expected_shortfall(y, level) + 1e-9


def test_value_at_risk_is_not_subadditive() -> None:
    """McNeil, Frey & Embrechts (2015), example 2.25 in small: two bonds that rarely default."""
    x, y = np.zeros(100), np.zeros(100)
    x[:4], y[4:8] = -1.0, -1.0
    assert value_at_risk(x, 0.95) == value_at_risk(y, 0.95) == 0.0
    assert value_at_risk(x + y, 0.95) == 1.0
    assert expected_shortfall(x + y, 0.95) == pytest.approx(1.0)
    assert expected_shortfall(x, 0.95) == pytest.approx(0.8)


@given(returns, levels, st.floats(0, 1))
@bounded
def test_more_loss_in_every_scenario_is_more_risk(
    log_returns: np.ndarray, level: float, loss: float
) -> None:
    assume(log_returns.size >= fewest(level))
    worse = log_returns - loss * (np.arange(log_returns.size) % 2)
    for measure in MEASURES:
        assert measure(worse, level) >= measure(log_returns, level) - 1e-12


@given(returns, levels, levels)
@bounded
def test_risk_rises_with_the_level(log_returns: np.ndarray, one: float, other: float) -> None:
    low, high = sorted([one, other])
    assume(log_returns.size >= fewest(high))
    for measure in MEASURES:
        assert measure(log_returns, low) <= measure(log_returns, high) + 1e-9


@given(returns, levels, st.integers(0, 100))
@bounded
def test_the_order_of_the_scenarios_does_not_matter(
    log_returns: np.ndarray, level: float, number: int
) -> None:
    assume(log_returns.size >= fewest(level))
    rng = np.random.default_rng(number)
    order, p = rng.permutation(log_returns.size), rng.dirichlet(np.ones(log_returns.size))
    for measure in MEASURES:
        expected = measure(log_returns, level, p)
        assert measure(log_returns[order], level, p[order]) == pytest.approx(expected, abs=1e-9)
        expected = measure(log_returns, level)
        assert measure(log_returns[order], level) == pytest.approx(expected, abs=1e-12)


@given(returns, levels)
@bounded
def test_shortfall_is_the_least_of_rockafellar_and_uryasevs_function(
    log_returns: np.ndarray, level: float
) -> None:
    """Theorem 10 of 2002: ES is the minimum over c of c + E[(L − c)⁺]/(1 − level), found at VaR."""
    assume(log_returns.size >= fewest(level))
    losses = -log_returns
    values = [
        c + np.maximum(losses - c, 0.0).mean() / (1 - level) for c in np.unique(losses)
    ]  # piecewise linear: a loss is among its minima
    assert expected_shortfall(log_returns, level) == pytest.approx(min(values), abs=1e-9)


@given(returns)
@bounded
def test_one_scenario_without_probability_changes_nothing(log_returns: np.ndarray) -> None:
    assume(log_returns.size >= fewest(0.777))
    p = np.append(np.full(log_returns.size, 1 / log_returns.size), 0.0)
    extended = np.append(log_returns, -99.0)
    for measure in MEASURES:
        assert measure(extended, 0.777, p) == pytest.approx(measure(log_returns, 0.777), abs=1e-9)


@pytest.mark.parametrize(
    ("law", "shortfall"),
    [
        (scipy_stats.uniform(-1, 2), lambda p: p),
        (scipy_stats.laplace(), lambda p: 1 - np.log(2 * (1 - p))),
        (
            scipy_stats.logistic(),
            lambda p: -(p * np.log(p) + (1 - p) * np.log(1 - p)) / (1 - p),
        ),
        (
            scipy_stats.t(4),
            lambda p: (
                scipy_stats.t.pdf(scipy_stats.t.ppf(p, 4), 4)
                * (4 + scipy_stats.t.ppf(p, 4) ** 2)
                / 3
                / (1 - p)
            ),
        ),
    ],
    ids=["uniform", "Laplace", "logistic", "t with 4 degrees"],
)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_laws_have_their_closed_forms(law: object, shortfall: object, level: float) -> None:
    """Norton, Khokhlov & Uryasev (2021), table of closed forms; 200,000 midpoints integrate them.

    The ES of the uniform law on (−1, 1) is the mean of (2 level − 1, 1), which is the level.
    """
    draws = law.ppf((np.arange(200_000) + 0.5) / 200_000)  # type: ignore[attr-defined]
    assert value_at_risk(draws, level) == pytest.approx(law.ppf(level), rel=2e-3)  # type: ignore[attr-defined]
    assert expected_shortfall(draws, level) == pytest.approx(shortfall(level), rel=2e-3)  # type: ignore[operator]


def test_a_law_of_one_scenario_is_its_own_risk() -> None:
    """Probabilities that a user gives are a law, and no sample that needs a tail."""
    for measure in MEASURES:
        assert measure(np.array([-0.3, 0.5]), 0.99, [1.0, 0.0]) == pytest.approx(0.3)


def test_scenarios_of_several_axes_keep_the_others() -> None:
    table = DRAWS.reshape(2, 5, 50)
    for measure in MEASURES:
        assert measure(table, 0.9).shape == (2, 5)
        np.testing.assert_allclose(measure(table, 0.9)[1, 3], measure(table[1, 3], 0.9))


@pytest.mark.parametrize("measure", [*MEASURES, risk_of])
@pytest.mark.parametrize(
    ("scenarios", "level", "probabilities", "message"),
    [
        (DRAWS, -0.1, None, "level"),
        (DRAWS, np.nan, None, "level"),
        (np.array([]), 0.9, None, "shape"),
        (np.array(0.1), 0.9, None, "shape"),
        (np.array([0.1, np.inf]), 0.9, None, "not finite"),
        (DRAWS[:3], 0.9, [0.5, 0.5], "one a scenario"),
        (DRAWS[:2], 0.9, [1.5, -0.5], "not negative"),
        (DRAWS[:2], 0.9, [0.4, 0.4], "of sum 1"),
        (DRAWS[:2], 0.9, [np.nan, 1.0], "probabilities"),
        (DRAWS[:2], 0.9, [np.inf, 0.0], "of sum 1"),
    ],
)
def test_every_set_of_scenarios_without_risk_is_refused(
    measure: object,
    scenarios: np.ndarray,
    level: float,
    probabilities: list[float] | None,
    message: str,
) -> None:
    p = None if probabilities is None else np.array(probabilities)
    with pytest.raises(ConfigError, match=message):
        measure(scenarios, level, p)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("given_probabilities", "expected"),
    [
        (None, None),
        ([0.5, 0.5], None),
        ([0.5000001, 0.5000001], None),
        ([0.25, 0.75], [0.25, 0.75]),
        ([0.2500002, 0.7500006], [0.25, 0.75]),
    ],
    ids=["none", "equal", "equal, sum off", "unequal", "unequal, sum off"],
)
def test_probabilities_are_divided_by_their_sum_and_equal_ones_are_none(
    given_probabilities: list[float] | None, expected: list[float] | None
) -> None:
    p = None if given_probabilities is None else np.array(given_probabilities)
    found = unequal_probabilities(p, 2, "test")
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.sum() == pytest.approx(1.0, abs=1e-15)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@given(st.floats(0.1, 10), st.floats(-1, 1), st.sampled_from([0.9, 0.95, 0.99]))
@bounded
def test_errors_scale_with_the_returns_and_ignore_cash(
    scale: float, cash: float, level: float
) -> None:
    before, after = risk_of(DRAWS, level), risk_of(scale * DRAWS + cash, level)
    errors = np.array([before.value_at_risk_error, before.expected_shortfall_error])
    moved = [after.value_at_risk_error, after.expected_shortfall_error]
    np.testing.assert_allclose(moved, scale * errors, rtol=1e-6)


def test_errors_of_repeated_scenarios_fall_with_the_root_of_their_number() -> None:
    """ψ depends on the law alone, so the error of ES of four copies is half of it, exactly."""
    once, fourfold = risk_of(DRAWS, 0.9), risk_of(np.tile(DRAWS, 4), 0.9)
    assert fourfold.expected_shortfall_error == pytest.approx(once.expected_shortfall_error / 2)
    ratio = fourfold.value_at_risk_error / once.value_at_risk_error
    assert 0.35 < ratio < 0.7


def test_an_estimate_goes_through_json_unchanged() -> None:
    found = risk_of(DRAWS, 0.95)
    assert type(found)(**json.loads(json.dumps(asdict(found)))) == found


@given(returns, levels)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_drawn_law_is_as_risky_as_its_draws(log_returns: np.ndarray, level: float) -> None:
    assume(log_returns.size >= fewest(level))
    law = DrawnLaw.of(log_returns)
    assert law.value_at_risk(level) == value_at_risk(log_returns, level)
    expected = expected_shortfall(log_returns, level)
    assert law.expected_shortfall(level) == pytest.approx(expected, abs=1e-9)
    assert law.tail_measures([level]) == [law.value_at_risk(level), law.expected_shortfall(level)]


@given(st.integers(2, 300), st.integers(1, 99))
@bounded
def test_a_level_of_whole_percents_takes_the_same_draw_both_ways(count: int, percent: int) -> None:
    """Where draws times level is whole, the last bit decides: both ways must round alike."""
    draws, level = np.arange(float(count)), percent / 100
    assume(count >= fewest(level))
    assert DrawnLaw.of(draws).value_at_risk(level) == value_at_risk(draws, level)


@given(returns, whole)
@bounded
def test_a_drawn_law_scores_as_its_draws(log_returns: np.ndarray, realized: float) -> None:
    expected = crps(log_returns[None], np.array([realized]))[0]
    assert DrawnLaw.of(log_returns).crps(realized) == pytest.approx(expected, abs=1e-9)


@given(returns, whole)
@bounded
def test_a_pit_mirrors_with_the_returns_and_stays_inside(
    log_returns: np.ndarray, realized: float
) -> None:
    pit = DrawnLaw.of(log_returns).pit(realized)
    assert 0.0 < pit < 1.0
    assert DrawnLaw.of(-log_returns).pit(-realized) == pytest.approx(1.0 - pit, abs=1e-12)


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        (np.array([0.1]), "at least 2"),
        (np.array([]), "draws"),
        (np.zeros((2, 3)), "draws"),
        (np.array([0.1, np.nan]), "not finite"),
    ],
)
def test_draws_that_are_no_law_are_refused(draws: np.ndarray, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        DrawnLaw.of(draws)


@pytest.mark.parametrize("level", [0.0, 1.0, np.nan, 95.0])
def test_a_drawn_law_has_no_risk_at_a_level_that_is_no_coverage(level: float) -> None:
    law = DrawnLaw.of(DRAWS)
    for measure in (law.value_at_risk, law.expected_shortfall):
        with pytest.raises(ConfigError, match="coverage inside"):
            measure(level)
