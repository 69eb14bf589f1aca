"""The contract of a generator: what training asks of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array, FloatArray
from simgan.errors import TrainingDiverged
from simgan.gan.innovations import Innovations
from simgan.gan.phase import NoWarmStart, Phase
from simgan.gan.series import TrainingSeries
from simgan.recipe.blueprints.base import LEVEL_FLOOR
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

Tensor = Any
_SETTLED_VARIANCE, _SETTLED_MEAN = (
    2.0,
    0.25,
)  # most that a corrected free run may be off: by this factor, by so many standard deviations


@dataclass(frozen=True)
class Moments:
    """Mean and variance of scaled returns of each replica, both (R,) or numbers."""

    mean: FloatArray
    variance: FloatArray

    @classmethod
    def of(cls, scaled: Float32Array) -> Moments:
        """Those of a sample (days,)."""
        values = scaled.astype(np.float64)
        return cls(values.mean(), values.var())


class Generator(keras.Model):
    """Memory and noise → scaled returns, for all replicas at once; weights by the names of the blueprint in `table`."""

    plausible: ClassVar[
        tuple[float, float]
    ]  # free-running variance in units of the sample's, before it is corrected

    def __init__(self, blueprint: Any, seed: Seed) -> None:
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

    @abstractmethod
    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        """Weight to begin with."""

    @abstractmethod
    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Run freely: memory (R, paths, W), normals (steps, R, paths, latent) → paths (R, paths, steps) and the memory after them."""

    @abstractmethod
    def estimate(self, series: TrainingSeries, days: int) -> Innovations | None:
        """Set from the first days of a series what no critic sets; return what was estimated with an interval."""

    @abstractmethod
    def correct(self, found: Moments, wanted: Moments, pool: Float32Array) -> Float32Array:
        """Bring free-running paths from the moments that were found to those wanted; return their memories (R, paths, W) after that."""

    def after(self, memory: Tensor, past: Tensor) -> Tensor:
        """Memory (R, paths, W) after real days (R, paths, days), of which `memory` already holds what depends on no weight."""
        return memory

    def in_regime(self, memory: Tensor, scaled: Tensor, labels: Tensor) -> Tensor:
        """Paths (R, paths, steps) after memories (R, paths, W) as they are under one-hot labels (R, paths, regimes); unknown: as they are.

        The formula is that of `simgan.recipe.blueprints.base`.
        """
        shift, scale, slope = tf.unstack(tf.einsum("rpk,rke->erp", labels, self.table["regime"]))
        sizes = 0.5 * tf.math.log(self.levels(memory, scaled) + LEVEL_FLOOR)  # (R, paths, steps)
        return shift[..., None] + tf.exp(scale[..., None] + slope[..., None] * sizes) * scaled

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Variance that is remembered before each day of paths (R, paths, steps), from memories (R, paths, W) on; by default 1."""
        return tf.ones_like(scaled)

    def along(self, known: Tensor, scaled: Tensor) -> Tensor:
        """Memory (days + 1, W) along a history of scaled returns (days,), of which `known` is what depends on no weight."""
        return known

    def tomorrow(self, memories: Tensor, count: int) -> Tensor:
        """Draws (R, days, count) of the day after each memory (R, days, W), by the same noise for each day."""
        days, replicas = memories.shape[1], self.blueprint.replicas
        noise = (
            Seed(0)
            .stream("validation")
            .standard_normal((1, replicas, 1, count, self.blueprint.latent), dtype=np.float32)
        )
        each = tf.reshape(
            tf.tile(tf.constant(noise), (1, 1, days, 1, 1)), (1, replicas, days * count, -1)
        )
        return tf.reshape(
            self.roll(tf.repeat(memories, count, 1), each)[0], (replicas, days, count)
        )

    def warm_start(self, settings: TrainingSettings) -> Phase:
        """What it learns from before any critic: by default nothing."""
        return NoWarmStart(self)

    @property
    def begins_at_random(self) -> bool:
        """Whether nothing is learned before the critic: the architecture has no warm start of its own."""
        return type(self).warm_start is Generator.warm_start

    def refuse_implausible(self, ratio: FloatArray) -> None:
        """Stop where no correction can help.

        Raises
        ------
        TrainingDiverged
            The free-running variance is far from the sample's: the recursion is close to unstable, or the generator has collapsed.
        """
        low, high = self.plausible
        if not (low < np.min(ratio) and np.max(ratio) < high):
            raise TrainingDiverged(
                f"free-running paths have {np.max(ratio):.3g} times the variance of the history, so no model was saved; "
                "try another --seed or a smaller --set rate"
            )

    def refuse_unsettled(self, found: Moments, wanted: Moments) -> None:
        """Stop where free runs do not have the moments they were corrected to: they are not of one kind, or change for ever.

        Raises
        ------
        TrainingDiverged
            Names both moments.
        """
        ratio, off = (
            found.variance / wanted.variance,
            np.abs(found.mean - wanted.mean) / np.sqrt(wanted.variance),
        )
        if not (
            np.min(ratio) > 1 / _SETTLED_VARIANCE
            and np.max(ratio) < _SETTLED_VARIANCE
            and np.max(off) < _SETTLED_MEAN
        ):
            worst = ratio[np.argmax(np.abs(np.log(ratio)))]
            raise TrainingDiverged(
                f"free-running paths do not settle: corrected to the moments of the history, they have {worst:.3g} "
                f"times its variance, and a mean {np.max(off):.3g} standard deviations away, so no model was saved; "
                "try another --seed or a smaller --set rate"
            )

    def fresh(self, seed: Seed) -> dict[str, Float32Array]:
        """Return weights to begin with, by name."""
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
        """The memories (days, W) of a history as every replica sees them, (R, days, W)."""
        return tf.tile(memories[None], (self.blueprint.replicas, 1, 1))

    def values(self) -> dict[str, Float32Array]:
        """Copy of all weights by name."""
        return {name: np.asarray(variable.numpy()) for name, variable in self.table.items()}

    def estimates(self) -> dict[str, Float32Array]:
        """Copy of the weights that estimators set."""
        return {name: np.asarray(self.table[name].numpy()) for name in self.blueprint.estimated}

    def assign(self, values: Mapping[str, Float32Array]) -> None:
        """Set weights by name."""
        for name, value in values.items():
            self.table[name].assign(value)
