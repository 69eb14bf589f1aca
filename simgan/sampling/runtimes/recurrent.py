"""The recurrent generator in NumPy; `simgan.recipe.blueprints.recurrent` has its formulas."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import expit

from simgan.arrays import Float32Array
from simgan.bundle.runtime import Runtime
from simgan.recipe.blueprints.recurrent import Recurrent
from simgan.sampling.runtimes.products import product

_SLOPE = np.float32(0.2)


class RecurrentRuntime(Runtime[Recurrent]):
    """One step at a time, all paths at once."""

    kind: ClassVar[str] = "numpy"
    is_blockwise: ClassVar[bool] = True

    def along(self, scaled: Float32Array) -> Float32Array:
        states = np.zeros((len(scaled) + 1, self.blueprint.width), np.float32)
        for day in range(len(scaled)):
            states[day + 1] = self._read(states[day, None], scaled[day, None])
        return states

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        rolled, w = np.empty((len(memory), len(noise)), np.float32), self.weights
        for step, latent in enumerate(noise):
            hidden = product(np.concatenate([memory, latent], axis=1), w["head"]) + w["head_bias"]
            output = (
                product(np.maximum(hidden, _SLOPE * hidden), w["out"][:, None])[:, 0]
                + w["out_bias"]
            )
            rolled[:, step] = w["shift"] + w["gain"] * output
            memory = self._read(memory, rolled[:, step])
        return rolled, memory

    def _read(self, state: Float32Array, scaled: Float32Array) -> Float32Array:
        """State (paths, units) after one more day of scaled returns (paths,)."""
        w, units = self.weights, self.blueprint.width
        days = scaled / w["gain"]
        seen = np.stack([np.arcsinh(days), np.arcsinh(np.abs(days))], axis=1)
        gates = expit(product(np.concatenate([seen, state], axis=1), w["gates"]) + w["gates_bias"])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = np.tanh(
            product(np.concatenate([seen, reset * state], axis=1), w["candidate"])
            + w["candidate_bias"]
        )
        return np.asarray((1 - update) * state + update * candidate, np.float32)
