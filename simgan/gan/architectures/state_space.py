"""The state-space generator as a Keras model; `simgan.bundle.blueprints.StateSpace` has its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.bundle.blueprints import StateSpace
from simgan.seeds import Seed

Tensor = Any

MAX_TUKEY = 0.35  # h < ½ keeps the variance finite
_RATIO_FLOOR = 0.01  # keeps the logarithm of a memory near zero finite
_NO_TAIL_MAP = np.array([[1e3, 0.1, 1.0, 0.1, 1.0]] * 2, np.float32)  # thresholds that are never reached


class StateSpaceGenerator(keras.Model):
    """G(z, memory) → the next scaled return, and its roll-out over many days."""

    def __init__(self, blueprint: StateSpace, seed: Seed) -> None:
        super().__init__(name="generator")
        self.blueprint = blueprint
        self._decay = tf.constant(np.tile(blueprint.memory.decay, 2))  # (2K,)
        self.table = {}
        for number, (name, shape) in enumerate(blueprint.shapes().items()):
            start = _start_value(name, shape, seed.integer("weights", number))
            self.table[name] = self.add_weight(
                shape=shape, name=name, trainable=name not in ("long_run", "tails"), initializer=lambda shape, dtype, start=start: start
            )

    def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        """Return the next scaled return (paths, 1) from memory (paths, 2K) and latent (paths, latent)."""
        memory, latent = inputs
        location, spread, raw = self.parts(memory, latent)
        return location + spread * self.map_tails(raw)

    def parts(self, memory: Tensor, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return drift (), spread σ (paths, 1) and innovation before the tail map (paths, 1)."""
        w = self.table
        mix = tf.nn.softmax(w["mix"])
        variance = mix[0] * w["long_run"] + tf.linalg.matvec(memory, mix[1:])[:, None]  # (paths, 1)
        ratios = 0.5 * tf.math.log((memory + _RATIO_FLOOR * variance) / variance)  # (paths, 2K), free of scale
        hidden = _leaky(ratios @ w["volatility_in"] + w["volatility_in_bias"])
        correction = self.blueprint.correction * tf.tanh(hidden @ w["volatility_out"] + w["volatility_out_bias"])
        spread = soft_minimum(variance * tf.exp(2.0 * (correction + w["log_scale"])), self.blueprint.ceiling * w["long_run"])
        hidden = _leaky(tf.concat([ratios, latent], 1) @ w["bend_in"] + w["bend_in_bias"])
        hidden = _leaky(hidden @ w["bend_mid"] + w["bend_mid_bias"])
        bend = self.blueprint.bend * tf.tanh(hidden @ w["bend_out"] + w["bend_out_bias"])
        return w["drift"], spread, two_sided_tukey(latent[:, :1], w["tukey"]) + bend

    def map_tails(self, innovation: Tensor) -> Tensor:
        """Map what lies beyond either threshold from its own generalised Pareto tail to the estimated one."""
        low, high = tf.unstack(self.table["tails"])
        above = tf.nn.relu(innovation - high[0])
        below = tf.nn.relu(-innovation - low[0])
        return innovation + (pareto_map(above, high) - above) - (pareto_map(below, low) - below)

    def remember(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Memory after one more scaled return, as `simgan.market.memory.Memory.next`."""
        count = len(self.blueprint.half_lives)
        guard = self.blueprint.guard * tf.reduce_mean(memory[:, count // 2 : count], 1, keepdims=True)
        news = tf.minimum(scaled * scaled, guard)  # (paths, 1)
        fallen = 2.0 * news * tf.cast(scaled < 0, tf.float32)
        ones = tf.ones((1, count))
        arriving = tf.concat([news * ones, fallen * ones], 1)
        return self._decay * memory + (1.0 - self._decay) * arriving

    def roll(self, memory: Tensor, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Run freely: latent (steps, paths, latent) → paths (paths, steps) and the memory after them."""
        steps = latent.shape[0]
        out = tf.TensorArray(tf.float32, steps, element_shape=(latent.shape[1], 1))

        def body(t: Tensor, memory: Tensor, out: Any) -> tuple[Tensor, Tensor, Any]:
            scaled = self((memory, latent[t]))
            return t + 1, self.remember(memory, scaled), out.write(t, scaled)

        _, memory, out = tf.while_loop(lambda t, *_: t < steps, body, (0, memory, out), maximum_iterations=steps)
        return tf.transpose(out.stack()[:, :, 0]), memory

    def values(self) -> dict[str, Float32Array]:
        """Copy of all weights by name."""
        return {name: np.asarray(variable.numpy()) for name, variable in self.table.items()}

    def begin_with(self, values: Mapping[str, Float32Array]) -> None:
        """Set the weights that training changes to those of another model; tails and long run are set by what comes after training."""
        for name, value in values.items():
            if self.table[name].trainable:
                self.table[name].assign(value)

    def assign(self, values: dict[str, Float32Array]) -> None:
        """Set weights by name."""
        for name, value in values.items():
            self.table[name].assign(value)


def two_sided_tukey(normal: Tensor, tukey: Tensor) -> Tensor:
    """Standardised two-sided Tukey h variable u·exp(h u²/2), with its own h for u < 0 and u ≥ 0 (tail index 1/h).

    The exact first two moments are those of Headrick, Kowalchuk & Sheng (2008), "Parametric probability densities and distribution
    functions for Tukey g-and-h transformations", for g = 0.
    """
    h = tf.minimum(tf.nn.softplus(tukey), MAX_TUKEY)
    heavy = normal * tf.exp(0.5 * tf.where(normal < 0, h[0], h[1]) * normal * normal)
    mean = (1.0 / (1.0 - h[1]) - 1.0 / (1.0 - h[0])) / np.sqrt(2.0 * np.pi).astype(np.float32)
    second = 0.5 * tf.reduce_sum((1.0 - 2.0 * h) ** -1.5)
    return (heavy - mean) / tf.sqrt(second - mean * mean)


def soft_minimum(variance: Tensor, bound: Tensor) -> Tensor:
    """Standard deviation that follows the variance while it is small and never exceeds that of the bound."""
    return tf.sqrt(variance / tf.sqrt(1.0 + (variance / bound) ** 2))


def pareto_map(excess: Tensor, row: Tensor) -> Tensor:
    """Excess ≥ 0 of one generalised Pareto law to that of another with the same tail probability."""
    _, shape_from, scale_from, shape_to, scale_to = tf.unstack(row)
    log_survival = tf.math.log1p(shape_from * excess / scale_from) / shape_from  # −log P(X > excess)
    return scale_to * tf.math.expm1(shape_to * log_survival) / shape_to


def _leaky(values: Tensor) -> Tensor:
    return tf.nn.leaky_relu(values, 0.2)


def _start_value(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """Start at a multi-scale GJR recursion with nearly normal innovations and no neural part."""
    if name == "mix":
        count = (shape[0] - 1) // 2
        centre = np.exp(-0.5 * ((np.arange(count) - 0.4 * count) / (0.25 * count)) ** 2)
        shares = np.concatenate([[0.05], 0.75 * centre / centre.sum(), 0.2 * np.linspace(1, 0.2, count) / (0.6 * count)])
        return tf.constant(np.log(shares), tf.float32)
    if name == "tukey":
        return tf.constant(np.log(np.expm1([0.08, 0.06])), tf.float32)
    if name == "tails":
        return tf.constant(_NO_TAIL_MAP)
    if name in ("drift", "log_scale", "long_run"):
        return tf.constant({"drift": 0.03, "log_scale": 0.0, "long_run": 1.0}[name], tf.float32)
    if len(shape) == 1:
        return tf.zeros(shape)
    gain = 0.1 if name.endswith("_out") else 1.0
    return gain * keras.initializers.GlorotNormal(seed)(shape)
