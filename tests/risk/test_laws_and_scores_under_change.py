"""Quantile laws and scores: inversion, invariances, agreement, closed forms, and every refusal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.integrate import quad

from simgan.errors import ConfigError
from simgan.risk.law import GRID, QuantileLaw, law_tail_crps
from simgan.risk.scores import crps, fz0, pinball, tail_crps
from simgan.seeds import Seed

RNG = Seed(12).stream("validation")
DRAWS, REALIZED = RNG.standard_t(4, (6, 400)), RNG.standard_t(4, 6)
LAW = QuantileLaw.of(DRAWS)
bounded = settings(max_examples=60, deadline=None, derandomize=True)
HALF = np.array([0.0, 0.5, 1.0])


def test_the_grid_rises_is_symmetric_and_holds_the_usual_levels() -> None:
    assert (np.diff(GRID) > 0.0).all()
    np.testing.assert_allclose(GRID, 1.0 - GRID[::-1], atol=1e-12)
    assert {0.0, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 0.95, 0.975, 0.99, 1.0} <= set(GRID)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.975, 0.99])
def test_the_grid_holds_the_shortfall_of_a_heavy_tail(level: float) -> None:
    """t₃ between grid points is linear: its ES is right within .1 %, as the comment promises."""
    tail = GRID[1 : np.searchsorted(GRID, 1.0 - level + 1e-9)]
    linear = np.trapezoid(scipy_stats.t.ppf(tail, 3), tail)
    first = tail[0] * scipy_stats.t.ppf(tail[0], 3) * 1.5  # a tail of exponent 3 below 10⁻⁵
    exact = quad(lambda p: scipy_stats.t.ppf(p, 3), 0.0, 1.0 - level)[0]
    assert linear + first == pytest.approx(exact, rel=2e-3)


def test_quantiles_on_the_grid_are_given_back_and_between_them_linear() -> None:
    law = QuantileLaw(HALF, np.array([[-1.0, 0.0, 3.0]]))
    asked = np.array([[0.0], [0.25], [0.5], [0.75], [1.0]])
    np.testing.assert_allclose(law.quantile(asked)[:, 0], [-1.0, -0.5, 0.0, 1.5, 3.0])


def test_a_law_is_constant_outside_of_its_grid() -> None:
    law = QuantileLaw(np.array([0.1, 0.9]), np.array([[-1.0, 2.0]]))
    np.testing.assert_allclose(
        law.quantile(np.array([[0.0], [0.05], [0.95], [1.0]]))[:, 0], [-1.0, -1.0, 2.0, 2.0]
    )


@given(st.floats(0, 1), st.floats(0, 1))
@bounded
def test_quantiles_do_not_fall(one: float, other: float) -> None:
    low, high = sorted([one, other])
    days = np.ones(LAW.days)
    assert (LAW.quantile(low * days) <= LAW.quantile(high * days) + 1e-12).all()


def test_the_law_of_draws_has_hazens_quantiles() -> None:
    expected = np.quantile(DRAWS, GRID, axis=1, method="hazen").T
    np.testing.assert_allclose(LAW.quantiles, expected, rtol=1e-6, atol=1e-6)
    assert LAW.quantiles.dtype == np.float32


@given(st.floats(0.1, 10), st.floats(-2, 2))
@bounded
def test_the_law_of_scaled_and_shifted_draws_is_scaled_and_shifted(
    scale: float, shift: float
) -> None:
    moved = QuantileLaw.of(scale * DRAWS + shift)
    expected = scale * LAW.quantiles.astype(np.float64) + shift
    np.testing.assert_allclose(moved.quantiles, expected, rtol=1e-5, atol=1e-4)


def test_draws_come_from_the_law_of_their_own_day() -> None:
    """Days far apart: every draw lies within the support of its day, and the seed decides it."""
    law = QuantileLaw(HALF, 10.0 * np.arange(5.0)[:, None] + np.array([-1.0, 0.0, 1.0]))
    drawn = law.draw(np.random.default_rng(1))
    assert (np.abs(drawn - 10.0 * np.arange(5)) <= 1.0).all()
    np.testing.assert_array_equal(drawn, law.draw(np.random.default_rng(1)))
    assert (drawn != law.draw(np.random.default_rng(2))).any()


def test_numbers_of_days_choose_the_laws_and_shapes_broadcast() -> None:
    u = np.array([[0.1], [0.9]])
    found = LAW.quantile_of(np.array([3, 0, 3]), u)
    assert found.shape == (2, 3)
    np.testing.assert_array_equal(found[:, 0], found[:, 2])
    np.testing.assert_array_equal(found[0], LAW.quantile(np.full(6, 0.1))[[3, 0, 3]])


@pytest.mark.parametrize(("step", "kept"), [(1, 6), (2, 3), (4, 2), (6, 1), (100, 1)])
def test_every_so_many_days_begins_with_the_first(step: int, kept: int) -> None:
    found = LAW.every(step)
    assert found.days == kept
    np.testing.assert_array_equal(found.quantiles, LAW.quantiles[::step])


@pytest.mark.parametrize(
    ("probabilities", "quantiles", "message"),
    [
        ([0.5], [[1.0]], "K at least 2"),
        ([0.0, 1.0], [[1.0, 2.0, 3.0]], "shapes"),
        ([[0.0, 1.0]], [[1.0, 2.0]], "K"),
        ([0.0, 1.0], [1.0, 2.0], "days"),
        ([0.5, 0.5], [[1.0, 2.0]], "rising"),
        ([0.9, 0.1], [[1.0, 2.0]], "rising"),
        ([-0.1, 1.0], [[1.0, 2.0]], "within"),
        ([0.0, 1.1], [[1.0, 2.0]], "within"),
        ([0.0, np.nan], [[1.0, 2.0]], "rising"),
        ([0.0, 1.0], [[2.0, 1.0]], "not falling"),
        ([0.0, 1.0], [[1.0, 2.0], [3.0, 2.9]], "not falling"),
        ([0.0, 1.0], [[1.0, np.inf]], "not finite"),
    ],
)
def test_every_law_that_is_none_is_refused(
    probabilities: list[float], quantiles: list[list[float]], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        QuantileLaw(np.array(probabilities), np.array(quantiles))


@pytest.mark.parametrize("bad", [np.zeros(5), np.zeros((0, 5)), np.array([[0.1, np.nan]])])
def test_draws_without_a_law_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="QuantileLaw"):
        QuantileLaw.of(bad)


@given(st.floats(0.01, 100), st.floats(-10, 10))
@bounded
def test_crps_and_pinball_scale_with_their_units_and_ignore_a_common_shift(
    scale: float, shift: float
) -> None:
    expected = scale * crps(DRAWS, REALIZED)
    found = crps(scale * DRAWS + shift, scale * REALIZED + shift)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    quantile = np.quantile(DRAWS, 0.05, axis=1)
    expected = scale * pinball(quantile, REALIZED, 0.05)
    found = pinball(scale * quantile + shift, scale * REALIZED + shift, 0.05)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


@given(st.floats(0.01, 100))
@bounded
def test_differences_of_fz0_have_no_units(scale: float) -> None:
    """Patton, Ziegel & Chen (2019): the score is homogeneous of degree 0 up to a constant."""
    one, other = np.full(6, 1.5), np.full(6, 1.8)

    def difference(unit: float) -> np.ndarray:
        first = fz0(unit * one, unit * (one + 0.5), unit * REALIZED, 0.05)
        return first - fz0(unit * other, unit * (other + 0.7), unit * REALIZED, 0.05)

    np.testing.assert_allclose(difference(scale), difference(1.0), atol=1e-9)


def test_the_order_of_the_draws_does_not_matter_and_that_of_the_days_is_kept() -> None:
    values = crps(DRAWS, REALIZED)
    np.testing.assert_allclose(crps(DRAWS[:, ::-1], REALIZED), values, atol=1e-14)
    np.testing.assert_allclose(crps(DRAWS[::-1], REALIZED[::-1]), values[::-1], atol=1e-14)


def test_crps_mirrors_and_the_tail_score_does_not() -> None:
    np.testing.assert_allclose(crps(-DRAWS, -REALIZED), crps(DRAWS, REALIZED), atol=1e-13)
    assert not np.allclose(tail_crps(-DRAWS, -REALIZED, -1.0), tail_crps(DRAWS, REALIZED, -1.0))


@given(st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=20), st.integers(-60, 60))
@bounded
def test_tail_and_rest_make_the_whole_score(draws: list[float], outcome: int) -> None:
    """The weights 1{z ≤ r} and 1{z > r} sum to 1; the right tail is the left one mirrored."""
    forecast, realized = np.array([draws]), np.array([float(outcome)])
    left = tail_crps(forecast, realized, 3.0)
    right = tail_crps(-forecast, -realized, -3.0)
    np.testing.assert_allclose(left + right, crps(forecast, realized), atol=1e-9)


def test_equal_draws_score_their_distance() -> None:
    np.testing.assert_allclose(crps(np.full((3, 5), 2.0), np.array([2.0, 0.0, 5.0])), [0, 2, 3])


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (scipy_stats.laplace(), lambda y: abs(y) + np.exp(-abs(y)) - 0.75),
        (scipy_stats.logistic(), lambda y: y - 2 * np.log(scipy_stats.logistic.cdf(y)) - 1),
        (scipy_stats.uniform(-1, 2), lambda y: y**2 / 2 + 1 / 6),
    ],
    ids=["Laplace", "logistic", "uniform"],
)
@pytest.mark.parametrize("y", [-0.8, 0.0, 0.5])
def test_crps_of_known_laws_is_their_closed_form(law: object, expected: object, y: float) -> None:
    """Jordan, Krüger & Lerch (2019), appendix A of scoringRules; 5,000 midpoints for the law."""
    draws = law.ppf((np.arange(5000) + 0.5) / 5000)[None]  # type: ignore[attr-defined]
    assert crps(draws, np.array([y]))[0] == pytest.approx(expected(y), abs=2e-3)  # type: ignore[operator]


def test_the_mean_pinball_over_all_levels_is_half_the_crps() -> None:
    """Laio & Tamea (2007): CRPS = 2 ∫ pinball dp; 2,000 midpoints of the normal."""
    p = (np.arange(2000) + 0.5) / 2000
    quantiles, y = scipy_stats.norm.ppf(p), 0.7
    mean = np.mean(
        [pinball(np.array([q]), np.array([y]), u)[0] for q, u in zip(quantiles, p, strict=True)]
    )
    assert 2 * mean == pytest.approx(crps(quantiles[None], np.array([y]))[0], abs=2e-3)


def test_an_outcome_on_the_quantile_costs_nothing() -> None:
    np.testing.assert_array_equal(pinball(REALIZED, REALIZED, 0.3), np.zeros(6))


@given(st.floats(0.01, 0.99))
@bounded
def test_pinball_losses_of_both_ends_mirror(probability: float) -> None:
    quantile = DRAWS[:, 0]
    found = pinball(-quantile, -REALIZED, 1.0 - probability)
    np.testing.assert_allclose(found, pinball(quantile, REALIZED, probability), atol=1e-9)


@pytest.mark.parametrize("shift", [0.0, -1.5, 0.8])
def test_the_tail_score_of_a_law_moves_with_it(shift: float) -> None:
    moved = QuantileLaw(GRID, LAW.quantiles.astype(np.float64) + shift)
    threshold = np.full(6, -1.0)
    expected = law_tail_crps(LAW, REALIZED, threshold)
    found = law_tail_crps(moved, REALIZED + shift, threshold + shift)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(st.floats(-5, 5), st.floats(-5, 5))
@bounded
def test_the_tail_score_of_a_law_rises_with_the_threshold(one: float, other: float) -> None:
    low, high = sorted([one, other])
    below = law_tail_crps(LAW, REALIZED, np.full(6, low))
    above = law_tail_crps(LAW, REALIZED, np.full(6, high))
    assert (below >= 0.0).all()
    assert (above >= below - 1e-9).all()


def test_a_law_with_an_atom_scores_its_distance() -> None:
    """All quantiles are 1: the CRPS of a certain forecast is the distance of the outcome."""
    law = QuantileLaw(HALF, np.ones((3, 3)))
    found = law_tail_crps(law, np.array([1.0, -1.0, 4.0]), np.full(3, np.inf))
    np.testing.assert_allclose(found, [0.0, 2.0, 3.0], atol=1e-12)


LONG = np.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: crps(np.ones((3, 1)), LONG), "2 or more draws"),
        (lambda: crps(np.ones(3), LONG), "draws"),
        (lambda: crps(np.ones((3, 5)), np.ones(2)), "shapes"),
        (lambda: crps(np.ones((3, 5)), np.full(3, np.nan)), "not finite"),
        (lambda: crps(np.full((3, 5), np.inf), LONG), "not finite"),
        (lambda: crps(np.ones((3, 2)), LONG, np.array([0.0, 1.0])), "two draws"),
        (lambda: tail_crps(np.ones((3, 5)), LONG, np.ones(2)), "one a day"),
        (lambda: tail_crps(np.ones((3, 5)), LONG, np.inf), "not finite"),
        (lambda: tail_crps(np.ones(3), LONG, 0.0), "draws"),
        (lambda: tail_crps(np.ones((3, 5)), np.ones(2), 0.0), "shapes"),
        (lambda: fz0(LONG, 2 * LONG, LONG, 0.0), "1 minus the coverage"),
        (lambda: fz0(LONG, 2 * LONG, LONG, 0.5), "1 minus the coverage"),
        (lambda: fz0(LONG, 2 * LONG, np.ones(4), 0.05), "number of days"),
        (lambda: fz0(LONG, 0.9 * LONG, LONG, 0.05), "not below the value at risk"),
        (lambda: fz0(-LONG, 0 * LONG, LONG, 0.05), "positive"),
        (lambda: fz0(LONG, np.full(3, np.nan), LONG, 0.05), "not finite"),
        (lambda: fz0(np.ones((3, 1)), 2 * LONG, LONG, 0.05), "days"),
        (lambda: pinball(LONG, LONG, 1.0), "inside"),
        (lambda: pinball(LONG, np.ones(2), 0.5), "number of days"),
        (lambda: pinball(np.full(3, np.nan), LONG, 0.5), "not finite"),
        (lambda: law_tail_crps(LAW, LONG, LONG), "days"),
        (lambda: law_tail_crps(LAW, REALIZED[:, None], REALIZED), "days"),
        (lambda: law_tail_crps(LAW, np.full(6, np.nan), REALIZED), "not finite"),
        (lambda: law_tail_crps(LAW, REALIZED, np.full(6, np.nan)), "no threshold NaN"),
    ],
)
def test_every_forecast_that_cannot_be_scored_is_refused(call: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        call()  # type: ignore[operator]
