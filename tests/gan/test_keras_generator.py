"""The generator in Keras and the reference in NumPy are one law."""

from __future__ import annotations

import numpy as np
import pytest
from made_bundle import made_weights

from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.training import TrainingSettings
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.architectures import Generator  # noqa: E402
from simgan.gan.architectures.state_space import StateSpaceGenerator  # noqa: E402
from simgan.gan.monitors import Validation  # noqa: E402
from simgan.gan.series import TrainingSeries  # noqa: E402

BLUEPRINT = StateSpace()
R, WIDTH = BLUEPRINT.replicas, BLUEPRINT.width
TOLERANCE = (
    2e-4  # float32 over 40 days of feedback; NumPy and TensorFlow round exp and tanh differently
)


@pytest.fixture
def generator() -> StateSpaceGenerator:
    made = StateSpaceGenerator(BLUEPRINT, Seed(0))
    made.assign(made_weights(BLUEPRINT))
    return made


def by_replica(rows: np.ndarray) -> np.ndarray:
    """Rows (…, paths, width) as (…, R, paths of each, width): path i runs under replica i mod R."""
    return rows.reshape(*rows.shape[:-2], -1, R, rows.shape[-1]).swapaxes(-3, -2)


def test_keras_and_numpy_roll_the_same_paths(generator: StateSpaceGenerator) -> None:
    latent = Seed(2).stream("latent").standard_normal((40, 256, 2), dtype=np.float32)
    memory = Seed(2).stream("start-state").uniform(0.2, 4, (256, WIDTH)).astype(np.float32)
    by_keras, after_keras = generator.roll(
        tf.constant(by_replica(memory)[..., None, :]), tf.constant(by_replica(latent))
    )
    by_numpy, after_numpy = NumpyRuntime(BLUEPRINT, made_weights(BLUEPRINT)).roll(
        memory[:, None], latent
    )
    np.testing.assert_allclose(
        by_replica(by_numpy[..., 0]), by_keras.numpy()[..., 0], rtol=TOLERANCE, atol=TOLERANCE
    )
    np.testing.assert_allclose(
        by_replica(after_numpy[:, 0]), after_keras.numpy()[:, :, 0], rtol=TOLERANCE, atol=TOLERANCE
    )


def test_innovations_agree_far_into_the_tails(generator: StateSpaceGenerator) -> None:
    """Normal scores up to 20: from 13 on the survival probability is 0 in float32."""
    scores = np.tile(np.linspace(-20, 20, 4001, dtype=np.float32), (R, 1))
    by_numpy = NumpyRuntime(BLUEPRINT, made_weights(BLUEPRINT)).innovation(scores)
    np.testing.assert_allclose(
        by_numpy, generator.innovation(tf.constant(scores)).numpy(), rtol=2e-4, atol=1e-5
    )


def test_the_memory_of_a_history_is_that_of_the_rolled_paths(
    generator: StateSpaceGenerator,
) -> None:
    path = Seed(5).stream("baseline").standard_normal(200).astype(np.float32)
    along = BLUEPRINT.memory.along(path[:, None])[:, 0]
    np.testing.assert_allclose(
        along[1:],
        generator._volatility.next(tf.constant(along[:-1]), tf.constant(path)).numpy(),
        rtol=1e-5,
    )


def test_a_fresh_generator_is_the_same_for_the_same_seed_and_no_other() -> None:
    first, again, other = (StateSpaceGenerator(BLUEPRINT, Seed(s)).values() for s in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert not np.array_equal(first["volatility_in"], other["volatility_in"])
    assert not np.array_equal(first["volatility_in"][0], first["volatility_in"][1])


def test_a_fresh_generator_is_nearly_standard_normal() -> None:
    """Memory at the long-run variance and the neural part nearly silent."""
    generator = StateSpaceGenerator(BLUEPRINT, Seed(0))
    scores = Seed(9).stream("latent").standard_normal((1, R, 100_000, 2), dtype=np.float32)
    memory = np.ones((R, 100_000, 1, WIDTH), np.float32)
    memory[..., -2:] = 0.0  # no factor and no doubt
    draws = generator.roll(tf.constant(memory), tf.constant(scores))[0].numpy()
    assert draws.mean() == pytest.approx(0, abs=0.02)
    assert draws.std() == pytest.approx(1.0, abs=0.1)


def test_gradients_reach_every_trainable_weight(generator: StateSpaceGenerator) -> None:
    scores = Seed(2).stream("latent").standard_normal((5, R, 64), dtype=np.float32)
    memory = Seed(2).stream("start-state").uniform(0.2, 4, (R, 64, 1, WIDTH)).astype(np.float32)
    with tf.GradientTape() as tape:
        noise = np.stack([scores, np.zeros_like(scores)], axis=-1)
        paths, _ = generator.roll(tf.constant(memory), tf.constant(noise))
        loss = tf.reduce_mean(paths**2)
    for weight, gradient in zip(
        generator.trainable_variables,
        tape.gradient(loss, generator.trainable_variables),
        strict=True,
    ):
        assert (
            gradient is not None
            and np.abs(gradient.numpy()).max(axis=tuple(range(1, len(weight.shape)))).min() > 0
        ), weight.path


def test_validation_scores_the_quantiles_of_the_law_and_draws_by_the_fair_crps(
    monkeypatch: pytest.MonkeyPatch, generator: StateSpaceGenerator
) -> None:
    """By hand: −1 and 1 for an outcome of 0 are 1 away, less 4/8 (quantiles) or 4/4 (draws)."""
    two, outcome = np.array([[-1.0, 1.0]]), np.zeros(1)
    assert StateSpaceGenerator.law_score(two, outcome) == pytest.approx([0.5])
    assert Generator.law_score(two, outcome) == pytest.approx([0.0])
    log_returns = 0.01 * Seed(6).stream("baseline").standard_normal((600, 1))
    series = TrainingSeries.of(log_returns, BLUEPRINT, TrainingSettings())
    monkeypatch.setattr(
        StateSpaceGenerator, "law_score", staticmethod(lambda drawn, realized: realized**2 + 1.0)
    )
    scores = Validation(generator, series).candidate(0).scores
    np.testing.assert_allclose(scores, log_returns[series.validation, 0] ** 2 + 1.0, rtol=1e-6)
