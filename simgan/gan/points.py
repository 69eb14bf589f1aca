"""A GAN for points instead of paths, which learns in a few seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from simgan.arrays import AnyFloatArray, Float32Array, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.gan.critics.dense import POINT_CRITICS, UNITS, PointCritic, dense, he_normal
from simgan.gan.game import Game, WeightAverage
from simgan.gan.noise import uniform
from simgan.gan.runtime import use_device
from simgan.recipe.objectives import Objective
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import GameRules
from simgan.seeds import Seed
from simgan.settings import Settings, setting

BETAS = 0.9, 0.999  # Adam's, as in the GAN tutorial
_CHUNK = 100  # steps of one compiled call
_KEY = tf.TensorSpec((2,), tf.int32)  # seed and step
_BEGINNING = 0.05  # largest share of the random first weights in an average at the end


@dataclass(frozen=True, kw_only=True)
class PointSettings(Settings):
    """Sizes, units and rates of a GAN for points.

    The last layer of the generator is linear. The critic's score becomes a probability by σ.
    Maxout and dropout in the critic and a mixture of ReLU and sigmoid in the generator are those
    of Goodfellow et al. (2014), section 5.
    """

    latent: int = setting(8, "numbers z from U(-1, 1) for each point", low=1, high=1000)
    generator: tuple[int, ...] = setting((4,), "sizes of the generator's hidden layers", low=1)
    critic: tuple[int, ...] = setting((8,), "sizes of the critic's hidden layers", low=1)
    generator_units: str = setting("relu", "units of the generator's hidden layers", choices=UNITS)
    critic_units: str = setting("relu", "units of the critic's hidden layers", choices=UNITS)
    critic_dropout: float = setting(
        0.0, "share of the critic's hidden units that each step leaves out", low=0, high=0.9
    )
    steps: int = setting(
        10_000, "rounds: the critic's steps, then the generator's", low=1, high=10_000_000
    )
    generator_steps: int = setting(
        1, "generator steps per round; with many, the critic is stale", low=1, high=1000
    )
    batch: int = setting(100, "points per step", low=2, high=100_000)
    rate: float = setting(
        1e-4, "learning rate of Adam at the beginning, for the generator", low=1e-7, high=1
    )
    critic_ratio: float = setting(
        1.0, "learning rate of the critic, in multiples of the generator's", low=0.01, high=100
    )
    cooling: float = setting(
        1.0, "learning rates at the end, in multiples of those at the beginning", low=0, high=1
    )
    average: float = setting(
        0.0, "decay of the moving average of the generator, 0 for none", low=0, high=1
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        longest = _BEGINNING ** (1 / self.steps)
        if not 0 <= self.average <= longest:
            allowed = (
                f"from 0 to {longest:.4f} for {self.steps} steps: "
                "a longer average would consist of the first weights"
            )
            raise ConfigError("points", "average", self.average, allowed)

    @classmethod
    def owner(cls) -> str:
        return "points"

    @property
    def rates(self) -> tuple[float, float]:
        """Learning rates of generator and critic at the beginning."""
        return self.rate, self.rate * self.critic_ratio


@dataclass(frozen=True)
class PointHistory:
    """Metrics of a training on points.

    Attributes
    ----------
    steps : array of shape (records,)
        Every hundredth step, and the last.
    series : dict of arrays of shape (records,)
        Means over the hundred steps of the losses and of D(x) and D(G(z)).
    inspections : dict of lists of (step, value)
        Numbers that the caller's `inspect` found, by name.
    """

    steps: AnyFloatArray
    series: dict[str, AnyFloatArray]
    inspections: dict[str, list[tuple[int, float]]]


class PointGan:
    """A generator and a critic of dense layers, and real points (n, dimensions) to learn.

    Raises
    ------
    ConfigError
        The points are no finite table, or a remedy does not go with the objective or the settings.
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
        rules = GameRules(objective, remedies)
        _refuse_dropout(settings, remedies)
        use_device("auto")
        self.settings, self.objective, self.seed = settings, objective, seed
        dimensions = points.shape[1]
        self.points = tf.constant(points, tf.float32)
        self._sizes = settings.latent, *settings.generator, dimensions
        self.generator = _generator(self._sizes, seed, settings.generator_units)
        self.critic = POINT_CRITICS[objective.critic](
            (dimensions, *settings.critic),
            seed,
            remedies,
            units=settings.critic_units,
            dropout=settings.critic_dropout,
        )
        weights = self.generator.trainable_variables
        self.game = Game(weights, self.critic, rules, settings.rates, BETAS)
        self.average = WeightAverage(weights, settings.average)
        self._extra = tf.Variable(
            seed.integer("tensorflow", 1), trainable=False
        )  # seed of the noise of further generator steps

    def restart(self, seed: Seed) -> None:
        """Forget the training and begin with another seed. The compiled step stays.

        Compilation takes longer than many a training.
        """
        self.seed = seed
        self._extra.assign(seed.integer("tensorflow", 1))
        fresh = _generator(self._sizes, seed, self.settings.generator_units)
        self.generator.set_weights(fresh.get_weights())
        self.critic.restart(seed)
        self.game.restart()
        self.average.restart()

    def train(
        self,
        inspect: Callable[[PointGan], Mapping[str, float]] | None = None,
        interval: int = 1000,
    ) -> PointHistory:
        """Train for all steps.

        Parameters
        ----------
        inspect : function of this GAN, optional
            Returns numbers by name for the history. It runs every `interval` steps and at the end.
        interval : int
            A multiple of 100 steps.
        """
        settings = self.settings
        rows: list[dict[str, float]] = []
        inspections: dict[str, list[tuple[int, float]]] = {}
        for first in range(0, settings.steps, _CHUNK):
            _cool(self.game, settings, first / settings.steps)
            reached = min(first + _CHUNK, settings.steps)
            key = tf.constant([self.seed.integer("tensorflow"), first])
            metrics = self._many(key, reached - first)
            rows.append({name: float(value) for name, value in metrics.items()})
            if inspect is not None and (reached % interval == 0 or reached == settings.steps):
                for name, value in inspect(self).items():
                    inspections.setdefault(name, []).append((reached, value))
        steps = np.minimum(np.arange(1, len(rows) + 1) * _CHUNK, settings.steps)
        series = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        return PointHistory(steps, series, inspections)

    def generate(self, n: int, stream: int = 0) -> Float32Array:
        """Return fakes (n, dimensions) of the averaged generator."""
        shape = n, self.settings.latent
        noise = self.seed.stream("latent", stream).uniform(-1, 1, shape).astype(np.float32)
        self.average.exchange()  # with a decay of 0 the average is the weights themselves
        fakes: Float32Array = self.generator(noise).numpy()
        self.average.exchange()
        return fakes

    def probability(self, points: AnyFloatArray) -> Float32Array:
        """Return D(x), the critic's probability that points (n, dimensions) are real, shape (n,).

        It is σ of the score. A critic with dropout leaves out other units in each call here, too.
        """
        return _probabilities(self.game, points)

    @tf.function(jit_compile=True)
    def _many(self, key: Tensor, count: int) -> dict[str, Tensor]:
        """Take a hundred steps, or the last ones. Return the means of their metrics."""
        total = {name: tf.constant(0.0) for name in self._metrics()}
        for step in tf.range(count):
            metrics = self._round(tf.stack([key[0], key[1] + step]))
            total = {name: total[name] + value for name, value in metrics.items()}
        return {name: value / count for name, value in total.items()}

    def _metrics(self) -> list[str]:
        """Return the names of the metrics of a round. The loop of rounds needs them before it."""
        return list(self._round.get_concrete_function(_KEY).structured_outputs)

    @tf.function(autograph=False)  # traced and compiled once; its loops are those of Python
    def _round(self, key: Tensor) -> dict[str, Tensor]:
        """Take the critic's steps, then the generator's, each with its own points and noise."""
        metrics: dict[str, Tensor] = {}
        count = self.objective.critic_steps
        for number in range(count):
            real, fake = self._real(key, 6 * number), self._fake(key, 6 * number + 2)
            mixing = uniform((self.settings.batch, 1), key, 6 * number + 4)
            metrics = self.game.critic_step(real, fake, mixing)
        if self.settings.generator_steps > 1:
            self._stale_steps(key)
        real = self._real(key, 6 * count)
        metrics |= self.game.generator_step(real, lambda: self._fake(key, 6 * count + 2))
        self.average.follow()
        return metrics | {
            "D(x)": self._probability(real),
            "D(G(z))": self._probability(self._fake(key, 6 * count + 2)),
        }

    def _stale_steps(self, key: Tensor) -> None:
        """Take all generator steps of a round except for the last. The critic stays the same."""
        count = self.settings.generator_steps

        def play(number: Tensor) -> Tensor:
            place = tf.stack([self._extra, key[1] * count + number])
            self.game.generator_step(self._real(place, 0), partial(self._fake, place, 2))
            return number + 1

        tf.while_loop(lambda number: number < count, play, [tf.constant(1)])

    def _probability(self, points: Tensor) -> Tensor:
        return tf.reduce_mean(tf.sigmoid(self.game.score(points)))

    def _real(self, key: Tensor, place: int) -> Tensor:
        some = _some(self.points, self.settings.batch, key, place)
        return self.game.blurred(some, key, place + 1)

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
    """Train a critic on real and fake points (n, dimensions) that never change.

    Returns
    -------
    function
        D(x): points (n, dimensions) → probabilities (n,).
    """
    use_device("auto")
    of_real, of_fake = (tf.constant(values, tf.float32) for values in (real, fake))
    critic = PointCritic((real.shape[1], *settings.critic), seed)
    game = Game([tf.Variable(0.0)], critic, GameRules(objective), settings.rates, BETAS)

    @tf.function(jit_compile=True)
    def many(key: Tensor, count: int) -> None:
        for step in tf.range(count):
            now = tf.stack([key[0], key[1] + step])
            some, others = (
                _some(of_real, settings.batch, now, 0),
                _some(of_fake, settings.batch, now, 1),
            )
            game.critic_step(some, others, uniform((settings.batch, 1), now, 2))

    for first in range(0, settings.steps, _CHUNK):
        _cool(game, settings, first / settings.steps)
        many(tf.constant([seed.integer("tensorflow"), first]), min(_CHUNK, settings.steps - first))
    return partial(_probabilities, game)


def _refuse_dropout(settings: PointSettings, remedies: Remedies) -> None:
    others = [remedy.kind for remedy in remedies if not remedy.allows_dropout]
    if settings.critic_dropout and others:
        allowed = f"0 with {', '.join(others)}, which would leave out the same units in each step"
        raise ConfigError("points", "critic_dropout", settings.critic_dropout, allowed)


def _probabilities(game: Game, points: AnyFloatArray) -> Float32Array:
    return np.asarray(tf.sigmoid(game.score(tf.constant(points, tf.float32)))[:, 0])


def _some(points: Tensor, count: int, key: Tensor, place: int) -> Tensor:
    """Draw points with replacement."""
    return tf.gather(points, tf.cast(uniform((count,), key, place) * points.shape[0], tf.int32))


def _cool(game: Game, settings: PointSettings, share: float) -> None:
    """Set the learning rates and the remaining share of the training."""
    game.remaining.assign(1 - share)
    for optimizer, rate in zip(game.optimizers.values(), settings.rates, strict=True):
        optimizer.learning_rate.assign(rate * settings.cooling**share)


def _generator(sizes: tuple[int, ...], seed: Seed, units: str) -> keras.Model:
    """Return the network from noise of the first size to points of the last size."""
    body = dense(sizes[:-1], seed, 1, units)
    last = layers.Dense(sizes[-1], kernel_initializer=he_normal(seed, 1, len(sizes) - 2))
    return keras.Model(body.inputs[0], last(body.outputs[0]))
