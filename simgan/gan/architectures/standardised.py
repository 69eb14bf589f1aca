"""Generators whose returns get the moments of the sample by a shift and a gain."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.gan.architectures import Generator, ReplicaMoments, rows, stacked
from simgan.gan.noise import normal
from simgan.gan.series import TrainingSeries
from simgan.recipe.tensors import Tensor

# Free runs that set shift and gain, in days.
_PATHS, _RUN_IN, _MEASURED, _ROUNDS = 512, 100, 200, 3


def dense(values: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Return W x + b for each of the last axis: (…, inputs) → (…, outputs).

    It is one product of matrices, because XLA is slow at many small ones.
    """
    product = tf.reshape(values, (-1, kernel.shape[0])) @ kernel
    return tf.reshape(product, (*values.shape[:-1], kernel.shape[1])) + bias


class Standardised(Generator):
    """r = a + b y with y from a network.

    Shift a and gain b give free-running paths the sample's mean and variance.
    """

    plausible = (1e-4, 1e4)

    def standardised(self, output: Tensor) -> Tensor:
        """Return a + b y."""
        return self.table["shift"] + self.table["gain"] * output

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """Weights by He et al. (2015), biases of zero, a gain of one."""
        if name == "gain":
            return 1.0
        if not shape or name == "shift" or "bias" in name:
            return 0.0
        fan_in = shape[-2] if len(shape) > 1 else shape[0]
        return np.sqrt(2.0 / fan_in) * rng.standard_normal(shape)

    def estimate(self, series: TrainingSeries, days: int) -> None:
        """Set shift and gain by short free runs from days of the history.

        Every generator gets the same noise.
        """
        wanted = ReplicaMoments.of(series.scaled[:days])
        starts = np.linspace(series.first_day, days - 1, _PATHS).astype(int)
        memory = tf.constant(series.memories[starts][None])
        for number in range(_ROUNDS):
            paths, memory = self._free_run(memory, tf.constant([0, number]))
            values = np.moveaxis(paths.numpy(), -1, 1)[..., _RUN_IN:].astype(np.float64)
            shape = values.shape[:2]  # replicas, assets
            values = values.reshape(-1, *values.shape[2:])
            mean, variance = values.mean(axis=(1, 2)), values.var(axis=(1, 2))
            found = ReplicaMoments(mean.reshape(shape), variance.reshape(shape))
            memory = tf.constant(self.correct(found, wanted, memory.numpy()))

    def correct(
        self, found: ReplicaMoments, wanted: ReplicaMoments, pool: Float32Array
    ) -> Float32Array:
        """Correct shift and gain.

        The variance becomes exact. The mean does so only where returns do not act on later ones,
        hence several rounds.
        """
        ratio = (found.variance[0] / wanted.variance).mean()
        self.refuse_implausible(ratio)
        shift, gain = float(self.table["shift"]), float(self.table["gain"])
        changed = gain / np.sqrt(ratio)
        moved = (wanted.mean - changed * (found.mean[0] - shift) / gain).mean()
        self.assign({"shift": moved, "gain": changed})
        return pool

    @tf.function(jit_compile=True, autograph=False)
    def _free_run(self, memory: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        return self.roll(
            memory, normal((_RUN_IN + _MEASURED, 1, _PATHS, self.blueprint.latent), key, 0)
        )


class Autoregressive(Standardised):
    """A generator that makes a day from the memory before it, and the memory from the day.

    Its network reads earlier days in units of the gain, so that free runs scale with the gain
    exactly. Otherwise a gain slightly too small would make days that are remembered as calm, which
    make still calmer days. Corrections would overshoot and diverge.
    """

    def output(self, memory: Tensor, noise: Tensor) -> Tensor:
        """Return y (R, n) of the day after memories (R, n, W) from normals (R, n, latent)."""
        raise NotImplementedError

    def remember(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Return the memory (…, W) after one more scaled return (…)."""
        raise NotImplementedError

    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        steps, replicas, paths, _ = noise.shape
        shape, assets = memory.shape, memory.shape[2]
        normals = tf.reshape(noise, (steps, replicas, paths * assets, -1))
        out = tf.TensorArray(tf.float32, steps, element_shape=(replicas, paths * assets))

        def body(t: Tensor, memory: Tensor, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            scaled = self.standardised(self.output(memory, normals[t]))
            return t + 1, self.remember(memory, scaled), out.write(t, scaled)

        _, memory, out = tf.while_loop(
            lambda t, *_: t < steps, body, (0, rows(memory), out), maximum_iterations=steps
        )
        return stacked(out.stack(), assets), tf.reshape(memory, shape)
