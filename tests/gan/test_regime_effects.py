"""The first effects of regimes: they give free paths the moments of the regime's stretches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from made_bundle import made_history

from simgan.recipe.blueprints import LEVEL_FLOOR
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.calibration import regime_effects  # noqa: E402
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402

AHEAD, DAYS = 20, 2000
BLUEPRINT = StateSpace(replicas=1, regimes=3)
SETTINGS = TrainingSettings(past=32, ahead=AHEAD)


@dataclass
class Levelled:
    """A generator of normal returns with the level of the day on which a path begins.

    The level is the slow variance of the memory, to a power that sets how much paths differ.
    """

    power: float = 1.0
    blueprint: StateSpace = BLUEPRINT

    def along(self, known: Any, scaled: Any) -> Any:
        return known

    def of_history(self, memories: Any) -> Any:
        return memories[None]

    def levels(self, memory: Any, scaled: Any) -> Any:
        """Return levels of shape (1, paths, steps, 1)."""
        level = tf.reduce_mean(memory[..., :6], -1) ** self.power
        return tf.ones_like(scaled) * level[:, :, None]

    def roll(self, memory: Any, noise: Any) -> tuple[Any, Any]:
        normals = tf.transpose(noise, (1, 2, 0, 3))
        return tf.sqrt(self.levels(memory, normals)) * normals, memory


def log_volatility(paths: np.ndarray) -> np.ndarray:
    return 0.5 * np.log(np.mean(paths**2, axis=1) + 1e-6)


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    """Label a stretch by its volatility: quiet, middle, and loud. The loudest 10 have none."""
    log_returns = made_history(DAYS, seed=8).log_returns
    scaled = (log_returns / log_returns.std())[:, 0]
    windows = np.lib.stride_tricks.sliding_window_view(scaled, AHEAD)
    volatility = log_volatility(windows)
    ranks = np.argsort(np.argsort(volatility)) / len(volatility)
    labels = np.zeros((DAYS + 1, 3))
    labels[np.arange(len(ranks)), np.minimum((3 * ranks).astype(int), 2)] = 1.0
    labels[np.argsort(volatility)[-10:]] = 0.0
    return Lesson(TrainingSeries.of(log_returns, BLUEPRINT, SETTINGS, labels), DAYS, Seed(1), 0, {})


def stretches(lesson: Lesson, number: int) -> np.ndarray:
    """Return the stretches (n, AHEAD) of a regime, of which a training takes the moments."""
    series = lesson.series
    starts = np.arange(series.first_day, DAYS - AHEAD + 1)
    own = starts[series.regimes[starts, number] > 0]
    return np.stack([series.scaled[day : day + AHEAD, 0] for day in own]).astype(np.float64)


def free(lesson: Lesson, generator: Levelled) -> tuple[np.ndarray, np.ndarray]:
    """Return new free paths and their levels, each of shape (paths, AHEAD)."""
    days = Seed(5).stream("start-state").integers(lesson.series.first_day, DAYS - AHEAD, 20_000)
    noise = Seed(5).stream("latent").standard_normal((AHEAD, 1, 20_000, 1), dtype=np.float32)
    memory = generator.of_history(tf.constant(lesson.series.memories[days]))
    paths = generator.roll(memory, tf.constant(noise))[0]
    levels = generator.levels(memory, paths)
    return tuple(np.asarray(values)[0, :, :, 0].astype(np.float64) for values in (paths, levels))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_paths_under_a_regime_have_the_mean_volatility_of_its_stretches(
    lesson: Lesson, number: int
) -> None:
    """r = d + e^{a + b ℓ} r' for new paths, written out. 20,000 paths: five standard errors."""
    generator = Levelled()
    shift, scale, slope = regime_effects(generator, lesson)["regime"][0, number]
    paths, levels = free(lesson, generator)
    sizes = 0.5 * np.log(levels + LEVEL_FLOOR)
    asked, real = np.exp(scale + slope * sizes) * paths, stretches(lesson, number)
    error = log_volatility(asked).std() / np.sqrt(2048)  # of the paths that set the effects
    assert log_volatility(asked).mean() == pytest.approx(log_volatility(real).mean(), abs=5 * error)
    assert (asked + shift).mean() == pytest.approx(real.mean(), abs=0.03)
    without = log_volatility(paths).mean()
    assert number == 1 or abs(without - log_volatility(real).mean()) > 5 * error


def test_regimes_are_ordered_by_the_volatility_that_defines_them(lesson: Lesson) -> None:
    effects = regime_effects(Levelled(), lesson)["regime"]
    assert effects.shape == (1, 3, 3) and effects.dtype == np.float32
    assert effects[0, 0, 1] < effects[0, 1, 1] < effects[0, 2, 1]


def test_a_band_of_volatility_needs_paths_that_differ_less(lesson: Lesson) -> None:
    """A third of the stretches differs less than free paths do. So b is below 0."""
    assert regime_effects(Levelled(), lesson)["regime"][0, 1, 2] < -0.2


def test_slopes_end_where_a_path_would_lose_all_its_clusters(lesson: Lesson) -> None:
    """With equal levels no slope changes the spread of the volatility, so an end is taken."""
    flat = regime_effects(Levelled(power=0.0), lesson)["regime"][0, :, 2]
    assert set(flat.tolist()) <= {-1.0, 0.5}


def test_a_regime_with_few_stretches_changes_nothing(lesson: Lesson) -> None:
    series = lesson.series
    labels = series.regimes.copy()
    labels[np.flatnonzero(labels[:, 2])[19:], 2] = 0.0
    few = TrainingSeries(series.scaled, series.scaling, BLUEPRINT, SETTINGS, labels)
    found = regime_effects(Levelled(), Lesson(few, DAYS, Seed(1), 0, {}))["regime"][0]
    assert not found[2].any()
    np.testing.assert_array_equal(found[:2], regime_effects(Levelled(), lesson)["regime"][0, :2])


def test_effects_come_from_the_days_of_the_lesson_alone(lesson: Lesson) -> None:
    """The selection must not learn from the days that choose its length."""
    series, days = lesson.series, 1500
    changed = series.scaled.copy()
    changed[days:] *= 9.0
    other = TrainingSeries(changed, series.scaling, BLUEPRINT, SETTINGS, series.regimes)
    short, same = (
        regime_effects(Levelled(), Lesson(one, days, Seed(1), 0, {}))["regime"]
        for one in (series, other)
    )
    np.testing.assert_array_equal(short, same)
    assert (short != regime_effects(Levelled(), lesson)["regime"]).any()
