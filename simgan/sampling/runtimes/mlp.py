"""The multi-layer perceptron in NumPy, by the formulas of `simgan.recipe.blueprints.mlp`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from scipy.special import expit

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.recipe.blueprints import LEAKY_SLOPE
from simgan.recipe.blueprints.mlp import MEMORY_FLOOR, PIECES, Mlp
from simgan.sampling.runtimes import product

_HALF = np.float32(0.5)


class MlpRuntime(Runtime[Mlp]):
    """One step at a time, all paths at once."""

    kind: ClassVar[str] = "numpy"
    is_blockwise: ClassVar[bool] = True

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        rolled, w = np.empty((len(memory), len(noise), 1), np.float32), self.weights
        for step, latent in enumerate(noise):
            rolled[:, step] = w["shift"] + w["gain"] * self._output(self.rows(memory), latent)
            memory = self.blueprint.memory.next(memory, rolled[:, step])
        return rolled, memory

    def _output(self, memory: Float32Array, latent: Float32Array) -> Float32Array:
        """Return the network's y (paths, 1) from memory (paths, W) and normals (paths, latent)."""
        kept, gain = self.blueprint.memory, self.weights["gain"]
        squares = _HALF * np.log(memory[:, : kept.squares] / gain**2 + np.float32(MEMORY_FLOOR))
        trends = np.arcsinh(memory[:, kept.squares :] / kept.trend_scale / gain)
        hidden = np.concatenate([latent, squares, trends], axis=1)
        for number in range(len(self.blueprint.hidden)):
            hidden = self._activated(
                product(hidden, self.weights[f"kernel_{number}"]) + self.weights[f"bias_{number}"]
            )
        out = self.weights["kernel_out"][:, None]
        return np.asarray(product(hidden, out) + self.weights["bias_out"])

    def _activated(self, values: Float32Array) -> Float32Array:
        return _ACTIVATIONS[self.blueprint.activation](values)


def _mixed(values: Float32Array) -> Float32Array:
    half = values.shape[1] // 2
    return np.concatenate([np.maximum(values[:, :half], 0), expit(values[:, half:])], axis=1)


def _maxout(values: Float32Array) -> Float32Array:
    return np.asarray(values.reshape(len(values), -1, PIECES).max(axis=2))


_ACTIVATIONS: dict[str, Callable[[Float32Array], Float32Array]] = {
    "leaky": lambda values: np.asarray(np.maximum(values, LEAKY_SLOPE * values)),
    "relu": lambda values: np.asarray(np.maximum(values, 0)),
    "sigmoid": lambda values: np.asarray(expit(values)),
    "relu-sigmoid": _mixed,
    "maxout": _maxout,
}
