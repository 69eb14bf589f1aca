"""The last mile: long-run variance and mean of free-running paths are set to the sample's, and a pool of long-run states is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array, FloatArray
from simgan.errors import TrainingDiverged
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.innovations import Innovations, set_innovations
from simgan.gan.noise import normal
from simgan.gan.series import Lesson
from simgan.seeds import Seed

PATHS, CHUNK = 1024, 50
_RUN_IN, _MEASURED = 10, 30  # chunks of 50 days
_PLAUSIBLE = (0.2, 5.0)  # long-run variance in units of the sample's, before calibration

Tensor = Any


class Calibration:
    """Free runs of the generator as it stands, every replica for itself."""

    def __init__(self, generator: StateSpaceGenerator) -> None:
        self._generator = generator
        self.pool: Float32Array = np.empty((0, generator.blueprint.memory.width), np.float32)

    def calibrate(self, lesson: Lesson, rounds: int = 2) -> Innovations:
        """Set innovations, ``long_run`` and ``drift`` by the days of the lesson; keep the states of the last free run as `pool`.

        The law scales with its long-run variance v exactly, so v is divided by the variance that a free run has. The innovations are
        estimated before: v is a small part of any day's variance, and to estimate them again would undo what v has set right.

        Returns
        -------
        Innovations
            The estimates. `pool` then has shape (1024, W); state i belongs to replica i mod R.

        Raises
        ------
        TrainingDiverged
            The free-running variance is far from the sample's: the recursion is close to unstable.
        """
        series, blueprint, weights = lesson.series, self._generator.blueprint, self._generator.table
        real = series.scaled[: lesson.days].astype(np.float64)
        shape = blueprint.replicas, PATHS // blueprint.replicas
        pool = series.memories[lesson.seed.stream("start-state").integers(series.first_day, lesson.days, shape)]
        innovations = set_innovations(self._generator, series, lesson.days)
        for number in range(rounds):
            mean, variance, pool = self._free_run(pool, lesson.seed, number)
            ratio = variance / real.var()
            if not (_PLAUSIBLE[0] < ratio.min() and ratio.max() < _PLAUSIBLE[1]):
                raise TrainingDiverged(
                    f"free-running paths have {ratio.max():.3g} times the variance of the history, so no model was saved; "
                    "try another --seed or a smaller --set rate"
                )
            weights["long_run"].assign(weights["long_run"] / ratio.astype(np.float32))
            weights["drift"].assign_add((real.mean() - mean).astype(np.float32))
            pool = blueprint.memory.rescaled(pool, 1 / ratio[:, None, None])  # the same law: the free run goes on where it stood
        self.pool = np.ascontiguousarray(pool.swapaxes(0, 1)).reshape(PATHS, -1)
        return innovations

    def _free_run(self, pool: Float32Array, seed: Seed, number: int) -> tuple[FloatArray, FloatArray, Float32Array]:
        """Mean and variance (R,) over 30 × 50 days of 1,024 paths, after a run-in, and the memories at the end."""
        memory: Tensor = tf.constant(pool)
        total = squares = np.zeros(len(pool))
        for chunk in range(_RUN_IN + _MEASURED):
            paths, memory = self._roll(memory, tf.constant([seed.integer("calibration", 1), number * 1000 + chunk]))
            if chunk >= _RUN_IN:
                values = paths.numpy().astype(np.float64)
                total = total + values.mean(axis=(1, 2)) / _MEASURED
                squares = squares + np.square(values).mean(axis=(1, 2)) / _MEASURED
        return total, squares - total**2, memory.numpy()

    @tf.function(jit_compile=True)
    def _roll(self, memory: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        replicas = self._generator.blueprint.replicas
        return self._generator.roll(memory, normal((CHUNK, replicas, PATHS // replicas), key, 0))
