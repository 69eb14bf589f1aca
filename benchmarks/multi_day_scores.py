"""A score of several days beside the likelihood: the lessons of `generator_critic_bets.py`.

From real states the generator draws paths of 20 days. Their sum, their lowest point and their
realised volatility over 5, 10 and 20 days are one vector for each horizon. Its energy score is
added to the negative log-likelihood, and the gradient runs through the paths (Gneiting & Raftery
2007, "Strictly proper scoring rules, prediction, and estimation").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.bundle.store import Bundle
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.calibration import MomentCalibration
from simgan.gan.noise import normal
from simgan.gan.series import Lesson, TrainingSeries
from simgan.gan.warm_start import StudentLikelihood
from simgan.market.history import History
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

HORIZONS = (5, 10, 20)
STARTS = 32  # real states of a step
PATHS = 16  # of each replica from each state
STEPS = 150
RATE = 3e-3  # at the beginning; it falls to zero
ROUNDS = 4  # of calibration, which begins with a calibrated model
_PAGE = 1024  # days; a longer history is compiled anew only beyond a page
_TINY = 1e-6
_NETWORK = ("volatility_in", "volatility_in_bias", "volatility_out", "volatility_out_bias")


@dataclass(frozen=True)
class Rule:
    """How much the score weighs.

    Attributes
    ----------
    weight : float
        Of the energy score, summed over the horizons. The likelihood of a day has weight 1.
    in_spreads : bool
        Whether paths are divided by the spread of their first day, so that calm and wild states
        count alike. Otherwise wild states count for more, as they do in CRPS.
    """

    weight: float
    in_spreads: bool = False


def taught(bundle: Bundle, history: History, rule: Rule) -> Bundle:
    """Return a fitted model after more steps, with the energy score beside the likelihood.

    Innovations and long run are estimated again, as in a fit.
    """
    recipe = bundle.manifest.recipe
    blueprint = recipe.architecture
    assert isinstance(blueprint, StateSpace)
    series = TrainingSeries.of(history.log_returns, blueprint, recipe.training)
    school = _school(blueprint, recipe.training)
    lesson = Lesson(series, len(series.scaled), Seed(recipe.seed), 2, bundle.weights)
    weights, pool = school.teach(lesson, rule)
    return replace(bundle, weights=weights, pool=pool)


@lru_cache(maxsize=1)
def _school(blueprint: StateSpace, settings: TrainingSettings) -> School:
    return School(blueprint, settings)


class School:
    """A generator with the steps that change it, compiled once for many series."""

    def __init__(self, blueprint: StateSpace, settings: TrainingSettings) -> None:
        self.generator = StateSpaceGenerator(blueprint, Seed(0))
        self.settings = settings
        self.likelihood = StudentLikelihood(self.generator)
        own = [v for name, v in self.generator.table.items() if v.trainable and name != "regime"]
        self.trained = [*own, *self.likelihood.variables]
        self.optimizer = keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(RATE, STEPS), beta_1=0.9, beta_2=0.99
        )
        self.optimizer.build(self.trained)
        self._fresh = [
            (v, v.numpy()) for v in (*self.likelihood.variables, *self.optimizer.variables)
        ]
        self.calibration = MomentCalibration(self.generator)

    def teach(self, lesson: Lesson, rule: Rule) -> tuple[dict[str, Float32Array], Float32Array]:
        """Return the weights after the lesson, and the long-run states."""
        self.generator.assign(lesson.start)
        for variable, value in self._fresh:
            variable.assign(value)
        self.likelihood.variables[0].assign(self.generator.table["drift"])
        days, futures = self._days(lesson.series), _Futures.of(lesson.series, self.generator, rule)
        rng = lesson.seed.stream("batches", 7)
        for number in range(STEPS):
            rows = np.sort(rng.choice(futures.rows, STARTS))
            key = tf.constant([lesson.seed.integer("tensorflow", 7), number])
            self._step(days, futures.at(rows), futures.scale, tf.constant(rule.weight), key)
        self.generator.table["drift"].assign(self.likelihood.variables[0])
        self.calibration.calibrate(lesson, ROUNDS)
        return self.generator.values(), self.calibration.pool

    def _days(self, series: TrainingSeries) -> tuple[Tensor, ...]:
        """Return memories, returns and weights of all days, filled up to whole pages."""
        days = len(series.scaled)
        after = -days % _PAGE
        weights = np.zeros((self.generator.replicas, days + after), np.float32)
        weights[:, series.first_day : days] = np.abs(series.scaled[series.first_day :, 0]) > 0
        return (
            tf.constant(np.pad(series.memories[:-1], ((0, after), (0, 0), (0, 0)), mode="edge")),
            tf.constant(np.pad(series.scaled, ((0, after), (0, 0)))),
            tf.constant(weights),
        )

    @tf.function(jit_compile=True, autograph=False)
    def _step(
        self,
        days: tuple[Tensor, ...],
        start: tuple[Tensor, ...],
        scale: Tensor,
        weight: Tensor,
        key: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Take a step, and return the negative log-likelihood and the energy score."""
        table = self.generator.table
        with tf.GradientTape() as tape:
            loss = self.likelihood(*days)
            score = self._energy_score(start, scale, key)
            decay = tf.add_n([tf.reduce_sum(table[name] ** 2) for name in _NETWORK])
            ridge = tf.reduce_sum(table["trend"] ** 2)
            total = loss + weight * score
            total += self.settings.weight_decay * decay + self.settings.trend_ridge * ridge
        self.optimizer.apply(tape.gradient(total, self.trained), self.trained)
        return loss / self.generator.replicas, score / self.generator.replicas

    def _energy_score(self, start: tuple[Tensor, ...], scale: Tensor, key: Tensor) -> Tensor:
        """Return the fair energy score, a mean over states and a sum over replicas and horizons.

        `start` holds memories (states, W), units (states,) and real days (states, 20).
        """
        memory, unit, real = start
        replicas, blueprint = self.generator.replicas, self.generator.blueprint
        shape = (replicas, STARTS * PATHS)
        each = tf.tile(tf.repeat(memory, PATHS, 0)[None], (replicas, 1, 1))
        doubt = blueprint.doubt * normal((*shape, 1), key, 1) - blueprint.doubt**2
        each = tf.concat([each[..., :-1], doubt], -1)
        noise = normal((HORIZONS[-1], *shape, blueprint.latent), key, 0)
        paths = self.generator.roll(each[:, :, None], noise)[0]
        paths = tf.reshape(paths, (replicas, STARTS, PATHS, HORIZONS[-1])) / unit[:, None, None]
        drawn = functionals(paths) / scale  # (R, states, paths, horizons, 3)
        outcome = functionals(real / unit[:, None]) / scale  # (states, horizons, 3)
        distance = tf.reduce_mean(_length(drawn - outcome[:, None]), 2)
        apart = _length(drawn[:, :, :, None] - drawn[:, :, None])  # each path of a state to each
        between = tf.reduce_sum(apart, (2, 3)) / (PATHS * (PATHS - 1))
        return tf.reduce_sum(tf.reduce_mean(distance - 0.5 * between, 1))


@dataclass(frozen=True)
class _Futures:
    """States of a history, with the days that followed.

    `rows` can be drawn, and `scale` (horizons, 3) is the deviation of the functionals.
    """

    memories: Float32Array
    units: Float32Array
    days: Float32Array
    rows: np.ndarray
    scale: Tensor

    @classmethod
    def of(cls, series: TrainingSeries, generator: StateSpaceGenerator, rule: Rule) -> _Futures:
        days = np.lib.stride_tricks.sliding_window_view(series.scaled[:, 0], HORIZONS[-1])
        memories = series.memories[: len(days)]
        units = np.ones(len(days), np.float32)
        if rule.in_spreads:
            spread = generator.spread(generator.of_history(tf.constant(memories)))
            units = tf.reduce_mean(spread[..., 0], 0).numpy()
        rows = np.arange(series.first_day, len(days))
        found = functionals(tf.constant(days[rows] / units[rows, None])).numpy()
        scale = found.std(axis=0)
        return cls(memories[:, 0], units, days, rows, tf.constant(scale))

    def at(self, rows: np.ndarray) -> tuple[Tensor, ...]:
        return tuple(tf.constant(part[rows]) for part in (self.memories, self.units, self.days))


def functionals(paths: Tensor) -> Tensor:
    """Return sum, lowest point and realised volatility (…, horizons, 3) of paths (…, 20)."""
    found = []
    for days in HORIZONS:
        level = tf.cumsum(paths[..., :days], axis=-1)
        squares = tf.reduce_mean(paths[..., :days] ** 2, -1)
        parts = [level[..., -1], tf.reduce_min(level, -1), tf.sqrt(squares + _TINY)]
        found.append(tf.stack(parts, -1))
    return tf.stack(found, -2)


def _length(vectors: Tensor) -> Tensor:
    """Return lengths of vectors (…, horizons, 3), summed over the horizons."""
    return tf.reduce_sum(tf.sqrt(tf.reduce_sum(vectors**2, -1) + _TINY), -1)
