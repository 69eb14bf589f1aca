"""The recurrent generator in NumPy, by the formulas of `simgan.recipe.blueprints.recurrent`."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import expit

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.recipe.blueprints import LEAKY_SLOPE
from simgan.recipe.blueprints.recurrent import Recurrent
from simgan.sampling.runtimes import product


class RecurrentRuntime(Runtime[Recurrent]):
    """One step at a time, all paths at once."""

    kind: ClassVar[str] = "numpy"
    is_blockwise: ClassVar[bool] = True

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        states = self.blueprint.along(scaled)  # zeros (days + 1, assets, units)
        for day, returns in enumerate(scaled):
            states[day + 1] = self._read(states[day], returns)  # an asset is a row
        return states

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        state, w = self.rows(memory), self.weights
        rolled = np.empty((len(memory), len(noise), 1), np.float32)
        for step, latent in enumerate(noise):
            hidden = product(np.concatenate([state, latent], axis=1), w["head"]) + w["head_bias"]
            active = np.maximum(hidden, LEAKY_SLOPE * hidden)
            output = product(active, w["out"][:, None]) + w["out_bias"]  # (paths, 1)
            rolled[:, step] = w["shift"] + w["gain"] * output
            state = self._read(state, rolled[:, step, 0])
        return rolled, state.reshape(memory.shape)

    def _read(self, state: Float32Array, scaled: Float32Array) -> Float32Array:
        """Return the state (rows, units) after one more day of scaled returns (rows,)."""
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
