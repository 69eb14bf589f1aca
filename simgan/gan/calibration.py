"""The last mile: long-run variance and mean of free-running paths are set to the sample's, and a pool of long-run states is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.errors import TrainingDiverged
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.noise import normal
from simgan.gan.series import TrainingSeries
from simgan.seeds import Seed

PATHS, CHUNK = 1024, 50
_RUN_IN, _MEASURED, _ROUNDS = 10, 30, 2  # chunks of 50 days, rounds of calibration
_PLAUSIBLE = (0.2, 5.0)  # long-run variance in units of the sample's, before calibration

Tensor = Any


class Calibration:
    """Free runs of the generator as it stands."""

    def __init__(self, generator: StateSpaceGenerator, series: TrainingSeries, seed: Seed) -> None:
        self._generator, self._series, self._seed = generator, series, seed

    def calibrate(self) -> Float32Array:
        """Set ``long_run`` and ``drift``; return the memories (1024, 2K) at the end of the last free run.

        The law scales with its long-run variance v exactly, so v is divided by the variance that a free run has.

        Raises
        ------
        TrainingDiverged
            The free-running variance is far from the sample's: the recursion is close to unstable.
        """
        real = self._series.scaled.astype(np.float64)
        weights = self._generator.table
        pool = self._series.memories[self._seed.stream("start-state").integers(self._series.first_day, len(real), PATHS)]
        for number in range(_ROUNDS):
            mean, variance, pool = self._free_run(pool, number)
            ratio = variance / real.var()
            if not _PLAUSIBLE[0] < ratio < _PLAUSIBLE[1]:
                raise TrainingDiverged(
                    f"free-running paths have {ratio:.3g} times the variance of the history, so no model was saved; "
                    "try another --seed or a smaller --set rate"
                )
            weights["long_run"].assign(weights["long_run"] / np.float32(ratio))
            pool = pool / np.float32(ratio)  # the same law, rescaled: the free run goes on where it stood
            weights["drift"].assign_add(np.float32(real.mean() - mean))
        return pool

    def _free_run(self, pool: Float32Array, number: int) -> tuple[float, float, Float32Array]:
        """Mean and variance over 30 × 50 days of 1,024 paths, after a run-in, and the memories at the end."""
        memory: Tensor = tf.constant(pool)
        total = squares = 0.0
        for chunk in range(_RUN_IN + _MEASURED):
            paths, memory = self._roll(memory, tf.constant([self._seed.integer("calibration", 1), number * 1000 + chunk]))
            if chunk >= _RUN_IN:
                values = paths.numpy().astype(np.float64)
                total, squares = total + values.mean() / _MEASURED, squares + np.square(values).mean() / _MEASURED
        return total, squares - total**2, memory.numpy()

    @tf.function(jit_compile=True)
    def _roll(self, memory: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        return self._generator.roll(memory, normal((CHUNK, PATHS, self._generator.blueprint.latent), key, 0))
