"""The likelihood of the warm start against SciPy, and corrections that keep the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from made_bundle import made_history, made_weights
from scipy.stats import t as student

from simgan.errors import TrainingDiverged
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.architectures import ReplicaMoments  # noqa: E402
from simgan.gan.architectures.state_space import (  # noqa: E402
    StateSpaceGenerator,
    soft_minimum,
)
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402
from simgan.gan.warm_start import StudentLikelihood, WarmStart  # noqa: E402
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime  # noqa: E402

RNG = Seed(41)
DAYS, ASSETS, REPLICAS = 60, 2, 3
SPREADS = np.exp(0.3 * RNG.stream("weights", 1).standard_normal((REPLICAS, DAYS, ASSETS)))
TRENDS = 0.1 * RNG.stream("weights", 2).standard_normal((REPLICAS, DAYS, ASSETS))
REALIZED = RNG.stream("baseline").standard_normal((DAYS, ASSETS)).astype(np.float32)
WEIGHTS = (RNG.stream("labels").random((REPLICAS, DAYS)) < 0.7).astype(np.float32)


@dataclass
class Known:
    """A model whose spread and trend of each day are known."""

    table: Mapping[str, Any] = field(default_factory=dict)
    replicas: int = REPLICAS

    def of_history(self, memories: Any) -> Any:
        return memories

    def spread(self, memory: Any) -> Any:
        return tf.constant(SPREADS, tf.float32)

    def trend(self, memory: Any) -> Any:
        return tf.constant(TRENDS, tf.float32)

    def assign(self, values: Mapping[str, Any]) -> None: ...


def losses_by_scipy(drift: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Return −log p − ½ log π of each replica, day and asset by SciPy's t law."""
    nu = np.log1p(np.exp(freedom)) + 2.05
    found = np.empty((REPLICAS, DAYS, ASSETS))
    for r in range(REPLICAS):
        scale = SPREADS[r] * np.sqrt((nu[r] - 2.0) / nu[r])
        location = drift[r] + TRENDS[r]
        found[r] = -student.logpdf(REALIZED, nu[r], location, scale) - 0.5 * np.log(np.pi)
    return found


@pytest.mark.parametrize("freedom", [-3.0, 0.5, 4.0, 30.0])
def test_the_loss_of_a_day_is_that_of_a_standardised_t_law(freedom: float) -> None:
    """From ν = 2.1, where the variance hardly exists, to ν = 32."""
    likelihood = StudentLikelihood(Known())
    drift, free = np.array([0.0, 0.05, -0.1]), np.full(REPLICAS, freedom)
    for variable, values in zip(likelihood.variables, (drift, free), strict=True):
        variable.assign(values.astype(np.float32))
    loss = float(likelihood(tf.zeros(()), tf.constant(REALIZED), tf.constant(WEIGHTS)))
    of_days = losses_by_scipy(drift, free).sum(axis=2)
    expected = sum((WEIGHTS[r] @ of_days[r]) / WEIGHTS[r].sum() for r in range(REPLICAS))
    assert loss == pytest.approx(expected, rel=2e-5)


def test_days_without_weight_have_no_part_in_the_loss() -> None:
    likelihood, changed = StudentLikelihood(Known()), REALIZED.copy()
    weights = WEIGHTS.copy()
    weights[:, 40:] = 0.0
    changed[40:] = 99.0
    one, other = (
        float(likelihood(tf.zeros(()), tf.constant(days), tf.constant(weights)))
        for days in (REALIZED, changed)
    )
    assert one == other
    weights[0, 50] = 1.0
    assert one != float(likelihood(tf.zeros(()), tf.constant(changed), tf.constant(weights)))


BLUEPRINT = StateSpace(replicas=2, hidden=4)
SETTINGS = TrainingSettings(past=32, ahead=16)


def made_generator(factor: float = 120.0) -> StateSpaceGenerator:
    blueprint = replace(BLUEPRINT, factor=factor)
    generator = StateSpaceGenerator(blueprint, Seed(0))
    generator.assign(made_weights(blueprint))
    return generator


@pytest.mark.parametrize("days", [300, 1024, 1100])
def test_a_warm_start_sees_whole_pages_and_learns_from_the_days_of_its_lesson(
    days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A history of a year more has the same shape, so nothing is compiled anew."""
    seen: list[Any] = []
    monkeypatch.setattr(WarmStart, "_step", lambda self, *given: seen.extend(given) or 0.0)
    series = TrainingSeries.of(made_history(days).log_returns, BLUEPRINT, SETTINGS)
    phase = WarmStart(made_generator(), SETTINGS)
    phase.begin(Lesson(series, 200, Seed(1), 0, made_weights(BLUEPRINT)))
    phase.step(1)
    memories, scaled, weights = (np.asarray(given) for given in seen)
    pages = 2048 if days > 1024 else 1024
    assert (len(memories), len(scaled), weights.shape) == (pages, pages, (2, pages))
    np.testing.assert_array_equal(scaled[:days], series.scaled)
    np.testing.assert_array_equal(memories[:days], series.memories[:-1])
    learned = np.flatnonzero(weights[0])
    assert (learned[0], learned[-1], len(learned)) == (series.first_day, 199, 180)


def test_the_drift_of_the_likelihood_becomes_that_of_the_generator() -> None:
    generator = made_generator()
    phase = WarmStart(generator, SETTINGS)
    phase.likelihood.variables[0].assign([0.25, -0.5])
    phase.finish()
    np.testing.assert_array_equal(generator.table["drift"], [0.25, -0.5])


def rolled(generator: StateSpaceGenerator, memory: np.ndarray) -> np.ndarray:
    noise = RNG.stream("latent").standard_normal((4, 2, 50, 2), dtype=np.float32)
    return np.asarray(generator.roll(tf.constant(memory), tf.constant(noise))[0])


def corrected(
    ratio: float, factor: float = 120.0, mean: float = 0.0, rounds: int = 1
) -> dict[str, np.ndarray]:
    """Weights after free runs with a ratio of the sample's variance."""
    generator = made_generator(factor)
    found = ReplicaMoments(np.full((2, 1), mean), np.full((2, 1), ratio))
    shape = (2, 50, 1, generator.blueprint.width)
    for _ in range(rounds):
        generator.correct(
            found, ReplicaMoments(np.zeros(1), np.ones(1)), np.ones(shape, np.float32)
        )
    return generator.values()


def test_a_missing_variance_moves_the_factor_and_no_forecast_of_the_next_day() -> None:
    before, after = made_generator().values(), corrected(0.6)
    assert (after["factor"] > before["factor"]).all()
    for name in before.keys() - {"factor", "drift"}:
        np.testing.assert_array_equal(after[name], before[name])


def test_too_much_variance_lowers_the_weight_of_the_memory_and_keeps_the_constant() -> None:
    before, after = made_generator().values(), corrected(4.0, rounds=2)
    assert not after["factor"].any()
    assert (after["log_scale"] < before["log_scale"]).all()
    constants = [w["long_run"] * np.exp(2 * w["log_scale"]) for w in (before, after)]
    np.testing.assert_allclose(constants[1], constants[0], rtol=1e-5)


def test_without_a_factor_the_weight_of_the_memory_makes_up_for_all() -> None:
    assert (corrected(0.6, factor=0.0)["log_scale"] > corrected(1.0, factor=0.0)["log_scale"]).all()


def test_the_mean_is_corrected_before_the_variance() -> None:
    before, after = made_generator().values(), corrected(0.6, mean=0.05)
    np.testing.assert_array_equal(after["factor"], before["factor"])
    np.testing.assert_allclose(after["drift"] - before["drift"], -0.05, atol=1e-6)


def test_a_corrected_mean_moves_the_drift_of_each_replica_by_the_difference() -> None:
    generator = made_generator()
    drift = generator.table["drift"].numpy()
    wanted = ReplicaMoments(np.array([0.1]), np.ones(1))
    found = ReplicaMoments(np.array([[0.3], [-0.1]]), np.ones((2, 1)))
    generator.correct(found, wanted, np.ones((2, 5, 1, BLUEPRINT.width), np.float32))
    np.testing.assert_allclose(generator.table["drift"] - drift, [-0.2, 0.2], atol=1e-6)


@pytest.mark.parametrize("ratio", [0.05, 20.0, np.nan, 60.0])
def test_a_variance_that_no_correction_can_mend_ends_the_training(ratio: float) -> None:
    generator = made_generator()
    generator.refuse_implausible(np.array([0.051, 19.9]))
    with pytest.raises(TrainingDiverged, match="times the variance of the history, so no model"):
        generator.refuse_implausible(np.array([1.0, ratio]))


@pytest.mark.parametrize(
    ("variance", "mean", "words"),
    [
        (2.1, 0.0, r"have 2\.1 times its variance, and a mean 0 standard"),
        (0.45, 0.1, r"have 0\.45 times its variance, and a mean 0\.1 standard"),
        (1.0, 0.3, r"have 1 times its variance, and a mean 0\.3 standard"),
    ],
)
def test_corrected_runs_that_have_not_settled_are_told_with_both_moments(
    variance: float, mean: float, words: str
) -> None:
    """The sample has variance 4, so that a mean of .2 is a tenth of its deviation."""
    generator, wanted = made_generator(), ReplicaMoments(np.ones(1), np.full(1, 4.0))
    generator.refuse_unsettled(
        ReplicaMoments(np.full((2, 1), 1.4), np.array([[2.2], [7.9]])), wanted
    )
    found = ReplicaMoments(
        np.array([[1.0], [1.0 + 2.0 * mean]]), np.array([[4.0], [4.0 * variance]])
    )
    with pytest.raises(TrainingDiverged, match=words):
        generator.refuse_unsettled(found, wanted)


def test_the_soft_minimum_follows_the_variance_and_stays_below_the_bound() -> None:
    variance = np.geomspace(1e-3, 1e6, 200).astype(np.float32)
    spread = np.asarray(soft_minimum(tf.constant(variance), tf.constant(40.0)))
    assert (spread <= np.sqrt(np.minimum(variance, 40.0)) * (1 + 1e-6)).all()
    assert (np.diff(spread) >= -1e-6 * spread[1:]).all()  # but for rounding
    np.testing.assert_allclose(spread[variance < 1], np.sqrt(variance[variance < 1]), rtol=2e-4)
    assert spread[-1] == pytest.approx(np.sqrt(40.0), rel=1e-4)


@pytest.mark.parametrize("still", [False, True])
def test_a_history_without_still_days_has_none_in_its_scenarios(still: bool) -> None:
    generator, history = made_generator(), made_history(400)
    if still:
        history.log_returns[::10] = 0.0
    series = TrainingSeries.of(history.log_returns, BLUEPRINT, SETTINGS)
    generator.estimate(series, 400)
    noise = RNG.stream("latent").standard_normal((50, 2, 400, 2), dtype=np.float32)
    memory = tf.constant(np.tile(series.memories[-1], (2, 400, 1, 1)))
    drawn = np.asarray(generator.roll(memory, tf.constant(noise))[0])
    assert np.mean(drawn == 0) == pytest.approx(0.1 * still, abs=0.01 * still)


def test_a_still_day_stays_one_in_any_regime() -> None:
    blueprint = replace(BLUEPRINT, regimes=1)
    generator = StateSpaceGenerator(blueprint, Seed(0))
    effects = np.tile(np.array([0.3, 0.1, 0.2], np.float32), (2, 1, 1))
    weights = made_weights(blueprint) | {"regime": effects}
    generator.assign(weights)
    scaled = np.array([0.5, 0.0, -1.0, 0.0], np.float32).reshape(1, 4, 1)
    memory = np.ones((1, 1, blueprint.width), np.float32)
    memory[..., -1] = 0.0
    by_keras = generator.in_regime(
        *(tf.constant(np.stack([part] * 2)) for part in (memory, scaled)), tf.ones((2, 1, 1))
    )
    by_numpy = NumpyRuntime(blueprint, weights).in_regime(memory, scaled, 0)
    np.testing.assert_allclose(by_keras.numpy()[0], by_numpy, rtol=1e-4)
    np.testing.assert_array_equal(by_numpy[0, [1, 3]], 0)
    assert by_numpy.all(axis=2).sum() == 2
