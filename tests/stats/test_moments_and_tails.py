"""Moments, quantiles, Hill index and generalised Pareto fit against scipy, closed forms and known
laws.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.moments import moments
from simgan.stats.tails import excesses, fit_generalised_pareto, hill_tail_index, quantiles

# chance that a correct estimator fails one statistical test after a change of random stream
FALSE_ALARM = 1e-6
Z_FALSE_ALARM = 4.9  # two-sided normal quantile of it


def draws(law: str, n: int, *shape: float) -> np.ndarray:
    uniform = Seed(5).stream("bootstrap").random(n)
    return getattr(scipy_stats, law).ppf(uniform, *shape)


def test_moments_are_those_of_scipy() -> None:
    values = draws("t", 3000, 5)
    mine = moments(values.reshape(3, 1000))
    assert mine.mean == pytest.approx(values.mean())
    assert mine.standard_deviation == pytest.approx(values.std(ddof=1))
    assert mine.skewness == pytest.approx(scipy_stats.skew(values))
    assert mine.excess_kurtosis == pytest.approx(scipy_stats.kurtosis(values))


def test_moments_of_two_values_by_hand() -> None:
    """−1 and 1:
    mean 0, variance 2 with divisor n − 1, fourth moment 1, so excess kurtosis 1 − 3.
    """
    mine = moments(np.array([-1.0, 1.0]))
    assert (mine.mean, mine.skewness, mine.excess_kurtosis) == (0.0, 0.0, -2.0)
    assert mine.standard_deviation == pytest.approx(np.sqrt(2.0))


@pytest.mark.parametrize("bad", [[0.01, 0.01, 0.01], [0.01, np.nan], [1.0]])
def test_moments_refuse_what_has_none(bad: list[float]) -> None:
    with pytest.raises(ConfigError):
        moments(np.array(bad))


def test_quantiles_pool_paths_and_refuse_percent() -> None:
    np.testing.assert_allclose(
        quantiles(np.arange(101.0).reshape(1, 101), [0.01, 0.5, 1.0]), [1.0, 50.0, 100.0]
    )
    with pytest.raises(ConfigError):
        quantiles(np.arange(5.0), [95.0])


def test_hill_by_hand() -> None:
    """The ten largest of 2, then e²…:
    log excesses over the threshold 1 are 1, …, 10, their mean 5.5, so the index is 1/5.5.
    """
    values = np.concatenate([np.exp(np.arange(0.0, 11.0)), -np.ones(89)])
    index = hill_tail_index(values, share=0.1)
    assert index.value == pytest.approx(1 / 5.5)
    assert index.exceedances == 10
    assert index.low < index.value < index.high


def assert_hill_near(sample: np.ndarray, exponent: float) -> None:
    index = hill_tail_index(sample, share=0.05)
    error = abs(1 / index.value - 1 / exponent) * exponent * np.sqrt(index.exceedances)
    assert error < Z_FALSE_ALARM


def test_hill_finds_the_exponent_of_a_pareto_and_not_that_of_a_clipped_one() -> None:
    """Exact law: 1/α̂ is gamma with mean 1/α and relative deviation 1/√k."""
    sample = draws("pareto", 200_000, 3.0)
    assert_hill_near(sample, 3.0)
    with pytest.raises(AssertionError):
        assert_hill_near(np.minimum(sample, np.quantile(sample, 0.98)), 3.0)


def test_hill_interval_covers_as_promised() -> None:
    """400 Pareto samples:
    95 % coverage has a binomial deviation of 1.1 %; bounds at 4.9 deviations.
    """
    rng = Seed(6).stream("bootstrap")
    covered = 0
    for _ in range(400):
        index = hill_tail_index(rng.pareto(3.0, 4000) + 1.0, share=0.1)
        covered += index.low < 3.0 < index.high
    assert abs(covered / 400 - 0.95) < Z_FALSE_ALARM * np.sqrt(0.95 * 0.05 / 400)


@pytest.mark.parametrize("share", [0.0, 1.0, 1.5, 0.001, np.nan])
def test_hill_refuses_a_share_without_a_tail(share: float) -> None:
    with pytest.raises(ConfigError, match="share"):
        hill_tail_index(draws("pareto", 1000, 3.0), share=share)


def test_hill_refuses_a_tail_that_reaches_zero() -> None:
    with pytest.raises(ConfigError, match="positive"):
        hill_tail_index(np.linspace(-1.0, 0.01, 1000), share=0.05)


def test_excesses_are_counted_over_the_share() -> None:
    threshold, beyond = excesses(np.arange(100.0), share=0.1)
    assert threshold == 89.0
    np.testing.assert_array_equal(np.sort(beyond), np.arange(1.0, 11.0))


@pytest.mark.parametrize("shape", [-0.3, -0.05, 0.0, 0.15, 0.4])
def test_generalised_pareto_reaches_the_likelihood_of_scipy(shape: float) -> None:
    sample = draws("genpareto", 600, shape) * 0.008
    mine = fit_generalised_pareto(sample)
    theirs = scipy_stats.genpareto.fit(sample, floc=0)
    mine_likelihood = scipy_stats.genpareto.logpdf(sample, mine.shape, scale=mine.scale).sum()
    assert (
        mine_likelihood
        >= scipy_stats.genpareto.logpdf(sample, theirs[0], scale=theirs[2]).sum() - 1e-3
    )
    assert mine.shape == pytest.approx(theirs[0], abs=2e-3)
    assert mine.low < shape < mine.high


def test_generalised_pareto_scales_with_its_units() -> None:
    sample = draws("genpareto", 300, 0.2)
    small, large = fit_generalised_pareto(sample * 1e-4), fit_generalised_pareto(sample * 1e4)
    assert small.shape == pytest.approx(large.shape, abs=1e-6)
    assert small.scale * 1e8 == pytest.approx(large.scale, rel=1e-6)


def test_generalised_pareto_says_when_the_bound_binds() -> None:
    wild = fit_generalised_pareto(draws("genpareto", 2000, 1.2))
    assert wild.is_at_bound
    assert wild.shape < 0.5
    assert not fit_generalised_pareto(draws("genpareto", 2000, 0.1)).is_at_bound


@pytest.mark.parametrize("bad", [np.ones(20), np.arange(20.0), np.ones(3)])
def test_generalised_pareto_refuses_what_are_no_excesses(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        fit_generalised_pareto(bad)
