"""The last mile: mean and variance of free-running paths are set to the sample's, and a pool of long-run states is kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.gan.architectures.base import Generator, Moments
from simgan.gan.innovations import Innovations
from simgan.gan.noise import normal
from simgan.gan.series import Lesson
from simgan.seeds import Seed


class _Run(NamedTuple):
    """A free run: paths, days of a piece, pieces that are not looked at, and pieces that are; and how many runs are enough."""

    paths: int
    days: int
    run_in: int
    measured: int
    rounds: int


OF_MEMORY = _Run(1024, 50, 10, 30, 2)
OF_NOISE = _Run(
    256, 600, 1, 10, 1
)  # as many days; a piece costs the convolutions of a run-in too, so there are few

Tensor = Any


class Calibration:
    """Free runs of the generator as it stands, every replica for itself."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._run = OF_NOISE if generator.blueprint.run_in else OF_MEMORY
        self.pool: Float32Array = np.empty((0, generator.blueprint.width), np.float32)

    def calibrate(self, lesson: Lesson, rounds: int | None = None) -> Innovations | None:
        """Estimate by the days of the lesson what no critic sets, then correct the moments of free runs; keep the last states as `pool`.

        In this order: the corrections are small, and to estimate once more would undo what they have set right. There are two rounds of
        them unless told otherwise, and one for a generator whose returns do not act on later ones: there a correction is exact.

        Returns
        -------
        Innovations, optional
            What was estimated with intervals. `pool` then has shape (1024, W), state i belonging to replica i mod R; it is empty for a
            generator whose memory is made of noise.

        Raises
        ------
        TrainingDiverged
            The free-running variance is far from the sample's, or a correction has not brought the moments near to it.
        """
        series, blueprint = lesson.series, self._generator.blueprint
        wanted = Moments.of(series.scaled[: lesson.days])
        shape = blueprint.replicas, self._run.paths // blueprint.replicas
        pool = series.memories[
            lesson.seed.stream("start-state").integers(series.first_day, lesson.days, shape)
        ]
        estimated = self._generator.estimate(series, lesson.days)
        for number in range(self._run.rounds if rounds is None else rounds):
            found, pool = self._free_run(pool, lesson.seed, number)
            if number:
                self._generator.refuse_unsettled(found, wanted)
            pool = self._generator.correct(found, wanted, pool)
        states = np.ascontiguousarray(pool.swapaxes(0, 1)).reshape(self._run.paths, -1)
        self.pool = states[:0] if blueprint.run_in else states
        return estimated

    def _free_run(
        self, pool: Float32Array, seed: Seed, number: int
    ) -> tuple[Moments, Float32Array]:
        """Moments over 1.5 million days after a run-in, and the memories (R, paths, W) at the end."""
        memory: Tensor = tf.constant(pool)
        total = squares = np.zeros(len(pool))
        for piece in range(self._run.run_in + self._run.measured):
            paths, memory = self._roll(
                memory, tf.constant([seed.integer("calibration", 1), number * 1000 + piece])
            )
            if piece >= self._run.run_in:
                values = paths.numpy().astype(np.float64)
                total = total + values.mean(axis=(1, 2)) / self._run.measured
                squares = squares + np.square(values).mean(axis=(1, 2)) / self._run.measured
        return Moments(total, squares - total**2), memory.numpy()

    @tf.function(jit_compile=True)
    def _roll(self, memory: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        replicas, latent = self._generator.blueprint.replicas, self._generator.blueprint.latent
        return self._generator.roll(
            memory, normal((self._run.days, replicas, self._run.paths // replicas, latent), key, 0)
        )
