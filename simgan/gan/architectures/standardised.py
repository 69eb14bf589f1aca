"""Generators whose returns are brought to the moments of the sample by a shift and a gain."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.gan.architectures.base import Generator, Moments
from simgan.gan.noise import normal
from simgan.gan.series import TrainingSeries

Tensor = Any
_PATHS, _RUN_IN, _MEASURED, _ROUNDS = (
    512,
    100,
    200,
    3,
)  # of the free runs that set shift and gain, in days


def dense(values: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """W x + b for each of the last axis: (…, inputs) → (…, outputs). One product of matrices: XLA is slow at many small ones."""
    product = tf.reshape(values, (-1, kernel.shape[0])) @ kernel
    return tf.reshape(product, (*values.shape[:-1], kernel.shape[1])) + bias


class Standardised(Generator):
    """r = a + b y: the network gives y, and a and b are set so that free-running paths have the sample's mean and variance."""

    plausible = (1e-4, 1e4)

    def standardised(self, output: Tensor) -> Tensor:
        """A + b y."""
        return self.table["shift"] + self.table["gain"] * output

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        """Weights by He et al. (2015), no biases, a gain of one; what has another start says so before."""
        if name == "gain":
            return 1.0
        if not shape or name == "shift" or "bias" in name:
            return 0.0
        fan_in = shape[-2] if len(shape) > 1 else shape[0]
        return np.sqrt(2.0 / fan_in) * rng.standard_normal(shape)

    def estimate(self, series: TrainingSeries, days: int) -> None:
        """Set shift and gain by short free runs from days of the history, with the same noise for every generator."""
        wanted = Moments.of(series.scaled[:days])
        memory = tf.constant(
            series.memories[np.linspace(series.first_day, days - 1, _PATHS).astype(int)][None]
        )
        for number in range(_ROUNDS):
            paths, memory = self._free_run(memory, tf.constant([0, number]))
            values = paths.numpy()[..., _RUN_IN:].astype(np.float64)
            memory = tf.constant(
                self.correct(
                    Moments(values.mean(axis=(1, 2)), values.var(axis=(1, 2))),
                    wanted,
                    memory.numpy(),
                )
            )

    def correct(self, found: Moments, wanted: Moments, pool: Float32Array) -> Float32Array:
        """Exact for the variance; for the mean only where returns do not act on later ones: there are several rounds."""
        ratio = found.variance[0] / wanted.variance
        self.refuse_implausible(ratio)
        shift, gain = float(self.table["shift"]), float(self.table["gain"])
        changed = gain / np.sqrt(ratio)
        self.assign(
            {"shift": wanted.mean - changed * (found.mean[0] - shift) / gain, "gain": changed}
        )
        return pool

    @tf.function(jit_compile=True)
    def _free_run(self, memory: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        return self.roll(
            memory, normal((_RUN_IN + _MEASURED, 1, _PATHS, self.blueprint.latent), key, 0)
        )


class Autoregressive(Standardised):
    """A generator that makes a day from the memory before it, and the memory from the day.

    Its network sees the days before in units of the gain, so that free runs scale with the gain exactly. Had it seen them as they are, a
    gain that is a little too small would make days that are remembered as calm, and so calmer days: corrections overshoot, and diverge.
    """

    def output(self, memory: Tensor, noise: Tensor) -> Tensor:
        """The network's y (R, paths) of the day after memory (R, paths, W) from normals (R, paths, latent)."""
        raise NotImplementedError

    def remember(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Memory (…, W) after one more scaled return (…)."""
        raise NotImplementedError

    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        steps, replicas, paths, _ = noise.shape
        out = tf.TensorArray(tf.float32, steps, element_shape=(replicas, paths))

        def body(t: Tensor, memory: Tensor, out: Any) -> tuple[Tensor, Tensor, Any]:
            scaled = self.standardised(self.output(memory, noise[t]))
            return t + 1, self.remember(memory, scaled), out.write(t, scaled)

        _, memory, out = tf.while_loop(
            lambda t, *_: t < steps, body, (0, memory, out), maximum_iterations=steps
        )
        return tf.transpose(out.stack(), (1, 2, 0)), memory
