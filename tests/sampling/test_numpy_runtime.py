"""The reference runtime against closed forms."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from made_bundle import made_weights
from scipy import stats

from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

BLUEPRINT = StateSpace()
R, WIDTH = BLUEPRINT.replicas, BLUEPRINT.width


@pytest.fixture
def runtime() -> NumpyRuntime:
    return NumpyRuntime(BLUEPRINT, made_weights(BLUEPRINT))


def test_innovations_are_linear_between_the_knots(runtime: NumpyRuntime) -> None:
    knots, body = runtime.weights["knots"], runtime.weights["body"]
    between = 0.25 * knots[:-1] + 0.75 * knots[1:]
    expected = 0.25 * body[..., :-1] + 0.75 * body[..., 1:]
    np.testing.assert_allclose(
        runtime.innovation(np.tile(between, (R, 1))), expected.swapaxes(0, 1), rtol=1e-5, atol=1e-6
    )


def test_innovations_beyond_the_knots_have_pareto_tails(runtime: NumpyRuntime) -> None:
    """A score of survival probability p·share has the quantile p of scipy's genpareto."""
    top, share = (
        runtime.weights["knots"][-1].astype(float),
        stats.norm.sf(runtime.weights["knots"][-1].astype(float)),
    )
    p = np.array([0.5, 0.1, 1e-3, 1e-6])
    scores = stats.norm.isf(p * share).astype(np.float32)
    assert top < scores.min()
    for replica, law in product(range(R), range(BLUEPRINT.laws)):
        losses, gains = runtime.weights["tails"][replica, law].astype(float)
        ends = runtime.weights["body"][replica, law][[0, -1]].astype(float)
        above = runtime.innovation(np.tile(scores, (R, 1)))[law, replica]
        below = runtime.innovation(np.tile(-scores, (R, 1)))[law, replica]
        np.testing.assert_allclose(
            above, ends[1] + stats.genpareto.isf(p, gains[0], scale=gains[1]), rtol=1e-4
        )
        np.testing.assert_allclose(
            below, ends[0] - stats.genpareto.isf(p, losses[0], scale=losses[1]), rtol=1e-4
        )


def test_innovations_rise(runtime: NumpyRuntime) -> None:
    assert (
        np.diff(
            runtime.innovation(np.tile(np.linspace(-8, 8, 4001, dtype=np.float32), (R, 1))), axis=2
        )
        > 0
    ).all()


def test_the_law_scales_with_the_returns(runtime: NumpyRuntime) -> None:
    """Memory × c² and long run × c² multiply returns about the drift by c."""
    weights, c = runtime.weights, np.float32(3)
    scores = Seed(1).stream("latent").standard_normal((R, 64), dtype=np.float32)
    memory = Seed(1).stream("start-state").uniform(0.2, 4, (R, 64, WIDTH)).astype(np.float32)
    drift, larger = weights["drift"][:, None], BLUEPRINT.memory.rescaled(memory, np.float32(c * c))
    memory[..., -2:] = larger[..., -2:] = 0.05  # factor and doubt are logarithms
    small = runtime.step(memory, scores) - drift
    large = (
        NumpyRuntime(
            BLUEPRINT,
            weights | {"long_run": c * c * weights["long_run"], "between": c * weights["between"]},
        ).step(larger, scores)
        - drift
    )
    np.testing.assert_allclose(c * small, large, rtol=2e-5, atol=1e-5)


def test_path_i_runs_under_replica_i_mod_r(runtime: NumpyRuntime) -> None:
    """A mixture of copies of one replica is that replica: paths i with i mod R = 2 are equal."""
    latent = Seed(2).stream("latent").standard_normal((10, 16, 2), dtype=np.float32)
    memory = np.ones((16, 1, WIDTH), np.float32)
    alone = {
        name: weight if name in ("knots", "jumps") else np.repeat(weight[2:3], R, 0)
        for name, weight in runtime.weights.items()
    }
    paths, _ = runtime.roll(memory, latent)
    third, _ = NumpyRuntime(BLUEPRINT, alone).roll(memory, latent)
    np.testing.assert_array_equal(paths[2::R], third[2::R])
    assert not np.array_equal(paths[1::R], third[1::R])


@pytest.mark.parametrize("paths", [1, 3, 5, 8])
def test_any_number_of_paths_can_be_rolled(runtime: NumpyRuntime, paths: int) -> None:
    latent = Seed(2).stream("latent").standard_normal((6, 8, 2), dtype=np.float32)
    memory = Seed(1).stream("start-state").uniform(0.2, 4, (8, 1, WIDTH)).astype(np.float32)
    whole, after = runtime.roll(memory, latent)
    part, after_part = runtime.roll(memory[:paths], latent[:, :paths])
    np.testing.assert_allclose(whole[:paths], part, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(after[:paths], after_part, rtol=1e-5, atol=1e-6)


def test_memory_is_a_recursion_of_means() -> None:
    """By hand for half lives of one day.

    q ← ½ q + ½ x², n ← ½ n + ½ · 2 x² 1{x < 0}, m ← ½ m + ½ x.
    """
    memory = StateSpace(half_lives=(1.0,), trends=(1.0,)).memory
    after = memory.next(np.array([[2.0, 4.0, 1.0]], np.float32), np.array([-3.0], np.float32))
    np.testing.assert_allclose([[0.5 * 2 + 0.5 * 9, 0.5 * 4 + 9, 0.5 * 1 - 1.5]], after)


def test_one_day_counts_at_most_the_guard() -> None:
    memory = StateSpace(half_lives=(1.0,), trends=(1.0,), guard=9.0).memory
    after = memory.next(np.array([[1.0, 1.0, 0.0]], np.float32), np.array([100.0], np.float32))
    np.testing.assert_allclose([[0.5 + 0.5 * 9, 0.5, 0.5 * 3]], after)


def test_a_rescaled_memory_is_that_of_rescaled_returns() -> None:
    path = Seed(5).stream("baseline").standard_normal((100, 1)).astype(np.float32)
    memory = BLUEPRINT.memory
    np.testing.assert_allclose(
        memory.along(2 * path)[-1],
        memory.rescaled(memory.along(path)[-1], np.array([4.0])),
        rtol=1e-5,
    )


def test_trends_are_measured_in_their_standard_deviation() -> None:
    """Of 200,000 independent returns: within 2 %, five standard errors of the longest trend."""
    paths = Seed(6).stream("baseline").standard_normal((20_500, 10)).astype(np.float32)
    found = BLUEPRINT.memory.along(paths)[500:, :, BLUEPRINT.memory.squares :].std(axis=(0, 1))
    np.testing.assert_allclose(found, BLUEPRINT.memory.trend_scale, rtol=0.03)
