"""The axis of assets in sampling: its shapes, and sentences where one asset is the most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle, made_weights

from simgan.bundle import Runtime
from simgan.errors import ConfigError
from simgan.market.scalings.standard import Standard
from simgan.provenance import sha256_of_array
from simgan.recipe.blueprints import BLUEPRINTS, Blueprint
from simgan.sampling.model import Model
from simgan.sampling.runtimes import runtime_of
from simgan.sampling.start import FromDays, FromLongRun, FromMemory, Start
from simgan.seeds import Seed

SMALL = {"tcn": {"channels": 4, "dilations": (1, 2)}}
ROWS = slice(0, 2048)


def small(kind: str) -> Blueprint:
    return BLUEPRINTS.build(kind, SMALL.get(kind, {}))


class Remembers(Runtime[Blueprint]):
    """A runtime of any number of assets. A day is the noise, and the memory forgets half of it."""

    def roll(self, memory: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        for day in noise:
            memory = 0.5 * memory + day[:, :1, None]
        return noise.swapaxes(0, 1)[..., :1, None], memory.astype(np.float32)


def states(*leading: int) -> np.ndarray:
    rng = np.random.Generator(np.random.Philox(2))
    return rng.uniform(0.1, 3, (*leading, 2, small("state-space").width)).astype(np.float32)


@pytest.mark.parametrize(
    "start",
    [
        FromMemory(states(), np.array([1.0, 2.0])),
        FromDays(states(30), np.array([1.0, 2.0])),
        FromLongRun(states(40), np.array([1.0, 2.0])),
    ],
    ids=lambda start: type(start).__name__,
)
def test_two_assets_start_together_as_each_alone_to_the_bit(start: Start) -> None:
    runtime = Remembers(small("state-space"), {})
    together = start.memories(runtime, Seed(3), 1, ROWS)
    assert together.shape == (2048, *start.memory.shape[-2:])
    for asset in range(2):
        part = replace(start, memory=start.memory[..., asset : asset + 1, :])
        alone = part.memories(runtime, Seed(3), 1, ROWS)
        np.testing.assert_array_equal(together[:, asset : asset + 1], alone)


def test_the_identity_of_a_state_does_not_depend_on_the_axis_of_one_asset() -> None:
    """Files that an older simgan began can be resumed: their origin names the same state."""
    state = states()[:1]
    start = FromMemory(state, np.ones(1))
    assert start.sha256 == sha256_of_array(state[0])
    assert start.at_price(np.array([2.0])).sha256 == start.sha256
    assert FromMemory(state + 1, np.ones(1)).sha256 != start.sha256


@pytest.mark.parametrize("kind", BLUEPRINTS)
@pytest.mark.parametrize("engine", ["cpu", "numpy"])
def test_arrays_of_a_runtime_end_in_the_axis_of_assets(kind: str, engine: str) -> None:
    blueprint = small(kind)
    runtime = runtime_of(engine, blueprint, made_weights(blueprint))
    noise = np.zeros((6, 5, blueprint.latent), np.float32)
    along = runtime.along(np.ones((7, 1), np.float32))
    assert along.shape == (8, 1, blueprint.width) and along.dtype == np.float32
    paths, after = runtime.roll(np.ones((5, 1, blueprint.width), np.float32), noise)
    assert paths.shape == (5, 6, 1) and paths.dtype == np.float32
    assert after.shape == (5, 1, blueprint.width) and after.dtype == np.float32


@pytest.mark.parametrize("kind", BLUEPRINTS)
@pytest.mark.parametrize("engine", ["cpu", "numpy"])
def test_a_runtime_refuses_two_assets_in_a_sentence(kind: str, engine: str) -> None:
    blueprint = small(kind)
    runtime = runtime_of(engine, blueprint, made_weights(blueprint))
    noise = np.zeros((3, 4, blueprint.latent), np.float32)
    with pytest.raises(ConfigError, match=rf"assets = 2 .*{kind} makes the returns of one asset"):
        runtime.roll(np.ones((4, 2, blueprint.width), np.float32), noise)


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_a_bundle_of_two_assets_is_refused_before_anything_is_drawn(kind: str) -> None:
    bundle = made_bundle(blueprint=small(kind))
    manifest = replace(bundle.manifest, assets=("A", "B"), last_price=(1.0, 2.0))
    with pytest.raises(ConfigError, match="makes the returns of one asset"):
        Model(replace(bundle, manifest=manifest)).sample(1, 1)


def test_a_history_of_other_assets_is_refused() -> None:
    """The scaling has one number per asset, and broadcasting would copy it to both."""
    model = Model(made_bundle())
    assert isinstance(model.bundle.manifest.scaling, Standard)
    with pytest.raises(ConfigError, match="shape"):
        model.memories_along(np.zeros((100, 2)))
    with pytest.raises(ConfigError, match=r"\(days, assets\)"):
        model.memories_along(np.zeros(100))


@pytest.mark.parametrize("kind", BLUEPRINTS)
def test_replicas_take_paths_in_turn_whatever_the_other_axes(kind: str) -> None:
    """`by_path` undoes `by_replica`, also where copies of the last path fill up."""
    blueprint = small(kind)
    runtime = Remembers(blueprint, {})
    for paths in (1, 4, 7):
        for axes in ((), (3,), (3, 2)):
            values = np.arange(paths * int(np.prod(axes, initial=1))).reshape(paths, *axes)
            each = runtime.by_replica(values)
            assert each.shape == (blueprint.replicas, -(-paths // blueprint.replicas), *axes)
            np.testing.assert_array_equal(each[0, 0], values[0])
            np.testing.assert_array_equal(runtime.by_path(each, paths), values)
