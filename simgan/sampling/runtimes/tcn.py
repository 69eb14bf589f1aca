"""The temporal convolutional generator in NumPy; `simgan.recipe.blueprints.tcn` has its formulas."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.bundle.runtime import Runtime
from simgan.recipe.blueprints.tcn import Tcn
from simgan.sampling.runtimes.products import product

_AT_ONCE, _DAYS = 256, 512  # paths and days whose layers are in memory at a time


class TcnRuntime(Runtime[Tcn]):
    """All days of some paths at once; how a day is rounded does not depend on how many there are."""

    kind: ClassVar[str] = "numpy"
    is_blockwise: ClassVar[bool] = True

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        steps, paths, latent = noise.shape
        window = np.concatenate(
            [memory.reshape(paths, -1, latent).swapaxes(0, 1), noise]
        )  # (run-in + steps, paths, latent)
        rolled = np.empty((paths, steps), np.float32)
        for first in range(0, paths, _AT_ONCE):
            rows = slice(first, min(first + _AT_ONCE, paths))
            for begin in range(0, steps, _DAYS):
                days = slice(begin, min(begin + _DAYS, steps))
                seen = window[days.start : days.stop + self.blueprint.run_in, rows]
                rolled[rows, days] = self._output(
                    np.ascontiguousarray(seen), days.stop - days.start
                ).T
        return rolled, np.ascontiguousarray(window[steps:].swapaxes(0, 1)).reshape(memory.shape)

    def _output(self, window: Float32Array, steps: int) -> Float32Array:
        """Scaled returns (steps, paths) of the last days of a window of noise (days, paths, latent)."""
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
        return np.asarray(
            w["shift"] + w["gain"] * (product(total, w["out"][:, None])[..., 0] + w["out_bias"]),
            np.float32,
        )


def _prelu(values: Float32Array, slope: Float32Array) -> Float32Array:
    return np.asarray(np.maximum(values, 0) + slope * np.minimum(values, 0))
