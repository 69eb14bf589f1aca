"""The warm start: the volatility by one-day likelihood, before any critic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from simgan.gan.likelihood import StudentLikelihood
from simgan.gan.series import Lesson
from simgan.recipe.training import TrainingSettings

if TYPE_CHECKING:
    from simgan.gan.architectures.state_space import StateSpaceGenerator

Tensor = Any
_PAGE = 1024  # days: histories are padded to a multiple, so that the compiled step of one serves the next, a year longer
_DECAYING = ("volatility_in", "volatility_in_bias", "volatility_out", "volatility_out_bias")


class WarmStart:
    """Maximum likelihood on all days at once, all replicas at once, under weight decay, with a learning rate that falls to zero."""

    name = "warm start"
    series_names = ("negative log-likelihood",)

    def __init__(self, generator: StateSpaceGenerator, settings: TrainingSettings) -> None:
        self.generator, self.settings = generator, settings
        self.likelihood = StudentLikelihood(generator)
        self._own = [
            variable
            for name, variable in generator.table.items()
            if variable.trainable and name != "regime"
        ]
        self._trained = [*self._own, *self.likelihood.variables]
        rate = keras.optimizers.schedules.CosineDecay(
            self.settings.warm_rate, max(self.settings.warm_steps, 1)
        )
        self.optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.99)
        self.optimizer.build(self._trained)
        self._fresh = [
            (variable, variable.numpy())
            for variable in (*self.likelihood.variables, *self.optimizer.variables)
        ]
        self._days: tuple[Tensor, Tensor, Tensor] = ()  # type: ignore[assignment]

    @property
    def steps(self) -> int:
        return self.settings.warm_steps

    def variables(self) -> list[tf.Variable]:
        return [*self._trained, *self.optimizer.variables]

    def begin(self, lesson: Lesson) -> None:
        self.generator.assign({v.name: lesson.start[v.name] for v in self._own})
        for variable, value in self._fresh:
            variable.assign(value)
        series, days = lesson.series, len(lesson.series.scaled)
        after = -days % _PAGE
        weights = np.zeros((self.generator.blueprint.replicas, days + after), np.float32)
        weights[:, series.first_day : lesson.days] = 1.0
        padded = (
            np.pad(series.memories[:-1], ((0, after), (0, 0)), mode="edge"),
            np.pad(series.scaled, (0, after)),
            weights,
        )
        self._days = tuple(map(tf.constant, padded))

    def step(self, number: int) -> tuple[float, ...]:
        return (float(self._step(*self._days)),)

    @tf.function(jit_compile=True)
    def _step(self, memories: Tensor, scaled: Tensor, weights: Tensor) -> Tensor:
        table = self.generator.table
        with tf.GradientTape() as tape:
            loss = self.likelihood(memories, scaled, weights)
            decay = tf.add_n([tf.reduce_sum(table[name] ** 2) for name in _DECAYING])
            ridge = tf.reduce_sum(table["trend"] ** 2)
            total = loss + self.settings.weight_decay * decay + self.settings.trend_ridge * ridge
        self.optimizer.apply(tape.gradient(total, self._trained), self._trained)
        return loss / self.generator.blueprint.replicas

    def finish(self) -> None:
        """Leave the location in the generator's drift."""
        self.generator.table["drift"].assign(self.likelihood.variables[0])
