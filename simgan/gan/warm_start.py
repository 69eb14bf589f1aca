"""The warm start: the volatility by one-day likelihood, before any critic."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.likelihood import StudentLikelihood
from simgan.gan.series import TrainingSeries

Tensor = Any
_DECAYING = ("volatility_in", "volatility_in_bias", "volatility_out", "volatility_out_bias")


class WarmStart:
    """Maximum likelihood on all days at once, all replicas at once, under weight decay, with a learning rate that falls to zero."""

    name = "warm start"
    series_names = ("negative log-likelihood",)

    def __init__(self, generator: StateSpaceGenerator, series: TrainingSeries) -> None:
        self.generator, self.series, self.settings = generator, series, series.settings
        self.likelihood = StudentLikelihood(generator)
        self._trained = [*generator.trainable_variables, *self.likelihood.variables]
        rate = keras.optimizers.schedules.CosineDecay(self.settings.warm_rate, max(self.settings.warm_steps, 1))
        self.optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.99)
        self.optimizer.build(self._trained)
        self._memories, self._scaled = tf.constant(series.memories[:-1]), tf.constant(series.scaled)
        self._weights = tf.Variable(tf.zeros((generator.blueprint.replicas, len(series.scaled))), trainable=False)
        self._fresh = [variable.numpy() for variable in self.variables()]

    def variables(self) -> list[tf.Variable]:
        """Everything that a step changes, in a fixed order."""
        return [*self._trained, *self.optimizer.variables]

    def begin(self, days: int, run: int) -> None:
        """Start afresh on the first `days` days."""
        for variable, value in zip(self.variables(), self._fresh, strict=True):
            variable.assign(value)
        weights = np.zeros(self._weights.shape, np.float32)
        weights[:, self.series.first_day : days] = 1.0
        self._weights.assign(weights)

    def step(self, number: int) -> tuple[float, ...]:
        return (float(self._step()),)

    @tf.function(jit_compile=True)
    def _step(self) -> Tensor:
        table = self.generator.table
        with tf.GradientTape() as tape:
            loss = self.likelihood(self._memories, self._scaled, self._weights)
            decay = tf.add_n([tf.reduce_sum(table[name] ** 2) for name in _DECAYING])
            ridge = tf.reduce_sum(table["trend"] ** 2)
            total = loss + self.settings.weight_decay * decay + self.settings.trend_ridge * ridge
        self.optimizer.apply(tape.gradient(total, self._trained), self._trained)
        return loss / self.generator.blueprint.replicas

    def finish(self) -> None:
        """Leave the location in the generator's drift."""
        self.generator.table["drift"].assign(self.likelihood.variables[0])
