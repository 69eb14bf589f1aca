"""The temporal convolutional generator in NumPy.

`simgan.recipe.blueprints.tcn` has its formulas.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.recipe.blueprints.tcn import Tcn
from simgan.sampling.runtimes import product

_PATHS, _DAYS = 256, 512  # whose layers are in memory at a time


class TcnRuntime(Runtime[Tcn]):
    """All days of some paths at once. The rounding of a day does not depend on their number."""

    kind: ClassVar[str] = "numpy"
    is_blockwise: ClassVar[bool] = True

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        steps, paths, latent = noise.shape
        known = self.rows(memory).reshape(paths, -1, latent).swapaxes(0, 1)
        window = np.concatenate([known, noise])  # (run-in + steps, paths, latent)
        rolled = np.empty((paths, steps, 1), np.float32)
        for first in range(0, paths, _PATHS):
            rows = slice(first, min(first + _PATHS, paths))
            for begin in range(0, steps, _DAYS):
                days = slice(begin, min(begin + _DAYS, steps))
                seen = window[days.start : days.stop + self.blueprint.run_in, rows]
                output = self._output(np.ascontiguousarray(seen), days.stop - days.start)
                rolled[rows, days] = output.swapaxes(0, 1)
        return rolled, np.ascontiguousarray(window[steps:].swapaxes(0, 1)).reshape(memory.shape)

    def _output(self, window: Float32Array, steps: int) -> Float32Array:
        """Return scaled returns (steps, paths, 1) of the last days of a window of noise.

        The window has shape (days, paths, latent).
        """
        w = self.weights
        hidden = _prelu(product(window, w["entry"]) + w["entry_bias"], w["entry_slope"])
        total = hidden[-steps:]
        for block, dilation in enumerate(self.blueprint.dilations):
            inner = hidden
            for layer, kernel in enumerate(w["kernels"][block]):
                pairs = np.concatenate([inner[:-dilation], inner[dilation:]], axis=2)
                inner = _prelu(
                    product(pairs, kernel) + w["biases"][block, layer], w["slopes"][block, layer]
                )
            hidden = hidden[-len(inner) :] + inner
            total = total + inner[-steps:]
        output = product(total, w["out"][:, None]) + w["out_bias"]
        return np.asarray(w["shift"] + w["gain"] * output, np.float32)


def _prelu(values: Float32Array, slope: Float32Array) -> Float32Array:
    return np.asarray(np.maximum(values, 0) + slope * np.minimum(values, 0))
