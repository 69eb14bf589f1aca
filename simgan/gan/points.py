"""A GAN for points instead of paths: the texts' examples, in a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from simgan.arrays import AnyFloatArray, Float32Array, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.gan.averaging import MovingAverage
from simgan.gan.critics.dense import POINT_CRITICS, UNITS, PointCritic, dense, he_normal
from simgan.gan.device import use_device
from simgan.gan.game import Game
from simgan.gan.noise import uniform
from simgan.recipe.objectives.base import Objective
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.rules import Rules
from simgan.seeds import Seed

Tensor = Any
BETAS = 0.9, 0.999  # Adam's, as in the texts
_RANGES: dict[str, tuple[float, float]] = {
    "latent": (1, 1000),
    "steps": (1, 10**7),
    "generator_steps": (1, 1000),
    "batch": (2, 10**5),
    "rate": (1e-7, 1),
    "critic_ratio": (0.01, 100),
    "cooling": (0, 1),
    "critic_dropout": (0, 0.9),
}
_CHUNK = 100  # steps of one compiled call
_BEGINNING = 0.05  # most that random weights may count in an average at the end


@dataclass(frozen=True, kw_only=True)
class PointSettings:
    """Sizes, units and rates; the last layer of the generator is linear, the critic's score becomes a probability by σ.

    Maxout and dropout in the critic and a mixture of ReLU and sigmoid in the generator are those of Goodfellow et al. (2014), section 5.

    Raises
    ------
    ConfigError
        A number is out of range.
    """

    latent: int = field(default=8, metadata={"help": "numbers z from U(-1, 1) for each point"})
    generator: tuple[int, ...] = field(
        default=(4,), metadata={"help": "hidden layers of the generator"}
    )
    critic: tuple[int, ...] = field(default=(8,), metadata={"help": "hidden layers of the critic"})
    generator_units: str = field(
        default="relu", metadata={"help": f"of the generator's hidden layers: {', '.join(UNITS)}"}
    )
    critic_units: str = field(
        default="relu", metadata={"help": f"of the critic's hidden layers: {', '.join(UNITS)}"}
    )
    critic_dropout: float = field(
        default=0.0,
        metadata={"help": "share of the critic's hidden units that are left out, others each time"},
    )
    steps: int = field(
        default=10_000, metadata={"help": "rounds: the critic's steps, then the generator's"}
    )
    generator_steps: int = field(
        default=1, metadata={"help": "generator steps per round; many play against a stale critic"}
    )
    batch: int = field(default=100, metadata={"help": "points per step"})
    rate: float = field(
        default=1e-4, metadata={"help": "learning rate of Adam at the beginning, for the generator"}
    )
    critic_ratio: float = field(
        default=1.0,
        metadata={"help": "learning rate of the critic, in multiples of the generator's"},
    )
    cooling: float = field(
        default=1.0, metadata={"help": "learning rate at the end, in multiples of that"}
    )
    average: float = field(
        default=0.0,
        metadata={"help": "decay of the moving average of the generator; 0 for none; below 1"},
    )

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError("points", name, getattr(self, name), f"from {low:g} to {high:g}")
        longest = _BEGINNING ** (1 / self.steps)
        if not 0 <= self.average <= longest:
            allowed = f"from 0 to {longest:.4f} for {self.steps} steps: more of it would be weights of the beginning"
            raise ConfigError("points", "average", self.average, allowed)
        for name in ("generator_units", "critic_units"):
            if getattr(self, name) not in UNITS:
                raise ConfigError("points", name, getattr(self, name), f"one of {', '.join(UNITS)}")

    @property
    def rates(self) -> tuple[float, float]:
        """Learning rates of generator and critic at the beginning."""
        return self.rate, self.rate * self.critic_ratio


@dataclass(frozen=True)
class PointHistory:
    """What was seen every hundred steps.

    Attributes
    ----------
    steps : array of shape (records,)
    series : dict of arrays of shape (records,)
        Means over the hundred steps of the losses and of D(x) and D(G(z)).
    looks : dict of lists of (step, value)
        What the caller's `look` found of fresh fakes, by name.
    """

    steps: AnyFloatArray
    series: dict[str, AnyFloatArray]
    looks: dict[str, list[tuple[int, float]]]


class PointGan:
    """A generator and a critic of dense layers, and real points (n, dimensions) to learn.

    Raises
    ------
    ConfigError
        The points are no finite table, or a remedy makes no sense with the objective.
    """

    def __init__(
        self,
        points: AnyFloatArray,
        objective: Objective,
        settings: PointSettings,
        seed: Seed,
        remedies: Remedies = NONE,
    ) -> None:
        expect_shape(points, ("points", "dimensions"), "points")
        expect_finite(points, "points")
        use_device("auto")
        self.settings, self.objective, self.seed, dimensions = (
            settings,
            objective,
            seed,
            points.shape[1],
        )
        self.points = tf.constant(points, tf.float32)
        self._sizes = settings.latent, *settings.generator, dimensions
        self.generator = _generator(self._sizes, seed, settings.generator_units)
        if settings.critic_dropout and remedies.spectral_norm:
            raise ConfigError(
                "points",
                "critic_dropout",
                settings.critic_dropout,
                "0 with spectral normalisation, which would leave out the same units",
            )
        critic = POINT_CRITICS[objective.critic]
        self.critic = critic(
            (dimensions, *settings.critic),
            seed,
            remedies,
            units=settings.critic_units,
            dropout=settings.critic_dropout,
        )
        self.game = Game(
            self.generator.trainable_variables,
            self.critic,
            Rules(objective, remedies),
            settings.rates,
            BETAS,
        )
        self.average = MovingAverage(self.generator.trainable_variables, settings.average)
        self._extra = tf.Variable(
            seed.integer("tensorflow", 1), trainable=False
        )  # where further generator steps have their noise

    def restart(self, seed: Seed) -> None:
        """Forget what was learned and begin with another seed; compilation, which takes longer than many a training, is not repeated."""
        self.seed = seed
        self._extra.assign(seed.integer("tensorflow", 1))
        self.generator.set_weights(
            _generator(self._sizes, seed, self.settings.generator_units).get_weights()
        )
        self.critic.restart(seed)
        self.game.restart()
        self.average.restart()

    def train(
        self, look: Callable[[PointGan], dict[str, float]] | None = None, every: int = 1000
    ) -> PointHistory:
        """Play all steps; `look` is called every so many."""
        settings, names = self.settings, (*self.game.series_names, "D(x)", "D(G(z))")
        rows: list[Float32Array] = []
        looks: dict[str, list[tuple[int, float]]] = {}
        for first in range(0, settings.steps, _CHUNK):
            share = first / settings.steps
            _cool(self.game, settings, share)
            reached = min(first + _CHUNK, settings.steps)
            rows.append(
                self._many(
                    tf.constant([self.seed.integer("tensorflow"), first]), reached - first
                ).numpy()
            )
            if look is not None and (reached % every == 0 or reached == settings.steps):
                for name, value in look(self).items():
                    looks.setdefault(name, []).append((reached, value))
        steps = np.minimum(np.arange(1, len(rows) + 1) * _CHUNK, settings.steps)
        return PointHistory(
            steps, dict(zip(names, np.array(rows, np.float64).T, strict=True)), looks
        )

    def generate(self, n: int, stream: int = 0) -> Float32Array:
        """Fakes (n, dimensions) of the averaged generator."""
        noise = (
            self.seed.stream("latent", stream)
            .uniform(-1, 1, (n, self.settings.latent))
            .astype(np.float32)
        )
        self.average.exchange()  # with a decay of 0 the average is the weights themselves
        made: Float32Array = self.generator(noise).numpy()
        self.average.exchange()
        return made

    def probability(self, points: AnyFloatArray) -> Float32Array:
        """D(x), the critic's probability that points (n, dimensions) are real: σ of its score; shape (n,).

        A critic with dropout leaves out units here too, others in each call.
        """
        return np.asarray(tf.sigmoid(self.game.score(tf.constant(points, tf.float32)))[:, 0])

    @tf.function(jit_compile=True)
    def _many(self, key: Tensor, count: int) -> Tensor:
        """A hundred steps, or the last; return the means of what each tells."""
        told = self._round(key)
        for step in tf.range(1, count):
            now = self._round(tf.stack([key[0], key[1] + step]))
            told = told + now
        return told / count

    def _round(self, key: Tensor) -> Tensor:
        """The critic's turns, then the generator's, each on points and noise of its own."""
        loss = penalty = tf.constant(0.0)
        turns = self.objective.critic_steps
        for turn in range(turns):
            real, fake = self._real(key, 6 * turn), self._fake(key, 6 * turn + 2)
            loss, penalty = self.game.critic_turn(
                real, fake, uniform((self.settings.batch, 1), key, 6 * turn + 4)
            )
        if self.settings.generator_steps > 1:
            self._stale_turns(key)
        real = self._real(key, 6 * turns)
        told = self.game.generator_turn(real, lambda: self._fake(key, 6 * turns + 2))
        self.average.follow()
        seen = (self._probability(real), self._probability(self._fake(key, 6 * turns + 2)))
        return tf.stack([loss, told[0], penalty, *told[1:], *seen])

    def _stale_turns(self, key: Tensor) -> None:
        """All turns of the generator in a round but the last: the critic stays as it is."""
        count = self.settings.generator_steps
        for turn in tf.range(1, count):
            place = tf.stack([self._extra, key[1] * count + turn])
            self.game.generator_turn(self._real(place, 0), partial(self._fake, place, 2))

    def _probability(self, points: Tensor) -> Tensor:
        return tf.reduce_mean(tf.sigmoid(self.game.score(points)))

    def _real(self, key: Tensor, place: int) -> Tensor:
        return self.game.blurred(
            _some(self.points, self.settings.batch, key, place), key, place + 1
        )

    def _fake(self, key: Tensor, place: int) -> Tensor:
        noise = 2.0 * uniform((self.settings.batch, self.settings.latent), key, place) - 1.0
        return self.game.blurred(self.generator(noise), key, place + 1)


def critic_alone(
    real: AnyFloatArray,
    fake: AnyFloatArray,
    objective: Objective,
    settings: PointSettings,
    seed: Seed,
) -> Callable[[AnyFloatArray], Float32Array]:
    """Train a critic on real and fake points (n, dimensions) that stay as they are; return its D(x), points → probabilities (n,)."""
    use_device("auto")
    of_real, of_fake = (tf.constant(values, tf.float32) for values in (real, fake))
    critic = PointCritic((real.shape[1], *settings.critic), seed)
    game = Game([tf.Variable(0.0)], critic, Rules(objective), settings.rates, BETAS)

    @tf.function(jit_compile=True)
    def many(key: Tensor, count: int) -> None:
        for step in tf.range(count):
            now = tf.stack([key[0], key[1] + step])
            some, others = (
                _some(of_real, settings.batch, now, 0),
                _some(of_fake, settings.batch, now, 1),
            )
            game.critic_turn(some, others, uniform((settings.batch, 1), now, 2))

    for first in range(0, settings.steps, _CHUNK):
        _cool(game, settings, first / settings.steps)
        many(tf.constant([seed.integer("tensorflow"), first]), min(_CHUNK, settings.steps - first))
    return lambda values: np.asarray(tf.sigmoid(game.score(tf.constant(values, tf.float32)))[:, 0])


def _some(points: Tensor, count: int, key: Tensor, place: int) -> Tensor:
    """Points drawn with replacement."""
    return tf.gather(points, tf.cast(uniform((count,), key, place) * points.shape[0], tf.int32))


def _cool(game: Game, settings: PointSettings, share: float) -> None:
    """Set the learning rates and the share of the noise for a share of the way."""
    game.heat.assign(1 - share)
    for optimizer, rate in zip(game.optimizers, settings.rates, strict=True):
        optimizer.learning_rate.assign(rate * settings.cooling**share)


def _generator(sizes: tuple[int, ...], seed: Seed, units: str) -> keras.Model:
    """Noise of the first size → hidden layers → points of the last size."""
    body = dense(sizes[:-1], seed, 1, units)
    last = layers.Dense(sizes[-1], kernel_initializer=he_normal(seed, 1, len(sizes) - 2))
    return keras.Model(body.inputs[0], last(body.outputs[0]))
