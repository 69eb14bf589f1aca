"""Adversarial training on a history: the real and fake windows of each step of the game."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array, IntArray
from simgan.gan.architectures import Generator
from simgan.gan.calibration import regime_effects
from simgan.gan.critics import CRITICS
from simgan.gan.game import Game, WeightAverage
from simgan.gan.noise import normal, uniform
from simgan.gan.series import Lesson
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import GameRules, TrainingSettings

_RUN_IN = 8  # windows of free running before the first step
_PIECES = 8  # of `past` days that free paths run at a check


class Starts(NamedTuple):
    """Start states of the fakes that continue real history.

    Attributes
    ----------
    memory : tensor of shape (…, assets, W)
    labels : tensor of shape (…, regimes)
        Zeros where the label is not known.
    """

    memory: Tensor
    labels: Tensor

    def of_turn(self, turn: int) -> Starts:
        """Return one of several turns, which are the first axis."""
        return Starts(self.memory[turn], self.labels[turn])


class Adversarial:
    """One critic against the mixture of all replicas.

    Half of the fakes continue real history, and half continue the replicas' own paths. A generator
    without a memory of returns makes whole windows instead. The critic sees windows only and not
    the replica that made them (a mixture of generators, as in Hoang et al. 2018, "MGAN").
    """

    name = "adversarial"

    def __init__(
        self, generator: Generator, rules: GameRules, settings: TrainingSettings, assets: int = 1
    ) -> None:
        self.generator, self.rules, self.settings = generator, rules, settings
        blueprint, s = generator.blueprint, settings
        self.replicas, each = blueprint.replicas, s.paths_of_each(blueprint.replicas)
        # Fakes of either kind per replica, and the first days of a fake that a step does not make.
        self.continuing, self.free = (0, 2 * each) if blueprint.run_in else (each, each)
        self.given = 0 if blueprint.run_in else s.past
        self.made = s.past + s.ahead - self.given
        critic = CRITICS.load(rules.objective.critic)
        self.critic = critic(s.past + s.ahead, s.views, rules.remedies, assets=assets)
        rates = s.rate, s.rate * s.critic_ratio
        self.game = Game(generator.trainable_variables, self.critic, rules, rates)
        self.average = WeightAverage(
            generator.trainable_variables, s.average, forgets_start=generator.begins_at_random
        )
        paths = self.replicas, self.free
        self.free_memory, self.free_past = (
            tf.Variable(tf.zeros((*paths, *shape)), trainable=False)
            for shape in ((assets, blueprint.width), (s.past, assets))
        )
        self._lesson: Lesson
        self._labels_known: Float32Array  # (days + 1, regimes) of the lesson

    @property
    def steps(self) -> int:
        return self.settings.steps

    def variables(self) -> list[tf.Variable]:
        return [
            *self.game.weights,
            *self.average.variables,
            *self.game.variables(),
            self.free_memory,
            self.free_past,
        ]

    def begin(self, lesson: Lesson) -> None:
        """Start with a fresh critic from the current generator, and run the free paths in."""
        self._lesson, series, seed = lesson, lesson.series, lesson.seed
        share = self.rules.condition.labelled if self.rules.condition else 0.0
        self._labels_known = (
            series.regimes * (seed.stream("labels").random(len(series.regimes)) < share)[:, None]
        )
        self.critic.restart(seed)
        if self.rules.regimes:
            self.generator.assign(regime_effects(self.generator, lesson))
        self.game.restart()
        rows = seed.stream("free-run", lesson.number).integers(
            series.first_day, lesson.days, (self.replicas, self.free)
        )
        self.average.restart()
        self.free_memory.assign(series.memories[rows])
        for window in range(_RUN_IN if self.steps else 0):  # else no step goes on from them
            self._run_in(tf.constant([seed.integer("tensorflow", lesson.number, 1), window]))

    def step(self, number: int) -> dict[str, float]:
        """Play a round: some steps of the critic, then one of the generator."""
        self.game.remaining.assign(1 - (number - 1) / self.settings.steps)
        lesson, series = self._lesson, self._lesson.series
        picks = self._picks(lesson.seed.stream("batches", lesson.number, number))
        real = np.ascontiguousarray(series.windows[picks])
        days = picks[:, :, : self.continuing] + self.settings.past  # on which fakes begin
        key = tf.constant([lesson.seed.integer("tensorflow", lesson.number), number])
        starts = Starts(tf.constant(series.memories[days]), tf.constant(self.known(days)))
        metrics = self._step(tf.constant(real), starts, key)
        return {name: float(value) for name, value in metrics.items()}

    def _picks(self, rng: np.random.Generator) -> IntArray:
        """Return starts of real windows (turns, R, paths).

        If few days have a label, half of the windows that fakes continue are from these days.
        """
        series, lesson = self._lesson.series, self._lesson
        turns = self.rules.objective.critic_steps + 1
        shape = (turns, self.replicas, self.continuing + self.free)
        picks = rng.integers(0, series.starts_within(lesson.days), shape)
        if self.rules.condition and self.rules.condition.labelled < 1:
            starts = np.arange(series.starts_within(lesson.days))
            few = starts[self.known(starts + self.settings.past).any(axis=1)]
            half = (turns, self.replicas, self.continuing // 2)
            picks[:, :, : half[2]] = rng.choice(few, half) if len(few) else picks[:, :, : half[2]]
        return picks

    def known(self, days: IntArray) -> Float32Array:
        """Return one-hot labels (…, regimes) of stretches from `days` on, if the critic knows
        them.
        """
        return np.asarray(self._labels_known[days], np.float32)

    def free_windows(self, number: int) -> Float32Array:
        """Return windows (n, past + ahead, assets) of free-running paths at a step.

        The state of the training stays the same.
        """
        kept = self.free_memory.numpy(), self.free_past.numpy()
        seed, stage = self._lesson.seed, self._lesson.number
        pieces = []
        for piece in range(_PIECES):
            key = [seed.integer("tensorflow", stage, 2), _PIECES * number + piece]
            self._run_in(tf.constant(key))
            pieces.append(self.free_past.numpy())
        self.free_memory.assign(kept[0])
        self.free_past.assign(kept[1])
        days = np.concatenate(pieces, axis=2)  # (R, free, _PIECES · past, assets)
        length, assets = self.settings.past + self.settings.ahead, days.shape[3]
        return days[:, :, : days.shape[2] // length * length].reshape(-1, length, assets)

    def score(self, windows: Float32Array) -> Float32Array:
        """Return the critic's scores (n, 1) of windows (n, past + ahead, assets)."""
        return np.asarray(self.game.score(tf.constant(windows)))

    @tf.function(jit_compile=True, autograph=False)
    def _run_in(self, key: Tensor) -> None:
        paths, memory = self.generator.roll(
            self.free_memory, self._noise(self.settings.past, self.free, key, 0)
        )
        self.free_memory.assign(memory)
        self.free_past.assign(paths)

    @tf.function(jit_compile=True, autograph=False)
    def _step(self, real: Tensor, starts: Starts, key: Tensor) -> dict[str, Tensor]:
        """Play one round of the game. The last turn is the generator's.

        Parameters
        ----------
        real : tensor of shape (turns, R, paths, past + ahead, assets)
            Real windows.
        starts : Starts
            States of shape (turns, R, continuing, …) that the first fakes of each turn continue.
        key : tensor of shape (2,)
            Address of the noise.
        """
        metrics: dict[str, Tensor] = {}
        for turn in range(self.rules.objective.critic_steps):
            metrics = self._critic_step(real[turn], starts.of_turn(turn), key, 4 * turn + 1)
        return metrics | self._generator_step(real[-1], starts.of_turn(-1), key)

    def _critic_step(
        self, real: Tensor, starts: Starts, key: Tensor, place: int
    ) -> dict[str, Tensor]:
        fake, _ = self._fakes(real, starts, key, place)
        mixing = uniform((self.settings.batch, 1, 1), key, place + 1)
        real, fake = (
            self.game.blurred(self._flat(windows), key, place + 2 + i)
            for i, windows in enumerate((real, fake))
        )
        return self.game.critic_step(real, fake, mixing, self._labels(starts))

    def _generator_step(self, real: Tensor, starts: Starts, key: Tensor) -> dict[str, Tensor]:
        made: list[Tensor] = []
        place = 4 * self.rules.objective.critic_steps + 1

        def make() -> Tensor:
            made.extend(self._fakes(real, starts, key, 0))
            return self.game.blurred(self._flat(made[0]), key, place + 3)

        metrics = self.game.generator_step(
            self.game.blurred(self._flat(real), key, place + 2), make, self._labels(starts)
        )
        fake, memory = made
        self.average.follow()
        self.free_memory.assign(memory[:, self.continuing :])
        self.free_past.assign(fake[:, self.continuing :, -self.settings.past :])
        return metrics

    def _labels(self, starts: Starts) -> Tensor:
        """Return the labels (batch, regimes) of a turn. Those of free paths are unknown."""
        unknown = tf.zeros((self.replicas, self.free, self.rules.regimes))
        return self._flat(tf.concat([starts.labels, unknown], 1))

    def _flat(self, windows: Tensor) -> Tensor:
        """Return (R, paths, …) as a batch (batch, …)."""
        return tf.reshape(windows, (self.settings.batch, *windows.shape[2:]))

    def _fakes(
        self, real: Tensor, starts: Starts, key: Tensor, place: int
    ) -> tuple[Tensor, Tensor]:
        """Return fakes (R, paths, past + ahead, assets) and the memory after them.

        The first ones have past and regime of the real windows.
        """
        past = real[:, : self.continuing, : self.given]
        before = tf.concat([past, self.free_past[:, :, : self.given]], 1)
        own = self.generator.after(starts.memory, past)
        memory = tf.concat([own, self.free_memory], 1)
        after, memory = self.generator.roll(
            memory, self._noise(self.made, self.continuing + self.free, key, place)
        )
        if self.rules.regimes:
            asked = self.generator.in_regime(own, after[:, : self.continuing], starts.labels)
            after = tf.concat([asked, after[:, self.continuing :]], 1)
        return tf.concat([before, after], 2), memory

    def _noise(self, steps: int, paths: int, key: Tensor, place: int) -> Tensor:
        return normal((steps, self.replicas, paths, self.generator.blueprint.latent), key, place)

    def finish(self) -> None:
        """Put the average of the weights into the generator."""
        self.average.copy_to_weights()
