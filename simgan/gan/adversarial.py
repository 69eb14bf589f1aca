"""Adversarial training: the one train step, whatever the objective."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.averaging import MovingAverage
from simgan.gan.critic import WindowCritic
from simgan.gan.noise import normal, uniform
from simgan.gan.objectives.base import Objective
from simgan.gan.series import TrainingSeries
from simgan.seeds import Seed

Tensor = Any
_RUN_IN = 8  # windows of free running before the first step


class Adversarial:
    """One critic against the mixture of all replicas, in turn; half of the fakes continue real history, half the replicas' own paths.

    The critic sees windows and nothing of which replica made them (a mixture of generators, as in Hoang et al. 2018, "MGAN").
    """

    name = "adversarial"
    series_names = ("critic loss", "generator loss", "gradient penalty")

    def __init__(self, generator: StateSpaceGenerator, objective: Objective, series: TrainingSeries, seed: Seed) -> None:
        self.generator, self.objective, self.series, self.seed = generator, objective, series, seed
        self.settings = s = series.settings
        self.replicas = generator.blueprint.replicas
        self.half = s.paths_of_each(self.replicas)  # windows of each kind per replica
        self.starts, self.run = len(series.starts), 0
        self.critic = WindowCritic(s.past + s.ahead, seed)
        self.critic_optimizer = keras.optimizers.Adam(s.rate * s.critic_ratio, beta_1=0.0, beta_2=0.99)
        self.generator_optimizer = keras.optimizers.Adam(s.rate, beta_1=0.0, beta_2=0.99)
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(generator.trainable_variables)
        self.average = MovingAverage(generator.trainable_variables, s.average)
        self.free_memory = tf.Variable(tf.zeros((self.replicas, self.half, generator.blueprint.memory.width)), trainable=False)
        self.free_past = tf.Variable(tf.zeros((self.replicas, self.half, s.past)), trainable=False)
        self._windows, self._memories = tf.constant(series.windows), tf.constant(series.memories)
        self._fresh = [variable.numpy() for variable in self.variables()[len(generator.trainable_variables) :]]

    def variables(self) -> list[tf.Variable]:
        """Everything that a step changes, in a fixed order."""
        models = [*self.generator.trainable_variables, *self.critic.trainable_variables, *self.average.variables]
        return [*models, *self.critic_optimizer.variables, *self.generator_optimizer.variables, self.free_memory, self.free_past]

    def begin(self, days: int, run: int) -> None:
        """Start from the generator as it is, with a fresh critic, on the first `days` days; let the free paths run in."""
        self.starts, self.run = self.series.starts_within(days), run
        for variable, value in zip(self.variables()[len(self.generator.trainable_variables) :], self._fresh, strict=True):
            variable.assign(value)
        self.average.restart()
        rows = self.seed.stream("free-run", run).integers(self.series.first_day, days, (self.replicas, self.half))
        self.free_memory.assign(tf.gather(self._memories, rows))
        for window in range(_RUN_IN):
            self._run_in(tf.constant([self.seed.integer("tensorflow", run, 1), window]))

    def step(self, number: int) -> tuple[float, ...]:
        """Return the losses of critic and generator and the penalty."""
        shape = (self.objective.critic_steps + 1, self.replicas, 2 * self.half)
        picks = self.seed.stream("batches", self.run, number).integers(0, self.starts, shape)
        losses = self._step(tf.constant(picks, tf.int32), tf.constant([self.seed.integer("tensorflow", self.run), number]))
        return tuple(float(loss) for loss in losses)

    @tf.function(jit_compile=True)
    def _run_in(self, key: Tensor) -> None:
        paths, memory = self.generator.roll(self.free_memory, normal((self.settings.past, self.replicas, self.half), key, 0))
        self.free_memory.assign(memory)
        self.free_past.assign(paths)

    @tf.function(jit_compile=True)
    def _step(self, picks: Tensor, key: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        critic_loss = penalty = tf.constant(0.0)
        for turn in range(self.objective.critic_steps):
            critic_loss, penalty = self._critic_step(picks[turn], key, 4 * turn + 1)
        return critic_loss, self._generator_step(picks[-1], key), penalty

    def _critic_step(self, picks: Tensor, key: Tensor, place: int) -> tuple[Tensor, Tensor]:
        real, fake, _ = self._real_and_fake(picks, key, place)
        real, fake = self._flat(real), self._flat(fake)
        mixing = uniform((self.settings.batch, 1), key, place + 1)
        weights = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss = self.objective.critic_loss(*self._scores(real, fake))
            penalty = self.objective.penalty_weight * self.objective.penalty(self.critic, real, fake, mixing)
            total = loss + penalty
        self.critic_optimizer.apply(tape.gradient(total, weights), weights)
        return loss, penalty

    def _generator_step(self, picks: Tensor, key: Tensor) -> Tensor:
        weights = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            real, fake, memory = self._real_and_fake(picks, key, 0)
            loss = self.objective.generator_loss(*self._scores(self._flat(real), self._flat(fake)))
        self.generator_optimizer.apply(tape.gradient(loss, weights), weights)
        self.average.follow()
        self.free_memory.assign(memory[:, self.half :])
        self.free_past.assign(fake[:, self.half :, -self.settings.past :])
        return loss

    def _scores(self, real: Tensor, fake: Tensor) -> list[Tensor]:
        """Scores of real and of fake windows, each (batch, 1), in one pass."""
        return tf.split(self.critic(tf.concat([real, fake], 0)), 2)

    def _flat(self, windows: Tensor) -> Tensor:
        """Windows of all replicas (R, paths, days) as a batch."""
        return tf.reshape(windows, (self.settings.batch, -1))

    def _real_and_fake(self, picks: Tensor, key: Tensor, place: int) -> tuple[Tensor, Tensor, Tensor]:
        """Real windows and fakes (R, 2·half, past + ahead), and the memory after the fakes; the first half of each pair shares its past."""
        past, shared = self.settings.past, picks[:, : self.half]
        real = tf.gather(self._windows, picks)
        before = tf.concat([real[:, : self.half, :past], self.free_past], 1)
        memory = tf.concat([tf.gather(self._memories, shared + past), self.free_memory], 1)
        after, memory = self.generator.roll(memory, normal((self.settings.ahead, self.replicas, 2 * self.half), key, place))
        return real, tf.concat([before, after], 2), memory

    def finish(self) -> None:
        """Leave the averaged weights in the generator."""
        self.average.copy_to_weights()
