"""Wasserstein, Kullback–Leibler, intervals and noise floors against scipy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, wasserstein_distance

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.dependence import acf_score
from simgan.stats.divergences import emd_in_sd, kl_histogram, kl_nearest_neighbour, wasserstein
from simgan.stats.intervals import (
    block_length,
    bootstrap_interval,
    noise_floor,
    stationary_resamples,
)
from simgan.stats.moments import sums

samples = st.lists(st.floats(-10, 10, allow_nan=False), min_size=1, max_size=60)


@given(samples, samples)
@settings(max_examples=150, deadline=None)
def test_wasserstein_is_that_of_scipy(real: list[float], fake: list[float]) -> None:
    assert wasserstein(np.array(real), np.array(fake)) == pytest.approx(
        wasserstein_distance(real, fake), abs=1e-9
    )


def test_wasserstein_sees_one_extreme_day() -> None:
    """Moving one of 1,000 values by 5 costs 5/1,000."""
    real = np.linspace(-1.0, 1.0, 1000)
    fake = real.copy()
    fake[-1] += 5.0
    assert wasserstein(real, fake) == pytest.approx(5e-3)


def test_a_sample_of_another_size_in_between_and_large_samples_change_no_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The merged probabilities of the latest two sizes stay in memory, up to `MOST_KEPT` values."""
    values = Seed(3).stream("bootstrap").standard_normal(90)
    pairs = [(values[:20], values[20:]), (values[:30], values[30:]), (values[:20], values[20:])]
    kept = [wasserstein(real, fake) for real, fake in pairs]
    monkeypatch.setattr("simgan.stats.divergences.MOST_KEPT", 0)
    assert kept == [wasserstein(real, fake) for real, fake in pairs]
    assert kept[1] != kept[0] == kept[2]


def test_emd_is_divided_by_the_deviation_of_the_real_sums() -> None:
    rng = Seed(3).stream("bootstrap")
    real, fake = rng.standard_normal(500), rng.standard_normal((4, 500)) + 0.1
    expected = wasserstein_distance(sums(real, 5), sums(fake, 5).ravel()) / sums(real, 5).std(
        ddof=1
    )
    assert emd_in_sd(real, fake, 5) == pytest.approx(expected)


def normal_pair() -> tuple[np.ndarray, np.ndarray]:
    rng = Seed(4).stream("bootstrap")
    return rng.standard_normal(5000), 1.0 + rng.standard_normal(50_000)


@pytest.mark.parametrize("estimate", [kl_histogram, kl_nearest_neighbour])
def test_kl_of_shifted_normals_is_one_half(estimate: object) -> None:
    """KL(N(0,1) ‖ N(1,1)) = 1/2;
    the standard error from 5,000 values is 1/√5000 = .014: five of them, false alarm 6·10⁻⁷.
    """
    assert estimate(*normal_pair()).value == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("estimate", [kl_histogram, kl_nearest_neighbour])
def test_kl_of_one_law_is_small(estimate: object) -> None:
    real, shifted = normal_pair()
    assert abs(estimate(real, shifted - 1.0).value) < 0.03


def test_kl_histogram_of_two_bins_by_hand() -> None:
    """p = (1/2, 1/2); one of three fakes below the median: q = (1.5/4, 2.5/4)."""
    value = kl_histogram(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 2.0, 3.0]), bins=2).value
    assert value == pytest.approx(0.5 * np.log(0.5 / 0.375) + 0.5 * np.log(0.5 / 0.625))


def test_kl_stays_finite_where_real_has_an_atom() -> None:
    """A fifth of the days unchanged:
    the atom is 20 % of the real and 40 % of the fake mass, the rest is alike.
    """
    rng = Seed(5).stream("bootstrap")
    real, fake = rng.standard_normal(5000), rng.standard_normal(50_000)
    real[:1000], fake[:20_000] = 0.0, 0.0
    expected = 0.2 * np.log(0.2 / 0.4) + 0.8 * np.log(0.8 / 0.6)
    assert kl_nearest_neighbour(real, fake).value == pytest.approx(expected, abs=0.05)
    assert kl_histogram(real, fake).value == pytest.approx(expected, abs=0.05)
    assert np.isfinite(kl_nearest_neighbour(real, fake[20_000:]).value)


def test_kl_is_blind_to_a_clipped_tail_and_says_so() -> None:
    real, shifted = normal_pair()
    fake = shifted - 1.0
    clipped = np.clip(fake, *np.quantile(fake, [0.001, 0.999]))
    assert kl_histogram(real, clipped).value == kl_histogram(real, fake).value
    assert "outer" in kl_histogram(real, fake).blind_to


def test_a_copy_of_the_history_gives_a_negative_nearest_neighbour_kl() -> None:
    real, _ = normal_pair()
    assert kl_nearest_neighbour(real, np.tile(real, 20)).value < -0.1


def test_huge_fakes_are_subsampled_reproducibly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgan.stats.divergences.MOST_POINTS", 2000)
    real, fake = normal_pair()
    first = kl_nearest_neighbour(real, fake, seed=Seed(1))
    assert first == kl_nearest_neighbour(real, fake, seed=Seed(1))
    assert first != kl_nearest_neighbour(real, fake, seed=Seed(2))
    assert "2000 fake values" in first.estimator


@pytest.mark.parametrize("sample", [np.array([]), np.array([0.1, np.nan])])
def test_samples_without_a_law_are_refused(sample: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        wasserstein(sample, np.ones(3))


def clustered(days: int) -> np.ndarray:
    """Returns whose log volatility is an AR(1) with half life of about 35 days."""
    rng = Seed(8).stream("bootstrap")
    volatility, log_volatility = np.zeros(days), 0.0
    for day, shock in enumerate(rng.standard_normal(days)):
        log_volatility = 0.98 * log_volatility + 0.12 * shock
        volatility[day] = np.exp(log_volatility)
    return 0.01 * volatility * rng.standard_normal(days)


def test_blocks_are_long_where_volatility_clusters() -> None:
    series = clustered(4000)
    shuffled = Seed(9).stream("bootstrap").permutation(series)
    assert block_length(series) > 30
    assert block_length(shuffled) < 15


def test_resamples_are_blocks_of_the_history() -> None:
    series = np.arange(1000.0)
    resamples = stationary_resamples(series, 20, Seed(1).stream("bootstrap"), mean_block=50.0)
    assert resamples.shape == (20, 1000)
    joints = np.mean(np.diff(resamples) % 1000 != 1)
    assert joints == pytest.approx(1 / 50, abs=0.006)  # binomial deviation .001, six of them


def test_interval_of_the_mean_is_the_textbook_one_for_independent_days() -> None:
    series = 0.01 * Seed(2).stream("bootstrap").standard_normal(2000)
    interval = bootstrap_interval(np.mean, series, Seed(3), n_resamples=1000)
    half = 1.96 * series.std() / np.sqrt(2000)
    assert interval.low == pytest.approx(series.mean() - half, abs=0.2 * half)
    assert interval.high == pytest.approx(series.mean() + half, abs=0.2 * half)
    assert interval == bootstrap_interval(np.mean, series, Seed(3), n_resamples=1000)


def test_noise_floor_of_the_emd_of_independent_normals() -> None:
    """E W₁ of n normals against their law is √(1/n) ∫ √(2/π · Φ(1 − Φ)) dx ≈ .8 · ∫ √(Φ(1 − Φ))
    dx/√n, Bobkov & Ledoux (2019).
    """
    n = 2000
    series = Seed(4).stream("bootstrap").standard_normal(n)
    grid = np.linspace(-8, 8, 4001)
    expected = (
        np.sqrt(2 / np.pi / n)
        * np.sum(np.sqrt(norm.cdf(grid) * norm.sf(grid)))
        * (grid[1] - grid[0])
    )
    floor = noise_floor(lambda a, b: emd_in_sd(a, b, 1), series, Seed(5))
    assert floor.median == pytest.approx(expected, rel=0.2)
    assert floor.high > floor.median


def test_noise_floor_is_passed_by_the_true_law_and_not_by_another() -> None:
    series = clustered(3000)
    floor = noise_floor(lambda a, b: acf_score(a, b, max_lag=50), series, Seed(6), n_resamples=60)
    shuffled = np.stack([Seed(i).stream("bootstrap").permutation(series) for i in range(8)])
    resampled = stationary_resamples(series, 8, Seed(7).stream("bootstrap"), floor.mean_block)
    assert acf_score(series, resampled, max_lag=50) < floor.high
    assert acf_score(series, shuffled, max_lag=50) > floor.high


@pytest.mark.parametrize("series", [np.zeros(100), np.arange(10.0)])
def test_floors_refuse_a_history_that_is_none(series: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        noise_floor(lambda a, b: 0.0, series, Seed(0))
