"""Distances of samples: axioms of a metric, invariances, closed forms, and every refusal."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy, expon, norm

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.divergences import emd_in_sd, kl_histogram, kl_nearest_neighbour, wasserstein

values = st.lists(st.integers(-100, 100).map(float), min_size=1, max_size=30).map(np.array)
bounded = settings(max_examples=60, deadline=None, derandomize=True)
NORMAL = norm.ppf((np.arange(2000) + 0.5) / 2000)
DRAWS = Seed(2).stream("bootstrap").standard_normal((2, 1500))


@given(values, values, values)
@bounded
def test_wasserstein_is_a_metric(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    assert wasserstein(a, a) == 0.0
    assert wasserstein(a, b) == pytest.approx(wasserstein(b, a), abs=1e-9)
    assert wasserstein(a, c) <= wasserstein(a, b) + wasserstein(b, c) + 1e-9


@given(values, values, st.floats(0.01, 100), st.floats(-100, 100))
@bounded
def test_wasserstein_scales_with_its_units_and_ignores_a_common_shift(
    a: np.ndarray, b: np.ndarray, scale: float, shift: float
) -> None:
    expected = scale * wasserstein(a, b)
    moved = wasserstein(scale * a + shift, scale * b + shift)
    assert moved == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(values, st.floats(-50, 50))
@bounded
def test_wasserstein_of_a_shifted_sample_is_the_shift(a: np.ndarray, shift: float) -> None:
    assert wasserstein(a, a + shift) == pytest.approx(abs(shift), abs=1e-9)


@given(values, values, st.integers(2, 4))
@bounded
def test_repeating_a_sample_changes_no_distance(a: np.ndarray, b: np.ndarray, times: int) -> None:
    assert wasserstein(np.repeat(a, times), b) == pytest.approx(wasserstein(a, b), abs=1e-9)


@given(values, values)
@bounded
def test_wasserstein_is_at_least_the_difference_of_the_means(a: np.ndarray, b: np.ndarray) -> None:
    """Kantorovich's dual with the function x."""
    assert wasserstein(a, b) >= abs(a.mean() - b.mean()) - 1e-9


@pytest.mark.parametrize("spread", [0.5, 1.2, 3.0])
def test_wasserstein_of_two_normals_of_one_mean_is_its_closed_form(spread: float) -> None:
    """|σ − 1| E|Z| = |σ − 1| √(2/π); 2,000 midpoints cut .2 % of it."""
    expected = abs(spread - 1.0) * np.sqrt(2.0 / np.pi)
    assert wasserstein(NORMAL, spread * NORMAL) == pytest.approx(expected, rel=3e-3)


def test_wasserstein_pools_paths() -> None:
    assert wasserstein(DRAWS, DRAWS.T.copy()) == 0.0
    assert wasserstein(DRAWS[0], DRAWS[1]) > 0.0


@given(st.floats(1e-3, 1e3))
@bounded
def test_the_distance_in_deviations_has_no_units(scale: float) -> None:
    real, fake = DRAWS[0], DRAWS[1:]
    expected = emd_in_sd(real, fake, 5)
    assert emd_in_sd(scale * real, scale * fake, 5) == pytest.approx(expected, rel=1e-9)


def test_the_distance_in_deviations_keeps_the_drift_of_the_sums() -> None:
    """A daily drift of .1 is 2 over 20 days, on a deviation of the real sums known by hand."""
    real = DRAWS[0]
    sums = np.convolve(real, np.ones(20), "valid")
    expected = 2.0 / sums.std(ddof=1)
    assert emd_in_sd(real, real[None] + 0.1, 20) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("real", "steps"),
    [(np.zeros(50), 1), (np.resize([0.01, -0.01], 50), 2), (DRAWS[0, :10], 10), (DRAWS[0, :1], 1)],
    ids=["constant", "constant sums", "one sum", "one day"],
)
def test_sums_that_do_not_vary_are_refused_without_a_warning(real: np.ndarray, steps: int) -> None:
    with warnings.catch_warnings(), pytest.raises(ConfigError, match="history that varies"):
        warnings.simplefilter("error")
        emd_in_sd(real, DRAWS[:, :60], steps)


def test_sums_longer_than_the_history_are_refused() -> None:
    with pytest.raises(ConfigError, match="from 1 to the horizon"):
        emd_in_sd(DRAWS[0, :10], DRAWS, 11)


@given(st.integers(2, 40), st.floats(0.01, 100), st.floats(-100, 100))
@bounded
def test_the_histogram_divergence_has_no_units_and_no_level(
    bins: int, scale: float, shift: float
) -> None:
    """Bins are quantiles of the real values: an affine map moves edges and values alike."""
    before = kl_histogram(DRAWS[0], 1.3 * DRAWS[1], bins).value
    after = kl_histogram(scale * DRAWS[0] + shift, scale * 1.3 * DRAWS[1] + shift, bins).value
    assert after == pytest.approx(before, abs=1e-6)


def test_the_histogram_divergence_is_the_entropy_of_scipy_over_its_bins() -> None:
    real, fake = DRAWS[0], 1.4 * DRAWS[1] + 0.2
    inner = np.quantile(real, np.arange(1, 20) / 20)
    edges = np.concatenate([[-np.inf], np.nextafter(inner, np.inf), [np.inf]])
    p, q = np.histogram(real, edges)[0], np.histogram(fake, edges)[0]
    expected = entropy(p / real.size, (q + 0.5) / (fake.size + 10.0))
    assert kl_histogram(real, fake, 20).value == pytest.approx(expected, rel=1e-9)


@given(st.integers(2, 60))
@bounded
def test_the_histogram_divergence_is_never_negative(bins: int) -> None:
    """Gibbs's inequality: both p and the smoothed q sum to 1 over the bins."""
    assert kl_histogram(DRAWS[0], DRAWS[1], bins).value >= 0.0


@pytest.mark.parametrize("bins", [0, 1, 1501])
def test_bins_outside_the_sample_are_refused(bins: int) -> None:
    with pytest.raises(ConfigError, match="from 2 to the 1500 real values"):
        kl_histogram(DRAWS[0], DRAWS[1], bins)


def test_a_divergence_names_its_bins_and_its_bias() -> None:
    found = kl_histogram(DRAWS[0], DRAWS[1], 31)
    assert "31 bins" in found.estimator
    assert f"{30 / 2 * (2 / 1500):.2g}" in found.bias
    assert f"{100 / 31:g} %" in found.blind_to


@pytest.mark.parametrize("k", [1, 5, 20])
def test_nearest_neighbours_find_the_divergence_of_two_exponentials(k: int) -> None:
    """KL(Exp(1) from Exp(mean 2)) = ln 2 − 1/2 = .193; 3,000 draws have an error near .04."""
    rng = Seed(4).stream("bootstrap")
    real, fake = expon.ppf(rng.random(3000)), 2.0 * expon.ppf(rng.random(3000))
    found = kl_nearest_neighbour(real, fake, k)
    assert found.value == pytest.approx(np.log(2.0) - 0.5, abs=0.15)
    assert f"k = {k}" in found.estimator


@given(st.floats(0.01, 100), st.floats(-10, 10))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_nearest_neighbours_have_no_units_and_no_level(scale: float, shift: float) -> None:
    before = kl_nearest_neighbour(DRAWS[0], 1.3 * DRAWS[1]).value
    after = kl_nearest_neighbour(scale * DRAWS[0] + shift, scale * 1.3 * DRAWS[1] + shift).value
    assert after == pytest.approx(before, abs=0.01)  # a neighbour on a border may round


@pytest.mark.parametrize("k", [0, -1, 40, 100])
def test_as_many_neighbours_as_values_are_refused(k: int) -> None:
    with pytest.raises(ConfigError, match="from 1 to 39"):
        kl_nearest_neighbour(DRAWS[0, :40], DRAWS[1], k)
    with pytest.raises(ConfigError, match="from 1 to 39"):
        kl_nearest_neighbour(DRAWS[0], DRAWS[1, :40], k)


@pytest.mark.parametrize("distance", [wasserstein, kl_histogram, kl_nearest_neighbour])
@pytest.mark.parametrize("bad", [np.array([]), np.array([0.1, np.nan]), np.array([np.inf, 1.0])])
def test_samples_that_are_none_are_refused_on_either_side(
    distance: object, bad: np.ndarray
) -> None:
    for pair in ((bad, DRAWS[0]), (DRAWS[0], bad)):
        with pytest.raises(ConfigError, match="divergence"):
            distance(*pair)  # type: ignore[operator]
