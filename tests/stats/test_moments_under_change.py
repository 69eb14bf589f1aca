"""Moments and quantiles under shifts, scales, reflections and pooling, and closed forms of laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from simgan.errors import ConfigError
from simgan.stats.moments import moments
from simgan.stats.tails import quantiles

MIDPOINTS = (np.arange(100_000) + 0.5) / 100_000

samples = st.lists(
    st.integers(-1000, 1000).map(lambda whole: whole / 1000), min_size=3, max_size=60, unique=True
).map(np.array)
bounded = settings(max_examples=80, deadline=None, derandomize=True)


@given(samples, st.floats(0.01, 100), st.floats(-10, 10))
@bounded
def test_a_shift_and_a_scale_reach_mean_and_deviation_only(
    values: np.ndarray, scale: float, shift: float
) -> None:
    before, after = moments(values), moments(scale * values + shift)
    size = scale + abs(shift)
    assert after.mean == pytest.approx(scale * before.mean + shift, abs=1e-12 * size)
    assert after.standard_deviation == pytest.approx(scale * before.standard_deviation, rel=1e-6)
    assert after.skewness == pytest.approx(before.skewness, abs=1e-5)
    assert after.excess_kurtosis == pytest.approx(before.excess_kurtosis, rel=1e-5, abs=1e-5)


@given(samples)
@bounded
def test_a_reflection_turns_the_odd_moments_and_keeps_the_even_ones(values: np.ndarray) -> None:
    before, after = moments(values), moments(-values)
    assert (after.mean, after.skewness) == (-before.mean, -before.skewness)
    assert after.standard_deviation == before.standard_deviation
    assert after.excess_kurtosis == before.excess_kurtosis


@given(samples)
@bounded
def test_kurtosis_is_bounded_below_by_the_square_of_skewness(values: np.ndarray) -> None:
    """Pearson (1916): kurtosis ≥ skewness² + 1, with equality for two values only."""
    found = moments(values)
    assert found.excess_kurtosis + 3.0 >= found.skewness**2 + 1.0 - 1e-9


@given(samples, st.randoms(use_true_random=False))
@bounded
def test_the_order_of_the_days_does_not_matter(values: np.ndarray, random: object) -> None:
    shuffled = values.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    before, after = moments(values), moments(shuffled)
    assert after.standard_deviation == pytest.approx(before.standard_deviation, rel=1e-12)
    assert after.skewness == pytest.approx(before.skewness, abs=1e-9)


@pytest.mark.parametrize(
    ("law", "skewness", "kurtosis"),
    [
        (scipy_stats.uniform, 0.0, -6 / 5),
        (scipy_stats.logistic, 0.0, 6 / 5),
        (scipy_stats.expon, 2.0, 6.0),
        (scipy_stats.gumbel_r, 1.1395, 12 / 5),
        (scipy_stats.t(10), 0.0, 1.0),
    ],
)
def test_known_laws_have_their_textbook_moments(
    law: scipy_stats.rv_continuous, skewness: float, kurtosis: float
) -> None:
    """100,000 midpoints of equal probability cut the far tail: within 2 % of the fourth moment."""
    found = moments(law.ppf(MIDPOINTS))
    assert found.skewness == pytest.approx(skewness, abs=0.01)
    assert found.excess_kurtosis == pytest.approx(kurtosis, rel=0.02)


def test_single_precision_is_summed_in_double() -> None:
    """A million float32 values on a level of 1,000: in single precision the deviation is lost."""
    values = (1000.0 + np.tile([-0.5, 0.5], 500_000)).astype(np.float32)
    found = moments(values)
    assert found.mean == pytest.approx(1000.0, abs=1e-9)
    assert found.standard_deviation == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize(
    "values",
    [np.array([]), np.zeros((0, 5)), np.array([np.inf, 0.0]), np.zeros((3, 4)), np.array(0.3)],
    ids=["empty", "no paths", "infinite", "constant paths", "one number"],
)
def test_values_without_moments_are_refused_by_name(values: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="moments"):
        moments(values)


@given(samples, st.lists(st.floats(0, 1), min_size=1, max_size=6))
@bounded
def test_quantiles_are_type_seven_and_lie_within_the_sample(
    values: np.ndarray, probabilities: list[float]
) -> None:
    """Hyndman & Fan (1996), type 7, written out: h = (n − 1)p between order statistics."""
    ordered = np.sort(values)
    place = np.asarray(probabilities) * (ordered.size - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, ordered.size - 1)
    expected = ordered[below] + (place - below) * (ordered[above] - ordered[below])
    found = quantiles(values, probabilities)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert ordered[0] <= found.min() <= found.max() <= ordered[-1]


@given(samples, st.floats(0.0, 1.0))
@bounded
def test_quantiles_of_losses_are_those_of_gains_from_the_other_end(
    values: np.ndarray, probability: float
) -> None:
    mirrored = -quantiles(-values, [1.0 - probability])
    np.testing.assert_allclose(quantiles(values, [probability]), mirrored, atol=1e-9)


def test_the_quantile_of_one_value_is_the_value() -> None:
    np.testing.assert_array_equal(quantiles(np.array([0.3]), [0.0, 0.5, 1.0]), [0.3, 0.3, 0.3])


@pytest.mark.parametrize("probability", [-0.01, 1.01, np.nan, 50.0])
def test_a_probability_outside_the_unit_interval_is_refused(probability: float) -> None:
    with pytest.raises(ConfigError, match="numbers from 0 to 1"):
        quantiles(np.arange(5.0), [0.5, probability])


@pytest.mark.parametrize("values", [np.array([]), np.zeros((0, 3))])
def test_quantiles_of_no_values_are_refused_in_a_sentence(values: np.ndarray) -> None:
    with pytest.raises(ConfigError, match="quantiles"):
        quantiles(values, [0.5])


def test_quantiles_do_not_skip_a_missing_value() -> None:
    with pytest.raises(ConfigError, match="1 of 3 not finite"):
        quantiles(np.array([0.1, np.nan, 0.2]), [0.5])
