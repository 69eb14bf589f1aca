"""Adversarial training on a history: what is real and what is fake in each round of the game."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.gan.architectures.base import Generator
from simgan.gan.averaging import WeightAverage
from simgan.gan.critics import CRITICS
from simgan.gan.game import Game
from simgan.gan.noise import normal, uniform
from simgan.gan.regime_effects import regime_effects
from simgan.gan.series import Lesson
from simgan.recipe.rules import GameRules
from simgan.recipe.training import TrainingSettings

Tensor = Any
_RUN_IN = 8  # windows of free running before the first step
_LOOKED = 8  # pasts that a look at free-running paths goes on for


class Begun(NamedTuple):
    """What fakes that continue real history go on from: memories (…, W) and labels (…, regimes), 0 where they are not known."""

    memory: Tensor
    labels: Tensor

    def of_turn(self, turn: int) -> Begun:
        """One of several turns, which are the first axis."""
        return Begun(self.memory[turn], self.labels[turn])


class Adversarial:
    """One critic against the mixture of all replicas, in turn; half of the fakes continue real history, half the replicas' own paths.

    A generator that knows nothing of a history makes whole windows instead of continuing any. The critic sees windows and nothing of which
    replica made them (a mixture of generators, as in Hoang et al. 2018, "MGAN").
    """

    name = "adversarial"

    def __init__(self, generator: Generator, rules: GameRules, settings: TrainingSettings) -> None:
        self.generator, self.rules, self.settings = generator, rules, settings
        blueprint, s = generator.blueprint, settings
        self.replicas, each = blueprint.replicas, s.paths_of_each(blueprint.replicas)
        self.continuing, self.free = (
            (0, 2 * each) if blueprint.run_in else (each, each)
        )  # fakes of either kind per replica
        self.given = (
            0 if blueprint.run_in else s.past
        )  # days at the beginning of a fake that this step does not make
        self.made = s.past + s.ahead - self.given
        self.critic = CRITICS.load(rules.objective.critic)(
            s.past + s.ahead, s.views, rules.remedies
        )
        rates = s.rate, s.rate * s.critic_ratio
        self.game = Game(generator.trainable_variables, self.critic, rules, rates)
        self.average = WeightAverage(
            generator.trainable_variables, s.average, forgets_start=generator.begins_at_random
        )
        self.free_memory = tf.Variable(
            tf.zeros((self.replicas, self.free, blueprint.width)), trainable=False
        )
        self.free_past = tf.Variable(tf.zeros((self.replicas, self.free, s.past)), trainable=False)
        self._names: tuple[str, ...] = ()
        self._lesson: Lesson
        self._labels_known: Float32Array  # (days + 1, regimes) of the lesson

    @property
    def steps(self) -> int:
        return self.settings.steps

    @property
    def series_names(self) -> tuple[str, ...]:
        return self._names

    def variables(self) -> list[tf.Variable]:
        return [
            *self.game.weights,
            *self.average.variables,
            *self.game.variables(),
            self.free_memory,
            self.free_past,
        ]

    def begin(self, lesson: Lesson) -> None:
        """Start from the generator as it is, with a fresh critic, on the days of the lesson; let the free paths run in."""
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
        for window in range(_RUN_IN):
            self._run_in(tf.constant([seed.integer("tensorflow", lesson.number, 1), window]))

    def step(self, number: int) -> tuple[float, ...]:
        """Return the losses of critic and generator, the penalty, and what objective and remedies tell."""
        self.game.remaining.assign(1 - (number - 1) / self.settings.steps)
        lesson, series = self._lesson, self._lesson.series
        picks = self._picks(lesson.seed.stream("batches", lesson.number, number))
        real = np.ascontiguousarray(series.windows[picks])
        begun = (
            picks[:, :, : self.continuing] + self.settings.past
        )  # the days from which the first of the fakes go on
        key = tf.constant([lesson.seed.integer("tensorflow", lesson.number), number])
        losses = self._step(
            tf.constant(real),
            Begun(tf.constant(series.memories[begun]), tf.constant(self.known(begun))),
            key,
        )
        self._names = tuple(losses)
        return tuple(float(loss) for loss in losses.values())

    def _picks(self, rng: np.random.Generator) -> Any:
        """Starts of real windows (turns, R, paths); where few have a label, half of those that fakes continue are of these few."""
        turns, series, lesson = (
            self.rules.objective.critic_steps + 1,
            self._lesson.series,
            self._lesson,
        )
        picks = rng.integers(
            0,
            series.starts_within(lesson.days),
            (turns, self.replicas, self.continuing + self.free),
        )
        if self.rules.condition and self.rules.condition.labelled < 1:
            starts = np.arange(series.starts_within(lesson.days))
            few = starts[self.known(starts + self.settings.past).any(axis=1)]
            half = (turns, self.replicas, self.continuing // 2)
            picks[:, :, : half[2]] = rng.choice(few, half) if len(few) else picks[:, :, : half[2]]
        return picks

    def known(self, days: Any) -> Float32Array:
        """One-hot labels (…, regimes) of the stretches from days on, as far as the critic may know them."""
        return np.asarray(self._labels_known[days], np.float32)

    def free_windows(self, number: int) -> Float32Array:
        """Windows (n, past + ahead) of free-running paths at a step; the next step goes on as if nobody had looked."""
        kept, lesson, length = (
            (self.free_memory.numpy(), self.free_past.numpy()),
            self._lesson,
            self.settings.past + self.settings.ahead,
        )
        pieces = []
        for piece in range(_LOOKED):
            self._run_in(
                tf.constant(
                    [lesson.seed.integer("tensorflow", lesson.number, 2), _LOOKED * number + piece]
                )
            )
            pieces.append(self.free_past.numpy())
        self.free_memory.assign(kept[0])
        self.free_past.assign(kept[1])
        days = np.concatenate(pieces, axis=2)  # (R, free, _LOOKED · past)
        return days[:, :, : days.shape[2] // length * length].reshape(-1, length)

    def score(self, windows: Float32Array) -> Float32Array:
        """The critic's scores (n, 1) of windows (n, past + ahead)."""
        return np.asarray(self.game.score(tf.constant(windows)))

    @tf.function(jit_compile=True)
    def _run_in(self, key: Tensor) -> None:
        paths, memory = self.generator.roll(
            self.free_memory, self._noise(self.settings.past, self.free, key, 0)
        )
        self.free_memory.assign(memory)
        self.free_past.assign(paths)

    @tf.function(jit_compile=True)
    def _step(self, real: Tensor, begun: Begun, key: Tensor) -> dict[str, Tensor]:
        """Take real windows (turns, R, paths, past + ahead), and what the first of the fakes of each turn go on from.

        The last turn is the generator's.
        """
        metrics: dict[str, Tensor] = {}
        for turn in range(self.rules.objective.critic_steps):
            metrics = self._critic_step(real[turn], begun.of_turn(turn), key, 4 * turn + 1)
        return metrics | self._generator_step(real[-1], begun.of_turn(-1), key)

    def _critic_step(
        self, real: Tensor, begun: Begun, key: Tensor, place: int
    ) -> dict[str, Tensor]:
        fake, _ = self._fakes(real, begun, key, place)
        mixing = uniform((self.settings.batch, 1), key, place + 1)
        real, fake = (
            self.game.blurred(self._flat(windows), key, place + 2 + i)
            for i, windows in enumerate((real, fake))
        )
        return self.game.critic_step(real, fake, mixing, self._labels(begun))

    def _generator_step(self, real: Tensor, begun: Begun, key: Tensor) -> dict[str, Tensor]:
        made: list[Tensor] = []
        place = 4 * self.rules.objective.critic_steps + 1

        def make() -> Tensor:
            made.extend(self._fakes(real, begun, key, 0))
            return self.game.blurred(self._flat(made[0]), key, place + 3)

        metrics = self.game.generator_step(
            self.game.blurred(self._flat(real), key, place + 2), make, self._labels(begun)
        )
        fake, memory = made
        self.average.follow()
        self.free_memory.assign(memory[:, self.continuing :])
        self.free_past.assign(fake[:, self.continuing :, -self.settings.past :])
        return metrics

    def _labels(self, begun: Begun) -> Tensor:
        """Labels (batch, regimes) of a turn: those of free-running paths are unknown."""
        return self._flat(
            tf.concat([begun.labels, tf.zeros((self.replicas, self.free, self.rules.regimes))], 1)
        )

    def _flat(self, windows: Tensor) -> Tensor:
        """What all replicas have (R, paths, …) as a batch."""
        return tf.reshape(windows, (self.settings.batch, windows.shape[2]))

    def _fakes(self, real: Tensor, begun: Begun, key: Tensor, place: int) -> tuple[Tensor, Tensor]:
        """Fakes (R, paths, past + ahead), the first of them with the past and the regime of the real ones, and the memory after them."""
        past = real[:, : self.continuing, : self.given]
        before = tf.concat([past, self.free_past[..., : self.given]], 1)
        own = self.generator.after(begun.memory, past)
        memory = tf.concat([own, self.free_memory], 1)
        after, memory = self.generator.roll(
            memory, self._noise(self.made, self.continuing + self.free, key, place)
        )
        if self.rules.regimes:
            asked = self.generator.in_regime(own, after[:, : self.continuing], begun.labels)
            after = tf.concat([asked, after[:, self.continuing :]], 1)
        return tf.concat([before, after], 2), memory

    def _noise(self, steps: int, paths: int, key: Tensor, place: int) -> Tensor:
        return normal((steps, self.replicas, paths, self.generator.blueprint.latent), key, place)

    def finish(self) -> None:
        """Leave the average of the weights in the generator."""
        self.average.copy_to_weights()
