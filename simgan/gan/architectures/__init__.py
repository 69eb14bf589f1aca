"""Family of generators as Keras models, one for each blueprint: contract, table, memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.errors import TrainingDiverged
from simgan.gan.innovations import Innovations
from simgan.gan.series import Lesson, Phase, TrainingSeries
from simgan.market.memory import Memory
from simgan.recipe.blueprints import LEVEL_FLOOR
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import TrainingSettings
from simgan.registry import Entry, Registry
from simgan.risk.scores import crps
from simgan.seeds import Seed
from simgan.stats.moments import share_still

_SETTLED_VARIANCE = 2.0  # largest factor by which the variance of a corrected free run may be off
_SETTLED_MEAN = 0.25  # largest distance of its mean, in standard deviations
_TINY = 1e-12  # keeps the gradient of a root at zero finite
_REMEDIES = {  # by whether a likelihood trains the architecture
    True: "so no model was saved; try another --seed, or more steps with --set warm_steps",
    False: "so no model was saved; try another --seed or a smaller --set rate",
}


@dataclass(frozen=True)
class ReplicaMoments:
    """Mean and variance of scaled returns, (R, assets) of free runs or (assets,) of a sample.

    `still` is the share of returns that are 0.
    """

    mean: FloatArray
    variance: FloatArray
    still: float = 0.0

    @classmethod
    def of(cls, scaled: Float32Array) -> ReplicaMoments:
        """Return the moments of a sample (days, assets)."""
        values = np.ascontiguousarray(scaled.T).astype(np.float64)
        return cls(values.mean(axis=-1), values.var(axis=-1), share_still(values))

    @classmethod
    def mean_of(cls, runs: Sequence[ReplicaMoments]) -> ReplicaMoments:
        """Return the mean of each moment over runs."""
        means, variances, still = zip(
            *((run.mean, run.variance, run.still) for run in runs), strict=True
        )
        return cls(np.mean(means, axis=0), np.mean(variances, axis=0), float(np.mean(still)))


class Generator(keras.Model):
    """Memory and noise → scaled returns, for all replicas at once.

    `table` holds the weights by the names of the blueprint. All assets share them.
    """

    plausible: ClassVar[tuple[float, float]]  # uncorrected variance, in units of the sample's

    def __init__(self, blueprint: Tensor, seed: Seed) -> None:
        super().__init__(name="generator")
        self.blueprint = blueprint
        self.table = {
            name: self.add_weight(
                shape=shape,
                name=name,
                trainable=name not in blueprint.estimated,
                initializer="zeros",
            )
            for name, shape in blueprint.shapes().items()
        }
        self.assign(self.fresh(seed))

    @property
    def replicas(self) -> int:
        """Number R of models in the mixture."""
        return int(self.blueprint.replicas)

    @abstractmethod
    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """Return the first value of a weight."""

    @abstractmethod
    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Run freely.

        Parameters
        ----------
        memory : tensor of shape (R, paths, assets, W)
        noise : tensor of shape (steps, R, paths, latent)
            Normals. The last axis holds those of all assets, one asset after the other.

        Returns
        -------
        paths : tensor of shape (R, paths, steps, assets)
        memory : tensor of shape (R, paths, assets, W)
            The memory after the last step.
        """

    @abstractmethod
    def estimate(self, series: TrainingSeries, days: int) -> Innovations | None:
        """Set the estimated weights from the first days. Return those with intervals."""

    @abstractmethod
    def correct(
        self, found: ReplicaMoments, wanted: ReplicaMoments, pool: Float32Array
    ) -> Float32Array:
        """Move free-running paths from the found moments to the wanted ones.

        Returns
        -------
        array of shape (R, paths, assets, W)
            The pool as it is after the correction.
        """

    def without_jumps(self, scaled: Float32Array, estimated: Innovations | None) -> Float32Array:
        """Return the scaled returns (days, assets) whose moments free runs are corrected to."""
        return scaled

    def set_jumps(self, scaled: Float32Array, estimated: Innovations | None) -> None:
        """Set the weights that no correction changes, from returns (days, assets)."""

    def after(self, memory: Tensor, past: Tensor) -> Tensor:
        """Return the memory after real days (R, paths, days, assets).

        `memory` (R, paths, assets, W) already holds everything that depends on no weight.
        """
        return memory

    def in_regime(self, memory: Tensor, scaled: Tensor, labels: Tensor) -> Tensor:
        """Return paths (R, paths, steps, assets) under one-hot labels (R, paths, regimes).

        Paths without a label stay the same. The memories (R, paths, assets, W) stand before the
        paths. The formula is that of `simgan.recipe.blueprints`.
        """
        effects = tf.einsum("rpk,rke->erp", labels, self.table["regime"])
        shift, scale, slope = (effect[..., None, None] for effect in tf.unstack(effects))
        sizes = 0.5 * tf.math.log(self.levels(memory, scaled) + LEVEL_FLOOR)
        return tf.where(scaled == 0.0, 0.0, shift + tf.exp(scale + slope * sizes) * scaled)

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Return the remembered variance before each day of paths, 1 by default.

        Memories have shape (R, paths, assets, W), paths and levels (R, paths, steps, assets).
        """
        return tf.ones_like(scaled)

    def along(self, known: Tensor, scaled: Tensor) -> Tensor:
        """Return the memories (days + 1, assets, W) along a history (days, assets).

        `known` is the part of them that depends on no weight.
        """
        return known

    def tomorrow(self, memories: Tensor, count: int) -> Tensor:
        """Return draws (R, days, count, assets) of the day after each memory.

        The memories have shape (R, days, assets, W). Each day has the same noise.
        """
        days, replicas, assets = memories.shape[1], self.replicas, memories.shape[2]
        noise = (
            Seed(0)
            .stream("validation")
            .standard_normal((1, replicas, 1, count, self.blueprint.latent), dtype=np.float32)
        )
        each = tf.reshape(
            tf.tile(tf.constant(noise), (1, 1, days, 1, 1)), (1, replicas, days * count, -1)
        )
        drawn = self.roll(tf.repeat(memories, count, 1), each)[0]
        return tf.reshape(drawn, (replicas, days, count, assets))

    @staticmethod
    def law_score(drawn: AnyFloatArray, realized: AnyFloatArray) -> FloatArray:
        """Return the CRPS (days,) of outcomes (days,) from the draws (days, count) of `tomorrow`.

        The default is made for independent draws.
        """
        return crps(drawn, realized)

    def warm_start(self, settings: TrainingSettings) -> Phase:
        """Return the phase before the critic. By default it learns nothing."""
        return NoWarmStart(self)

    @property
    def begins_at_random(self) -> bool:
        """Whether the critic is the first to train the weights, without a warm start."""
        return type(self).warm_start is Generator.warm_start

    def refuse_implausible(self, ratio: FloatArray) -> None:
        """Stop where no correction can help.

        Raises
        ------
        TrainingDiverged
            The free-running variance is far from the sample's. The recursion is close to unstable,
            or the generator has collapsed.
        """
        low, high = self.plausible
        if not (low < np.min(ratio) and np.max(ratio) < high):
            raise TrainingDiverged(
                f"free-running paths have {np.max(ratio):.3g} times the variance of the history, "
                f"{_REMEDIES[self.blueprint.has_likelihood]}"
            )

    def refuse_unsettled(self, found: ReplicaMoments, wanted: ReplicaMoments) -> None:
        """Stop where corrected free runs do not have the moments they were corrected to.

        Raises
        ------
        TrainingDiverged
            Names both moments.
        """
        ratio = found.variance / wanted.variance
        off = np.abs(found.mean - wanted.mean) / np.sqrt(wanted.variance)
        low, high = 1 / _SETTLED_VARIANCE, _SETTLED_VARIANCE
        if not (np.min(ratio) > low and np.max(ratio) < high and np.max(off) < _SETTLED_MEAN):
            worst = ratio.flat[np.argmax(np.abs(np.log(ratio)))]
            raise TrainingDiverged(
                "free-running paths do not settle: corrected to the moments of the history, they "
                f"have {worst:.3g} times its variance, and a mean {np.max(off):.3g} standard "
                f"deviations away, {_REMEDIES[self.blueprint.has_likelihood]}"
            )

    def fresh(self, seed: Seed) -> dict[str, Float32Array]:
        """Return the first weights by name."""
        shapes, every = self.blueprint.network().items(), self.blueprint.shapes()
        return {
            name: np.asarray(
                np.broadcast_to(
                    self.start_value(name, shape, seed.stream("weights", number)), shape
                ),
                np.float32,
            )
            for number, (name, shape) in enumerate(shapes)
        } | {
            name: np.zeros(shape, np.float32)
            for name, shape in every.items()
            if name not in dict(shapes)
        }

    def of_history(self, memories: Tensor) -> Tensor:
        """Return memories (days, assets, W) for each replica, (R, days, assets, W)."""
        return tf.tile(memories[None], (self.replicas, 1, 1, 1))

    def values(self) -> dict[str, Float32Array]:
        """Return a copy of all weights by name."""
        return {name: np.asarray(variable.numpy()) for name, variable in self.table.items()}

    def estimates(self) -> dict[str, Float32Array]:
        """Return a copy of the estimated weights."""
        return {
            name: np.asarray(variable.numpy())
            for name, variable in self.table.items()
            if name in self.blueprint.estimated
        }

    def assign(self, values: Mapping[str, Float32Array]) -> None:
        """Set weights by name."""
        for name, value in values.items():
            self.table[name].assign(value)


class NoWarmStart:
    """A phase in which nothing is learned: the critic begins with a fresh generator."""

    name = "warm start"
    steps = 0

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def begin(self, lesson: Lesson) -> None:
        self._generator.assign(lesson.start)

    def variables(self) -> list[tf.Variable]:
        return []

    def step(self, number: int) -> dict[str, float]:
        return {}

    def finish(self) -> None:
        return


def rows(values: Tensor) -> Tensor:
    """Return (R, paths, assets, …) as (R, paths · assets, …). To many formulas both are alike."""
    return tf.reshape(
        values, (values.shape[0], values.shape[1] * values.shape[2], *values.shape[3:])
    )


def stacked(days: Tensor, assets: int) -> Tensor:
    """Return days (steps, R, paths · assets) as paths (R, paths, steps, assets)."""
    steps, replicas, _ = days.shape
    return tf.transpose(tf.reshape(days, (steps, replicas, -1, assets)), (1, 2, 0, 3))


class VolatilityMemory:
    """The memory of `simgan.market.memory` with constants that are tensors."""

    def __init__(self, memory: Memory) -> None:
        self._kinds = len(memory.half_lives), len(memory.trends), 1 + memory.ranges
        self._guard, self._squares, self._fast = memory.guard, memory.squares, memory.fast
        self._decay = tf.constant(memory.decay)  # (W,)
        self._trend_scale = tf.constant(memory.trend_scale)  # (J,)

    def squares(self, memory: Tensor) -> Tensor:
        """Return the part of a memory that holds squares and ranges, (…, 2K) or (…, 4K)."""
        return memory[..., : self._squares]

    def trends(self, memory: Tensor) -> Tensor:
        """Return m / c, the part (…, J) with signed returns, in standard deviations."""
        return memory[..., self._squares :] / self._trend_scale

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Return the mean of the faster half of the q_k before each day of paths.

        The shapes are those of `Generator.levels`.
        """
        replicas, paths, steps, assets = scaled.shape
        days = tf.reshape(tf.transpose(scaled, (2, 0, 1, 3)), (steps, replicas, paths * assets))
        found = tf.TensorArray(tf.float32, steps, element_shape=(replicas, paths * assets))

        def body(t: Tensor, memory: Tensor, found: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            level = tf.reduce_mean(memory[..., : self._fast], -1)
            return t + 1, self.next(memory, days[t]), found.write(t, level)

        _, _, found = tf.while_loop(
            lambda t, *_: t < steps, body, (0, rows(memory), found), maximum_iterations=steps
        )
        return stacked(found.stack(), assets)

    def next(self, memory: Tensor, scaled: Tensor, ranges: Tensor | None = None) -> Tensor:
        """Return the memory (…, W) after one more scaled return (…) and its scaled range (…).

        Without a range, the square of the return takes its place.
        """
        count, trends, kinds = self._kinds
        falls = 2.0 * tf.cast(scaled < 0, tf.float32)[..., None]
        squares, arriving = scaled * scaled, []
        for kind, size in enumerate((squares, squares if ranges is None else ranges)[:kinds]):
            slow = 2 * count * kind + count // 2
            guard = self._guard * tf.reduce_mean(memory[..., slow : 2 * count * kind + count], -1)
            news = tf.minimum(size, guard)[..., None]
            arriving += [news * tf.ones(count), falls * news * tf.ones(count)]
        signed = tf.sign(scaled)[..., None] * tf.sqrt(arriving[0][..., :1] + _TINY)
        arriving = tf.concat([*arriving, signed * tf.ones(trends)], -1)
        return self._decay * memory + (1.0 - self._decay) * arriving


ARCHITECTURES: Registry[Generator] = Registry(
    "architecture",
    {
        "state-space": Entry("simgan.gan.architectures.state_space:StateSpaceGenerator"),
        "mlp": Entry("simgan.gan.architectures.mlp:MlpGenerator"),
        "recurrent": Entry("simgan.gan.architectures.recurrent:RecurrentGenerator"),
        "tcn": Entry("simgan.gan.architectures.tcn:TcnGenerator"),
    },
)
