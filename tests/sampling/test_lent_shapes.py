"""Generated days have the shapes of days of the history, and the memory takes in their ranges."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_weights

from simgan.market.shapes import range_variance
from simgan.recipe.blueprints.state_space import DAYS, SHAPE, StateSpace
from simgan.sampling.lent_shapes import lending, places_of, scaled_shapes
from simgan.sampling.runtimes.cpu import CpuRuntime
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

BLUEPRINT = StateSpace(ranges=1, replicas=2)
RUNTIME = NumpyRuntime(BLUEPRINT, made_weights(BLUEPRINT))
NUMBERED = np.arange(2 * DAYS, dtype=np.float32)  # the place of each day, calm days first


def noise_of(steps: int, paths: int) -> np.ndarray:
    return Seed(2).stream("latent").standard_normal((steps, paths, 3), dtype=np.float32)


def lent(share: float, paths: int = 200_000) -> np.ndarray:
    """Numbers of the days that lend their shapes to many paths."""
    days = np.broadcast_to(NUMBERED.reshape(1, 2, DAYS, 1), (1, 2, DAYS, SHAPE)).copy()
    z, s = noise_of(1, paths)[0, :, [0, 2]]
    found = lending(days, places_of(z, s)[None], np.full((1, paths), share, np.float32))
    return found[0, :, 0]


def test_a_replayed_path_has_the_memory_of_the_rolled_one() -> None:
    """Returns and ranges of the shapes are all that the memory knows, except for the factor."""
    noise, width = noise_of(40, 64), BLUEPRINT.memory.width
    memory = Seed(1).stream("start-state").uniform(0.5, 2, (64, 1, BLUEPRINT.width))
    path, after = RUNTIME.roll(memory.astype(np.float32), noise)
    state = RUNTIME.by_replica(memory[:, 0].astype(np.float32))
    for scaled, drawn in zip(path[..., 0].T, noise, strict=True):
        scaled, drawn = RUNTIME.by_replica(scaled), RUNTIME.by_replica(drawn)
        shapes = RUNTIME.shapes(state, scaled, drawn)
        assert (shapes[..., 1:] >= 0).all()
        ranges = range_variance(scaled, shapes) / RUNTIME.weights["range_mean"]
        known = BLUEPRINT.memory.next(state[..., :width], scaled, ranges)
        state = RUNTIME.next(state, scaled, drawn)
        np.testing.assert_array_equal(state[..., :width], known)
    np.testing.assert_array_equal(RUNTIME.by_path(state, 64), after[:, 0])


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_so_many_days_are_wild_as_the_law_of_wild_days_has_a_share(share: float) -> None:
    """A binomial of 200,000 draws: five standard deviations are .0051."""
    assert (lent(share) >= DAYS).mean() == pytest.approx(share, abs=0.0051)


def test_all_days_of_a_law_lend_equally_often() -> None:
    """Pearson's chi-square over 16 parts of the days, 1 false alarm in 10⁶."""
    counts = np.histogram(lent(0.0), 16, (0, DAYS))[0]
    expected = counts.sum() / 16
    assert ((counts - expected) ** 2 / expected).sum() < 56.5


def test_a_day_of_like_return_lends_its_shape() -> None:
    """Score and place are normal scores with the correlation √(1 − η²), here .999."""
    z = noise_of(1, 200_000)[0, :, 0]
    days = lent(0.0)
    ranks = np.argsort(np.argsort(z)) / len(z)
    assert np.corrcoef(ranks, days)[0, 1] == pytest.approx(0.9987, abs=0.0005)  # Spearman's of it


def test_a_return_beyond_that_of_the_lending_day_widens_the_shape() -> None:
    """By (3 + |y/ŝ|) over (3 + |x|), here (3 + 7) / (3 + 2)."""
    day = np.array([2.0, 0.1, 0.2, 0.3], np.float32)
    found = scaled_shapes(np.float32(14.0), np.float32(2.0), np.float32(1.5), day)
    np.testing.assert_allclose(found, 1.5 * 2.0 * day[1:], rtol=1e-6)


def test_sizes_follow_their_own_weights_of_the_memory_up_to_a_bound() -> None:
    mix = RUNTIME.weights["shape_mix"]
    memory = np.zeros((2, 3, BLUEPRINT.width), np.float32)
    memory[:, 1, : BLUEPRINT.memory.squares] = 1.0
    memory[:, 2, : BLUEPRINT.memory.squares] = 1e6
    calm, usual, wild = RUNTIME.sizes(memory)[0]
    assert calm == pytest.approx(np.sqrt(mix[0]), rel=1e-3)
    assert usual == pytest.approx(np.sqrt(mix.sum()), rel=1e-3)
    assert wild == pytest.approx(np.sqrt(BLUEPRINT.ceiling * mix.sum()), rel=1e-3)
    memory[..., -1] = 0.5  # the doubt
    np.testing.assert_allclose(RUNTIME.sizes(memory)[0, 0] / calm, np.exp(0.5), rtol=1e-5)


@pytest.mark.parametrize("paths", [5, 3000])
@pytest.mark.parametrize("settings", [{}, {"laws": 1, "factor": 0.0, "doubt": 0.0}])
def test_shapes_of_the_fast_runtime_are_those_of_the_reference(
    settings: dict[str, float], paths: int
) -> None:
    """The reference replays path and memory day after day."""
    blueprint = StateSpace(ranges=1, replicas=2, **settings)  # type: ignore[arg-type]
    weights = made_weights(blueprint)
    reference, fast = NumpyRuntime(blueprint, weights), CpuRuntime(blueprint, weights)
    noise = Seed(2).stream("latent").standard_normal((40, paths, blueprint.latent), np.float32)
    memory = np.full((paths, 1, blueprint.width), 0.9, np.float32)
    path, _ = fast.roll(memory, noise)
    state = reference.by_replica(memory[:, 0])
    found = fast.shapes(memory, path, noise)
    assert found.shape == (paths, 40, 1, 3) and found.dtype == np.float32
    for day, drawn in enumerate(map(reference.by_replica, noise)):
        scaled = reference.by_replica(path[:, day, 0])
        expected = reference.by_path(reference.shapes(state, scaled, drawn), paths)
        np.testing.assert_allclose(found[:, day, 0], expected, rtol=2e-4, atol=2e-6)
        state = reference.next(state, scaled, drawn)


def test_the_fast_runtime_tells_the_shapes_that_its_memory_took_in() -> None:
    """Returns and ranges of the shapes give the memory after the roll, except for the factor."""
    fast, noise, width = (
        CpuRuntime(BLUEPRINT, RUNTIME.weights),
        noise_of(40, 64),
        BLUEPRINT.memory.width,
    )
    memory = np.full((64, 1, BLUEPRINT.width), 0.9, np.float32)
    path, after = fast.roll(memory, noise)
    shapes, known = fast.shapes(memory, path, noise), memory[..., :width]
    for day in range(40):
        ranges = range_variance(path[:, day], shapes[:, day]) / RUNTIME.weights["range_mean"]
        known = BLUEPRINT.memory.next(known, path[:, day], ranges)
    np.testing.assert_allclose(known, after[..., :width], rtol=1e-4, atol=1e-6)
