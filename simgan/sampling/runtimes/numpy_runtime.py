"""The state-space generator in NumPy: the reference that every faster runtime must agree with.

The formulas are those of `simgan.bundle.blueprints.StateSpace`, in float32 as the network was trained.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.sampling.runtimes.base import Runtime

MAX_TUKEY = np.float32(0.35)
_RATIO_FLOOR = np.float32(0.01)
_SLOPE = np.float32(0.2)
_HALF = np.float32(0.5)


class NumpyRuntime(Runtime):
    """Plain NumPy, one step at a time."""

    kind: ClassVar[str] = "numpy"

    def roll(self, memory: Float32Array, latents: Iterable[Float32Array]) -> tuple[Float32Array, Float32Array]:
        steps = []
        for latent in latents:
            scaled = self.step(memory, latent)
            memory = self.blueprint.memory.next(memory, scaled)
            steps.append(scaled)
        return np.concatenate(steps, axis=1), memory

    def step(self, memory: Float32Array, latent: Float32Array) -> Float32Array:
        """Return the next scaled return (paths, 1) from memory (paths, 2K) and latent (paths, latent)."""
        w = self.weights
        mix = _softmax(w["mix"])
        variance = mix[0] * w["long_run"] + (memory @ mix[1:])[:, None]  # (paths, 1)
        ratios = _HALF * np.log((memory + _RATIO_FLOOR * variance) / variance)  # (paths, 2K)
        hidden = _leaky(ratios @ w["volatility_in"] + w["volatility_in_bias"])
        correction = np.float32(self.blueprint.correction) * np.tanh(hidden @ w["volatility_out"] + w["volatility_out_bias"])
        wild = variance * np.exp(2 * (correction + w["log_scale"]))
        spread = np.sqrt(wild / np.sqrt(1 + (wild / (np.float32(self.blueprint.ceiling) * w["long_run"])) ** 2))
        hidden = _leaky(np.concatenate([ratios, latent], 1) @ w["bend_in"] + w["bend_in_bias"])
        hidden = _leaky(hidden @ w["bend_mid"] + w["bend_mid_bias"])
        bend = np.float32(self.blueprint.bend) * np.tanh(hidden @ w["bend_out"] + w["bend_out_bias"])
        innovation = two_sided_tukey(latent[:, :1], w["tukey"]) + bend
        return np.asarray(w["drift"] + spread * map_tails(innovation, w["tails"]), np.float32)


def two_sided_tukey(normal: Float32Array, tukey: Float32Array) -> Float32Array:
    """Standardised two-sided Tukey h variable, as in the blueprint."""
    h = np.minimum(np.logaddexp(np.float32(0), tukey), MAX_TUKEY)
    heavy = normal * np.exp(_HALF * np.where(normal < 0, h[0], h[1]) * normal * normal)
    mean = (1 / (1 - h[1]) - 1 / (1 - h[0])) / np.float32(np.sqrt(2 * np.pi))
    second = _HALF * np.sum((1 - 2 * h) ** np.float32(-1.5))
    return np.asarray((heavy - mean) / np.sqrt(second - mean * mean), np.float32)


def map_tails(innovation: Float32Array, tails: Float32Array) -> Float32Array:
    """Map what lies beyond either threshold to the estimated generalised Pareto tail."""
    low, high = tails
    above = np.maximum(innovation - high[0], 0)
    below = np.maximum(-innovation - low[0], 0)
    return np.asarray(innovation + (_pareto_map(above, high) - above) - (_pareto_map(below, low) - below), np.float32)


def _pareto_map(excess: Float32Array, row: Float32Array) -> Float32Array:
    _, shape_from, scale_from, shape_to, scale_to = row
    log_survival = np.log1p(shape_from * excess / scale_from) / shape_from  # −log P(X > excess)
    return np.asarray(scale_to * np.expm1(shape_to * log_survival) / shape_to, np.float32)


def _softmax(values: Float32Array) -> Float32Array:
    shares = np.exp(values - values.max())
    return np.asarray(shares / shares.sum(), np.float32)


def _leaky(values: Float32Array) -> Float32Array:
    return np.asarray(np.maximum(values, _SLOPE * values), np.float32)
