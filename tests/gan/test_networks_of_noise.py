"""Generators that are networks:
moments that are set, gradients that arrive, states that are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_bundle import made_history, made_weights

from simgan.errors import ConfigError, TrainingDiverged
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.sampling.model import Model
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan import calibration  # noqa: E402
from simgan.gan.architectures import (  # noqa: E402
    ARCHITECTURES,
    Generator,
    ReplicaMoments,
)
from simgan.gan.calibration import MomentCalibration  # noqa: E402
from simgan.gan.monitors import Validation  # noqa: E402
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402
from simgan.recipe.training import TrainingSettings  # noqa: E402

NETWORKS = {"mlp": {"hidden": (8,)}, "recurrent": {"units": 6, "hidden": 8}, "tcn": {"channels": 6}}


@pytest.fixture(scope="module", autouse=True)
def quickly_traced() -> Iterator[None]:
    with quick_graphs():
        yield


def rolled(generator: Generator, memory: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Paths of a free run. Its many days are a graph, because eager ones take ten times as long."""
    roll = tf.function(generator.roll, autograph=False)
    return np.asarray(roll(tf.constant(memory), tf.constant(noise))[0])


def network(kind: str, seed: int = 0) -> Generator:
    return ARCHITECTURES.load(kind)(BLUEPRINTS.build(kind, NETWORKS[kind]), Seed(seed))


def free_run(generator: Generator, days: int, paths: int) -> np.ndarray:
    """Scaled returns (paths, days) after a run-in of 200 days."""
    blueprint = generator.blueprint
    noise = (
        Seed(3)
        .stream("latent")
        .standard_normal((days + 200, 1, paths, blueprint.latent), dtype=np.float32)
    )
    memory = np.tile(blueprint.along(np.ones((100, 1), np.float32))[-1], (1, paths, 1, 1))
    return rolled(generator, memory, noise)[0, :, 200:, 0]


def test_every_architecture_but_the_default_is_examined() -> None:
    assert list(ARCHITECTURES) == ["state-space", *NETWORKS] == list(BLUEPRINTS)


@pytest.mark.parametrize("kind", NETWORKS)
def test_shift_and_gain_give_a_fresh_network_the_moments_of_the_sample(kind: str) -> None:
    """Within four standard errors of means of 60,000 nearly independent days;
    before, they are elsewhere.
    """
    generator, log_returns = network(kind), made_history(1500).log_returns + 0.004
    series = TrainingSeries.of(log_returns, generator.blueprint, TrainingSettings())
    wanted = ReplicaMoments.of(series.scaled)
    before = free_run(generator, 100, 600)
    generator.estimate(series, len(series.scaled))
    found = free_run(generator, 100, 600)
    assert found.mean() == pytest.approx(wanted.mean, abs=0.05)
    assert found.var() == pytest.approx(wanted.variance, rel=0.05)
    assert abs(before.var() / wanted.variance - 1) > 0.1


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_free_run_scales_with_the_gain(kind: str) -> None:
    """Shift, gain and what is remembered times three:
    the same days times three, so that a correction of the variance is exact.
    """
    generator, history = network(kind), made_history(300).log_returns.astype(np.float32)
    noise = (
        Seed(3)
        .stream("latent")
        .standard_normal((150, 1, 20, generator.blueprint.latent), dtype=np.float32)
    )
    runs = []
    for factor in (1.0, 3.0):
        generator.assign(
            made_weights(generator.blueprint) | {"shift": factor * 0.02, "gain": factor * 0.01}
        )
        known = generator.blueprint.along(factor * history)
        memory = np.asarray(generator.along(tf.constant(known), tf.constant(factor * history)))[-1]
        runs.append(rolled(generator, np.tile(memory, (1, 20, 1, 1)), noise))
    np.testing.assert_allclose(runs[1], 3 * runs[0], rtol=1e-3, atol=1e-4)


def calibrated(weights: dict[str, Any]) -> tuple[Generator, ReplicaMoments]:
    """An mlp that returns w_1 leaky(k_1 (z, q, n, m)) + w_2 leaky(k_2 (z, q, n, m)), and the
    moments it was calibrated to.
    """
    sizes = {"latent": 1, "hidden": (2,), "half_lives": (5.0,), "trends": (3.0,)}
    generator = ARCHITECTURES.load("mlp")(BLUEPRINTS.build("mlp", sizes), Seed(0))
    generator.assign({name: np.array(value, np.float32) for name, value in weights.items()})
    series = TrainingSeries.of(
        made_history(1500).log_returns, generator.blueprint, TrainingSettings()
    )
    with pytest.MonkeyPatch.context() as patch:
        shorter = calibration.OF_MEMORY._replace(paths=512, run_in=4, measured=16)
        patch.setattr(calibration, "OF_MEMORY", shorter)
        MomentCalibration(generator).calibrate(Lesson(series, len(series.scaled), Seed(0), 0, {}))
    return generator, ReplicaMoments.of(series.scaled)


def test_days_that_echo_those_before_are_corrected() -> None:
    """The larger what is remembered, the larger a day of either sign:
    seen in other units than those of the gain, corrections overshot.
    """
    generator, wanted = calibrated(
        {"kernel_0": [[1, -1], [2, 2], [0, 0], [0, 0]], "kernel_out": [1, -1]}
    )
    found = free_run(generator, 500, 600)
    assert found.var() == pytest.approx(wanted.variance, rel=0.1)
    assert found.mean() == pytest.approx(wanted.mean, abs=0.05)


def test_days_that_never_settle_are_refused() -> None:
    """They follow their trend up; moved down, they follow it down."""
    with pytest.raises(TrainingDiverged, match="do not settle"):
        calibrated(
            {"kernel_0": [[1, -1], [0, 0], [0, 0], [3, -3]], "kernel_out": [1, -1], "bias_out": 4}
        )


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_network_that_makes_one_number_is_refused(kind: str) -> None:
    with pytest.raises(TrainingDiverged, match="times the variance of the history"):
        network(kind).correct(
            ReplicaMoments(np.zeros((1, 1)), np.full((1, 1), 1e-9)),
            ReplicaMoments(np.zeros(1), np.ones(1)),
            np.empty(0, np.float32),
        )


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_fresh_network_is_the_same_for_the_same_seed_and_no_other(kind: str) -> None:
    first, again, other = (network(kind, seed).values() for seed in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert any(not np.array_equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("kind", NETWORKS)
def test_gradients_reach_every_weight_that_is_learned(kind: str) -> None:
    generator = network(kind)
    generator.assign(made_weights(generator.blueprint))
    noise = (
        Seed(2)
        .stream("latent")
        .standard_normal((5, 1, 64, generator.blueprint.latent), dtype=np.float32)
    )
    memory = (
        Seed(2)
        .stream("start-state")
        .uniform(0.1, 0.9, (1, 64, 1, generator.blueprint.width))
        .astype(np.float32)
    )
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(generator.roll(tf.constant(memory), tf.constant(noise))[0] ** 3)
    for weight, gradient in zip(
        generator.trainable_variables,
        tape.gradient(loss, generator.trainable_variables),
        strict=True,
    ):
        assert gradient is not None and np.abs(tf.convert_to_tensor(gradient).numpy()).max() > 0, (
            weight.path
        )


@pytest.mark.parametrize("kind", NETWORKS)
def test_tomorrow_is_drawn_from_the_law_that_is_rolled(kind: str) -> None:
    """The mean of 2,000 draws for each of three memories beside that of a roll with other noise:
    within five standard errors.
    """
    generator = network(kind)
    generator.assign(made_weights(generator.blueprint))
    memories = (
        Seed(4)
        .stream("start-state")
        .uniform(0.1, 0.9, (1, 3, 1, generator.blueprint.width))
        .astype(np.float32)
    )
    drawn = generator.tomorrow(tf.constant(memories), 2000).numpy()[0, ..., 0]
    assert drawn.shape == (3, 2000)
    if generator.blueprint.run_in:  # the same law for every day
        np.testing.assert_array_equal(drawn[0], drawn[2])
        return
    noise = (
        Seed(5)
        .stream("latent")
        .standard_normal((1, 1, 6000, generator.blueprint.latent), dtype=np.float32)
    )
    rolled = (
        generator.roll(tf.constant(np.repeat(memories, 2000, 1)), tf.constant(noise))[0]
        .numpy()
        .reshape(3, 2000)
    )
    error = np.hypot(drawn.std(axis=1), rolled.std(axis=1)) / np.sqrt(2000)
    assert (np.abs(drawn.mean(axis=1) - rolled.mean(axis=1)) < 5 * error).all()


def test_a_recurrent_state_after_a_window_is_that_along_a_history() -> None:
    generator = network("recurrent")
    days = Seed(6).stream("baseline").standard_normal((40, 1)).astype(np.float32)
    states = generator.along(tf.zeros((41, 1, 6)), tf.constant(days)).numpy()
    after = generator.after(tf.zeros((1, 1, 1, 6)), tf.constant(days[None, None])).numpy()
    assert states.shape == (41, 1, 6) and not states[0].any()
    np.testing.assert_allclose(after[0, 0], states[-1], rtol=1e-5, atol=1e-6)
    assert np.abs(states).max() < 1


def test_validation_knows_what_a_recurrent_state_has_read() -> None:
    """The same days to validate on after another history: their first forecasts are others."""
    generator, log_returns = network("recurrent"), made_history(600).log_returns
    generator.assign(made_weights(generator.blueprint))
    other = log_returns.copy()
    other[:510] *= -1
    scores = []
    for history in (log_returns, other):
        series = TrainingSeries.of(log_returns, generator.blueprint, TrainingSettings())
        scaled = series.scaling.apply(history).astype(np.float32)
        scores.append(Validation(generator, replace(series, scaled=scaled)).candidate(0).scores)
    assert scores[0][0] != scores[1][0]
    assert scores[0][-1] == pytest.approx(scores[1][-1], rel=1e-3)  # it forgets


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("mlp", {"hidden": ()}),
        ("mlp", {"hidden": (300,)}),
        ("mlp", {"activation": "tanh"}),
        ("mlp", {"latent": 0}),
        ("recurrent", {"units": 0}),
        ("recurrent", {"hidden": 1000}),
        ("tcn", {"channels": 0}),
        ("tcn", {"dilations": ()}),
    ],
)
def test_impossible_sizes_are_refused(kind: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        BLUEPRINTS.build(kind, wrong)


def test_text_is_read_as_whole_numbers() -> None:
    assert BLUEPRINTS.build("mlp", {"hidden": "8,4"}).hidden == (8, 4)
    with pytest.raises(ConfigError, match="hidden"):
        BLUEPRINTS.build("mlp", {"hidden": "8.5"})


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_scenario_is_the_same_to_the_bit_whatever_is_drawn_with_it(kind: str) -> None:
    from made_bundle import made_bundle

    model = Model(made_bundle(blueprint=BLUEPRINTS.build(kind, NETWORKS[kind])))
    whole = model.sample(3000, 3).log_returns
    for first, n in ((0, 1), (255, 2), (700, 100), (2040, 20), (2999, 1)):
        np.testing.assert_array_equal(
            model.sample(n, 3, first=first).log_returns, whole[first : first + n]
        )


def test_a_long_horizon_of_a_convolution_is_made_of_pieces_that_fit() -> None:
    """More days than are computed at a time: the first are those of a short horizon."""
    from made_bundle import made_bundle

    model = Model(made_bundle(blueprint=BLUEPRINTS.build("tcn", {"channels": 2})))
    long = model.sample(5, 1200).log_returns
    np.testing.assert_array_equal(model.sample(5, 600).log_returns, long[:, :600])


def test_scenarios_of_a_convolution_do_not_depend_on_the_day_and_those_of_the_others_do() -> None:
    from made_bundle import made_bundle

    for kind in NETWORKS:
        model = Model(made_bundle(blueprint=BLUEPRINTS.build(kind, NETWORKS[kind])))
        one, other = (
            model.sample(50, 4, as_of=day).log_returns for day in ("2016-01-05", "latest")
        )
        assert np.array_equal(one, other) == (kind == "tcn")
        assert np.array_equal(model.sample(50, 4, as_of="stationary").log_returns, other) == (
            kind == "tcn"
        )
        np.testing.assert_array_equal(
            model.sample(50, 2, as_of="latest").log_returns, other[:, :2]
        )  # a shorter horizon is the beginning
