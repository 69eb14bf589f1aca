"""The reference runtime against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_weights
from scipy import stats

from simgan.bundle.blueprints import StateSpace
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime, map_tails, two_sided_tukey
from simgan.seeds import Seed

BLUEPRINT = StateSpace()


def test_tukey_innovations_have_mean_zero_and_variance_one() -> None:
    """Gauss–Hermite would miss the tails; the midpoint rule on ±9 does not: the integrand ends as exp(−0.36 u²)."""
    u = np.linspace(-9, 9, 200_001).astype(np.float32)
    values = two_sided_tukey(u, np.log(np.expm1([0.14, 0.05])).astype(np.float32)).astype(float)
    density = stats.norm.pdf(u.astype(float)) * (18 / 200_000)
    assert np.sum(values * density) == pytest.approx(0, abs=1e-5)
    assert np.sum(values**2 * density) == pytest.approx(1, abs=1e-4)


def test_tails_are_mapped_from_one_pareto_law_to_the_other() -> None:
    """An excess at probability p of the first law becomes the excess at p of the second (scipy's genpareto)."""
    row = [1.5, 0.2, 0.5, 0.35, 0.7]
    tails = np.array([row, row], np.float32)
    p = np.array([0.5, 0.1, 0.01, 0.001])
    before = (1.5 + stats.genpareto.isf(p, 0.2, scale=0.5)).astype(np.float32)
    after = 1.5 + stats.genpareto.isf(p, 0.35, scale=0.7)
    np.testing.assert_allclose(after, map_tails(before, tails), rtol=1e-5)
    np.testing.assert_allclose(-after, map_tails(-before, tails), rtol=1e-5)


def test_the_body_is_left_alone_and_the_map_rises() -> None:
    tails = made_weights(BLUEPRINT)["tails"]
    values = np.linspace(-6, 6, 4001, dtype=np.float32)
    mapped = map_tails(values, tails)
    body = np.abs(values) < 1.5
    np.testing.assert_array_equal(values[body], mapped[body])
    assert (np.diff(mapped) > 0).all()


def test_the_law_scales_with_the_returns() -> None:
    """Memory × c² and long run × c² give σ × c: returns about the drift are multiplied by c."""
    weights, c = made_weights(BLUEPRINT), np.float32(3)
    latent = Seed(1).stream("latent").standard_normal((64, BLUEPRINT.latent), dtype=np.float32)
    memory = Seed(1).stream("start-state").uniform(0.2, 4, (64, 12)).astype(np.float32)
    small = NumpyRuntime(BLUEPRINT, weights).step(memory, latent) - weights["drift"]
    large = NumpyRuntime(BLUEPRINT, weights | {"long_run": c * c * weights["long_run"]}).step(c * c * memory, latent) - weights["drift"]
    np.testing.assert_allclose(c * small, large, rtol=2e-5, atol=1e-5)


def test_memory_is_a_recursion_of_means() -> None:
    """By hand, one half life of one day: q ← ½ q + ½ x², n ← ½ n + ½ · 2 x² 1{x < 0}."""
    memory = StateSpace(half_lives=(1.0,)).memory
    after = memory.next(np.array([[2.0, 4.0]], np.float32), np.array([[-3.0]], np.float32))
    np.testing.assert_allclose([[0.5 * 2 + 0.5 * 9, 0.5 * 4 + 9]], after)


def test_one_day_counts_at_most_the_guard() -> None:
    memory = StateSpace(half_lives=(1.0,), guard=10.0).memory
    after = memory.next(np.array([[1.0, 1.0]], np.float32), np.array([[100.0]], np.float32))
    np.testing.assert_allclose([[0.5 + 0.5 * 10, 0.5]], after)
