"""The state-space generator in NumPy: the reference that every faster runtime agrees with.

The formulas are those of `simgan.recipe.blueprints.state_space`, in float32 as in training.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import log_ndtr

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.recipe.blueprints import LEAKY_SLOPE
from simgan.recipe.blueprints.state_space import RATIO_FLOOR, StateSpace

_HALF = np.float32(0.5)


class NumpyRuntime(Runtime[StateSpace]):
    """Plain NumPy, one step at a time."""

    kind: ClassVar[str] = "numpy"

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        rolled = np.empty((len(memory), len(noise), 1), np.float32)
        state = self.by_replica(self.rows(memory))
        for day, latent in enumerate(noise):
            scaled = self.step(state, self.by_replica(latent)[..., 0])
            state = self.blueprint.memory.next(state, scaled)
            rolled[:, day] = self.by_path(scaled[..., None], len(memory))
        return rolled, self.by_path(state, len(memory)).reshape(memory.shape)

    def step(self, memory: Float32Array, normal: Float32Array) -> Float32Array:
        """Return the next scaled returns (R, paths).

        Parameters
        ----------
        memory : array of shape (R, paths, W)
        normal : array of shape (R, paths)
            Normal scores.
        """
        return np.asarray(
            self.location(memory) + self.spread(memory) * self.innovation(normal), np.float32
        )

    def location(self, memory: Float32Array) -> Float32Array:
        """Return μ + Σ φ m / c (R, paths) of the day after a memory (R, paths, W)."""
        trends = memory[..., self.blueprint.memory.squares :] / self.blueprint.memory.trend_scale
        return np.asarray(
            self.weights["drift"][:, None] + (trends @ self.weights["trend"][..., None])[..., 0],
            np.float32,
        )

    def spread(self, memory: Float32Array) -> Float32Array:
        """Return σ (R, paths) of the day after a memory (R, paths, W)."""
        w, memory = self.weights, memory[..., : self.blueprint.memory.squares]
        shares = _softmax(w["mix"])  # (R, 1 + 2K)
        level = (
            shares[:, :1, None] * w["long_run"][:, None, None] + memory @ shares[:, 1:, None]
        )  # (R, paths, 1)
        ratios = memory / level
        ratios += np.float32(RATIO_FLOOR)
        np.log(ratios, out=ratios)
        ratios *= _HALF  # (R, paths, 2K)
        hidden = ratios @ w["volatility_in"]
        hidden += w["volatility_in_bias"][:, None]
        np.maximum(hidden, np.float32(LEAKY_SLOPE) * hidden, out=hidden)
        turn = (hidden @ w["volatility_out"][..., None])[..., 0] + w["volatility_out_bias"][:, None]
        wild = level[..., 0] * np.exp(
            2 * (w["log_scale"][:, None] + np.float32(self.blueprint.correction) * np.tanh(turn))
        )
        bound = np.float32(self.blueprint.ceiling) * w["long_run"][:, None]
        return np.asarray(np.sqrt(wild / np.sqrt(1 + (wild / bound) ** 2)), np.float32)

    def innovation(self, normal: Float32Array) -> Float32Array:
        """Return Q(z) for normal scores (R, n)."""
        knots, tails = self.weights["knots"], self.weights["tails"]
        inside = [
            np.interp(scores, knots, body)
            for scores, body in zip(normal, self.weights["body"], strict=True)
        ]
        below, above = (
            _excess(tails[:, 0], -normal, knots[-1]),
            _excess(tails[:, 1], normal, knots[-1]),
        )
        return np.asarray(np.stack(inside) + above - below, np.float32)


def _excess(tail: Float32Array, score: Float32Array, top: Float32Array) -> Float32Array:
    """Return the excess (R, n) over the outermost knot in a generalised Pareto tail (R, 2).

    It is 0 inside.
    """
    excess = np.zeros_like(score)
    rows, columns = np.nonzero(score > top)
    exponential = log_ndtr(-top) - log_ndtr(-score[rows, columns])  # log Φ(−κ) − log Φ(−z)
    shape, scale = tail[rows].T
    excess[rows, columns] = scale * np.expm1(shape * exponential) / shape
    return excess


def _softmax(values: Float32Array) -> Float32Array:
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), np.float32)
