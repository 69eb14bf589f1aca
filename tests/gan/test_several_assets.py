"""The asset axis of generators and likelihood: assets that share weights are each as if alone."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_history, made_weights

from simgan.errors import ConfigError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.architectures import (  # noqa: E402
    ARCHITECTURES,
    Generator,
    ReplicaMoments,
)
from simgan.gan.series import TrainingSeries  # noqa: E402
from simgan.gan.warm_start import StudentLikelihood  # noqa: E402

SMALL = {
    "state-space": {"replicas": 2, "hidden": 4},
    "mlp": {"hidden": (4,), "latent": 2},
    "recurrent": {"units": 3, "hidden": 3, "latent": 2},
    "tcn": {"channels": 3, "latent": 2, "dilations": (1, 2)},
}
RNG = Seed(31)
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


def generator(kind: str) -> Generator:
    blueprint = BLUEPRINTS.build(kind, SMALL[kind])
    made = ARCHITECTURES.load(kind)(blueprint, Seed(0))
    made.assign(made_weights(blueprint))
    return made


def states(made: Generator, assets: int = 2, paths: int = 5) -> np.ndarray:
    shape = (made.replicas, paths, assets, made.blueprint.width)
    return RNG.stream("start-state").uniform(0.2, 0.9, shape).astype(np.float32)


def normals(made: Generator, assets: int = 2, steps: int = 6, paths: int = 5) -> np.ndarray:
    shape = (steps, made.replicas, paths, assets * made.blueprint.latent)
    return RNG.stream("latent").standard_normal(shape, dtype=np.float32)


@pytest.mark.parametrize("kind", SMALL)
def test_two_assets_are_rolled_as_each_alone_and_not_as_the_other(kind: str) -> None:
    made = generator(kind)
    memory, noise = states(made), normals(made)
    paths, after = (part.numpy() for part in made.roll(tf.constant(memory), tf.constant(noise)))
    assert paths.shape == (made.replicas, 5, 6, 2) and after.shape == memory.shape
    latent = made.blueprint.latent
    for asset in (0, 1):
        own = noise[..., asset * latent : (asset + 1) * latent]
        alone, left = made.roll(tf.constant(memory[:, :, asset, None]), tf.constant(own))
        np.testing.assert_allclose(paths[..., asset], alone.numpy()[..., 0], **CLOSE)
        np.testing.assert_allclose(after[:, :, asset], left.numpy()[:, :, 0], **CLOSE)
    assert np.abs(paths[..., 0] - paths[..., 1]).max() > 0.01


@pytest.mark.parametrize("kind", ["state-space", "mlp"])
def test_levels_of_two_assets_are_those_of_each_alone(kind: str) -> None:
    made = generator(kind)
    memory = states(made)
    paths = RNG.stream("baseline").standard_normal((made.replicas, 5, 4, 2)).astype(np.float32)
    levels = made.levels(tf.constant(memory), tf.constant(paths)).numpy()
    by_numpy = [
        made.blueprint.levels(memory[replica], paths[replica]) for replica in range(made.replicas)
    ]
    np.testing.assert_allclose(levels, by_numpy, **CLOSE)


def test_a_recurrent_state_reads_each_asset() -> None:
    made = generator("recurrent")
    days = RNG.stream("baseline").standard_normal((30, 2)).astype(np.float32)
    both = made.along(tf.zeros((31, 2, 3)), tf.constant(days)).numpy()
    alone = made.along(tf.zeros((31, 1, 3)), tf.constant(days[:, 1:])).numpy()
    np.testing.assert_allclose(both[:, 1], alone[:, 0], **CLOSE)
    after = made.after(tf.zeros((1, 1, 2, 3)), tf.constant(days[None, None])).numpy()
    np.testing.assert_allclose(after[0, 0], both[-1], **CLOSE)


def test_tomorrow_has_a_law_for_each_asset() -> None:
    made = generator("state-space")
    memories = states(made, paths=3)
    law = made.tomorrow(tf.constant(memories), 8).numpy()
    assert law.shape == (made.replicas, 3, 8, 2)
    alone = made.tomorrow(tf.constant(memories[:, :, 1:]), 8).numpy()
    np.testing.assert_allclose(law[..., 1], alone[..., 0], **CLOSE)


def test_the_loss_of_two_assets_is_the_sum_of_both() -> None:
    made = generator("state-space")
    likelihood = StudentLikelihood(made)
    days = RNG.stream("baseline").standard_normal((50, 2)).astype(np.float32)
    memories, weights = made.blueprint.along(days)[:-1], np.ones((2, 50), np.float32)
    both = float(likelihood(memories, days, weights))
    each = [float(likelihood(memories[:, i : i + 1], days[:, i : i + 1], weights)) for i in (0, 1)]
    assert both == pytest.approx(sum(each), rel=1e-5)
    assert abs(each[0] - each[1]) > 1e-3


def test_moments_are_those_of_each_asset() -> None:
    scaled = np.array([[1, 10], [3, 30]], np.float32)
    moments = ReplicaMoments.of(scaled)
    assert moments.mean.tolist() == [2, 20] and moments.variance.tolist() == [1, 100]


@pytest.mark.parametrize("kind", SMALL)
def test_training_on_two_assets_is_refused_in_a_sentence(kind: str) -> None:
    log_returns = np.repeat(made_history(300).log_returns, 2, 1)
    with pytest.raises(ConfigError, match="makes the returns of one asset; choose one column"):
        TrainingSeries.of(log_returns, BLUEPRINTS.build(kind, SMALL[kind]), TrainingSettings())


def test_windows_and_memories_carry_the_axis() -> None:
    blueprint, settings = BLUEPRINTS.build("state-space", {}), TrainingSettings(past=32, ahead=16)
    series = TrainingSeries.of(made_history(300).log_returns, blueprint, settings)
    assert series.scaled.shape == (300, 1) and series.assets == 1
    assert series.windows.shape == (253, 48, 1)
    assert series.memories.shape == (301, 1, blueprint.width)
    np.testing.assert_array_equal(series.windows[7], series.scaled[7:55])
