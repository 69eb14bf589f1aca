"""The generator in Keras and the reference in NumPy are one law."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_weights

from simgan.bundle.blueprints import StateSpace
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.architectures.state_space import StateSpaceGenerator, pareto_map, two_sided_tukey  # noqa: E402

BLUEPRINT = StateSpace()
TOLERANCE = 2e-4  # float32 over 40 days of feedback; NumPy and TensorFlow round exp and tanh differently


@pytest.fixture
def generator() -> StateSpaceGenerator:
    made = StateSpaceGenerator(BLUEPRINT, Seed(0))
    made.assign(made_weights(BLUEPRINT))
    return made


def test_keras_and_numpy_roll_the_same_paths(generator: StateSpaceGenerator) -> None:
    latent = Seed(2).stream("latent").standard_normal((40, 256, BLUEPRINT.latent), dtype=np.float32)
    memory = Seed(2).stream("start-state").uniform(0.2, 4, (256, BLUEPRINT.memory.width)).astype(np.float32)
    by_keras, after_keras = generator.roll(tf.constant(memory), tf.constant(latent))
    by_numpy, after_numpy = NumpyRuntime(BLUEPRINT, made_weights(BLUEPRINT)).roll(memory, iter(latent))
    np.testing.assert_allclose(by_numpy, by_keras.numpy(), rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_allclose(after_numpy, after_keras.numpy(), rtol=TOLERANCE, atol=TOLERANCE)


def test_the_memory_of_a_history_is_that_of_the_rolled_paths(generator: StateSpaceGenerator) -> None:
    path = Seed(5).stream("baseline").standard_normal(200).astype(np.float32)
    along = BLUEPRINT.memory.along(path)
    np.testing.assert_allclose(along[1:], generator.remember(tf.constant(along[:-1]), tf.constant(path[:, None])).numpy(), rtol=1e-5)


def test_a_fresh_generator_is_the_same_for_the_same_seed_and_no_other() -> None:
    first, again, other = (StateSpaceGenerator(BLUEPRINT, Seed(s)).values() for s in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert not np.array_equal(first["bend_in"], other["bend_in"])


def test_a_fresh_generator_maps_no_tail_and_is_standardised() -> None:
    """Memory at the long-run variance and the neural parts nearly silent: r has about mean drift and variance 1."""
    generator = StateSpaceGenerator(BLUEPRINT, Seed(0))
    latent = Seed(9).stream("latent").standard_normal((200_000, BLUEPRINT.latent), dtype=np.float32)
    draws = generator((tf.ones((len(latent), BLUEPRINT.memory.width)), tf.constant(latent))).numpy()
    assert draws.mean() == pytest.approx(0.03, abs=0.15)
    assert draws.std() == pytest.approx(1.0, abs=0.15)


def test_gradients_reach_every_trainable_weight(generator: StateSpaceGenerator) -> None:
    latent = Seed(2).stream("latent").standard_normal((5, 64, BLUEPRINT.latent), dtype=np.float32)
    with tf.GradientTape() as tape:
        paths, _ = generator.roll(tf.ones((64, BLUEPRINT.memory.width)), tf.constant(latent))
        loss = tf.reduce_mean(paths**2)
    for weight, gradient in zip(generator.trainable_variables, tape.gradient(loss, generator.trainable_variables), strict=True):
        assert gradient is not None and np.abs(gradient.numpy()).max() > 0, weight.path


def test_the_pareto_map_of_a_law_to_itself_is_the_identity() -> None:
    excess = np.linspace(0, 8, 100, dtype=np.float32)
    row = tf.constant([1.0, 0.2, 0.6, 0.2, 0.6])
    np.testing.assert_allclose(excess, pareto_map(tf.constant(excess), row).numpy(), rtol=1e-5)


def test_equal_tukey_tails_are_symmetric() -> None:
    u = np.linspace(-4, 4, 41, dtype=np.float32)
    values = two_sided_tukey(tf.constant(u), tf.constant(np.log(np.expm1([0.1, 0.1])), tf.float32)).numpy()
    np.testing.assert_allclose(values, -values[::-1], atol=1e-6)
