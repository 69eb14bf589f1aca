"""The warm start: the one-day law by the continuous ranked probability score, before any critic."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.averaging import MovingAverage
from simgan.gan.noise import normal
from simgan.gan.series import TrainingSeries
from simgan.seeds import Seed

Tensor = Any
DRAWS, DAYS = 32, 256  # draws a day, days a step
_FREE_PATHS, _FREE_STEPS = 256, 20
_VOLATILITY_MEMORY = 3  # scores are divided by this memory's volatility (30 days): calm and wild days count alike
_AVERAGE = 0.995


class WarmStart:
    """Minimises CRPS / volatility, with a penalty that keeps free-running paths at the sample's variance."""

    name = "warm start"
    series_names = ("crps",)

    def __init__(self, generator: StateSpaceGenerator, series: TrainingSeries, seed: Seed) -> None:
        self.generator, self.series, self.seed = generator, series, seed
        self.settings, self.days, self.run = series.settings, len(series.scaled), 0
        self.optimizer = keras.optimizers.Adam(self.settings.warm_rate, beta_1=0.9, beta_2=0.99)
        self.optimizer.build(generator.trainable_variables)
        self.average = MovingAverage(generator.trainable_variables, _AVERAGE)
        self.free = tf.Variable(tf.zeros((_FREE_PATHS, generator.blueprint.memory.width)), trainable=False)  # carried from step to step
        self._memories, self._scaled = tf.constant(series.memories), tf.constant(series.scaled)
        self._fresh = [variable.numpy() for variable in self.variables()]

    def variables(self) -> list[tf.Variable]:
        """Everything that a step changes, in a fixed order."""
        return [*self.generator.trainable_variables, *self.average.variables, *self.optimizer.variables, self.free]

    def begin(self, days: int, run: int) -> None:
        """Start afresh on the first `days` days; `run` tells the noise of one run from that of another."""
        self.days, self.run = days, run
        for variable, value in zip(self.variables(), self._fresh, strict=True):
            variable.assign(value)
        rows = self.seed.stream("free-run", run).integers(self.series.first_day, days, _FREE_PATHS)
        self.free.assign(self.series.memories[rows])

    def step(self, number: int) -> tuple[float, ...]:
        days = self.seed.stream("batches", self.run, number).integers(self.series.first_day, self.days, DAYS)
        key = [self.seed.integer("tensorflow", self.run), number]
        return (float(self._step(tf.constant(days, tf.int32), tf.constant(key))),)

    @tf.function(jit_compile=True)
    def _step(self, days: Tensor, key: Tensor) -> Tensor:
        weights, settings = self.generator.trainable_variables, self.settings
        memory, realized = tf.gather(self._memories, days), tf.gather(self._scaled, days)
        latent = self.generator.blueprint.latent
        with tf.GradientTape() as tape:
            draws = self.generator((tf.repeat(memory, DRAWS, 0), normal((DAYS * DRAWS, latent), key, 0)))
            score = fair_crps(tf.reshape(draws, (DAYS, DRAWS)), realized)  # (days,)
            crps = tf.reduce_mean(score / tf.sqrt(memory[:, _VOLATILITY_MEMORY] + 0.05))
            paths, free = self.generator.roll(self.free, normal((_FREE_STEPS, _FREE_PATHS, latent), key, 1))
            long_run = tf.math.log(tf.reduce_mean(paths**2)) ** 2
            decay = tf.add_n([tf.reduce_sum(w**2) for w in weights if len(w.shape) > 1 or w.path.endswith("_bias")])
            loss = crps + settings.long_run_weight * long_run + settings.weight_decay * decay
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self.average.follow()
        self.free.assign(free)
        return crps

    def finish(self) -> None:
        """Leave the averaged weights in the generator."""
        self.average.copy_to_weights()


def fair_crps(draws: Tensor, realized: Tensor) -> Tensor:
    """Fair CRPS of each day from draws (days, m): E|X − y| − ½ E|X − X'|, the second mean over distinct pairs.

    References
    ----------
    Ferro (2014), "Fair scores for ensemble forecasts".
    """
    count = draws.shape[1]
    rank = 2.0 * tf.range(1, count + 1, dtype=tf.float32) - count - 1.0
    spread = tf.reduce_sum(tf.sort(draws, 1) * rank, 1) / (count * (count - 1.0))
    return tf.reduce_mean(tf.abs(draws - realized[:, None]), 1) - spread
