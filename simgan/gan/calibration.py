"""Calibration by free runs: moments and long-run states, and the effects of regimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.optimize import brentq

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.architectures import Generator, ReplicaMoments
from simgan.gan.innovations import Innovations
from simgan.gan.leaning import mean_beside
from simgan.gan.noise import normal
from simgan.gan.series import Lesson
from simgan.recipe.blueprints import EFFECTS, LEVEL_FLOOR
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed
from simgan.stats.moments import share_still

_PATHS = 2048  # for the effects of regimes, of all replicas together
_FEWEST = 20  # stretches whose moments are taken
_SLOPES = -1.0, 0.5  # at the lower end a path has hardly any clusters left
_TINY = 1e-6


class FreeRun(NamedTuple):
    """Size of a free run: paths, days of a piece, pieces, and rounds.

    Pieces are dropped before the first round (settling) and before the others (run-in), because
    paths from real days are calmer at first than the long run.
    """

    paths: int
    days: int
    settling: int
    run_in: int
    measured: int
    rounds: int


OF_MEMORY = FreeRun(512, 50, 60, 10, 40, 14)
# As many days in fewer pieces, because each piece also costs the convolutions of a run-in.
OF_NOISE = FreeRun(256, 600, 1, 1, 10, 1)


AfterRound = Callable[[int, int], None]  # gets the rounds that are done, and all of them


def _go_on(done: int, rounds: int) -> None:
    """Do nothing after a round."""


class MomentCalibration:
    """Correction of mean and variance by free runs.

    Attributes
    ----------
    pool : array of shape (states, assets, W)
        Long-run states of the last calibration. State i belongs to replica i mod R. It is empty if
        the memory is made of noise.
    """

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._run = OF_NOISE if generator.blueprint.run_in else OF_MEMORY
        self.pool: Float32Array = np.empty((0, 1, generator.blueprint.width), np.float32)

    def calibrate(
        self, lesson: Lesson, rounds: int | None = None, after_round: AfterRound = _go_on
    ) -> Innovations | None:
        """Set the estimated weights, then correct the moments of free runs.

        The order matters. The corrections are small, and a new estimate would undo them. Where
        returns act on later ones, each correction is a step of a stochastic approximation. Its
        result is the mean over the later half of the rounds (Polyak & Juditsky 1992, "Acceleration
        of stochastic approximation by averaging"). Elsewhere a correction is exact, and one is
        enough. `after_round` is called after each of the rounds.

        Returns
        -------
        Innovations, optional
            The estimates that have intervals.

        Raises
        ------
        TrainingDiverged
            The free-running variance is far from the sample's, or a correction has not brought the
            moments near to it.
        """
        series, generator = lesson.series, self._generator
        shape = generator.replicas, self._run.paths // generator.replicas
        rows = lesson.seed.stream("start-state").integers(series.first_day, lesson.days, shape)
        pool = series.memories[rows]
        known = series.scaled[: lesson.days]
        estimated = generator.estimate(series, lesson.days)
        own = ReplicaMoments.of(generator.without_jumps(known, estimated))
        wanted = replace(own, mean=mean_beside(series, own.mean))
        steps = self._run.rounds if rounds is None else rounds
        moments, weights = [], []
        for number in range(steps):
            found, pool = self._free_run(pool, lesson.seed, number)
            pool = generator.correct(found, wanted, pool)
            after_round(number + 1, steps)
            if number and 2 * number >= self._run.rounds:
                moments.append(found)
                weights.append(generator.values())
        if moments:
            generator.refuse_unsettled(ReplicaMoments.mean_of(moments), wanted)
            generator.assign(
                {
                    name: np.mean([one[name] for one in weights], axis=0)
                    for name, value in weights[0].items()
                    if any((one[name] != value).any() for one in weights)
                }
            )
        generator.set_jumps(known, estimated)
        states = np.ascontiguousarray(pool.swapaxes(0, 1))  # (paths, R, assets, W)
        states = states.reshape(self._run.paths, *states.shape[2:])
        self.pool = states[:0] if generator.blueprint.run_in else states
        return estimated

    def _free_run(
        self, pool: Float32Array, seed: Seed, number: int
    ) -> tuple[ReplicaMoments, Float32Array]:
        """Return moments (R, assets) over about a million days, and the memories at the end."""
        memory: Tensor = tf.constant(pool)
        mean = squares = np.zeros((pool.shape[0], pool.shape[2]))
        still = 0.0
        dropped = self._run.run_in if number else self._run.settling
        for piece in range(dropped + self._run.measured):
            key = tf.constant([seed.integer("calibration", 1), number * 1000 + piece])
            paths, memory = self._roll(memory, key)
            if piece >= dropped:
                values = by_replica_and_asset(paths.numpy())
                mean = mean + _of_runs(values, mean.shape) / self._run.measured
                squares = squares + _of_runs(np.square(values), mean.shape) / self._run.measured
                still += share_still(values) / self._run.measured
        return ReplicaMoments(mean, squares - mean**2, still), memory.numpy()

    @tf.function(jit_compile=True, autograph=False)
    def _roll(self, memory: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        replicas, paths = self._generator.replicas, self._run.paths // self._generator.replicas
        latent = self._generator.blueprint.latent
        return self._generator.roll(
            memory, normal((self._run.days, replicas, paths, latent), key, 0)
        )


def by_replica_and_asset(paths: Float32Array) -> FloatArray:
    """Return paths (R, paths, steps, assets) as float64 of shape (R · assets, paths, steps)."""
    moved = np.moveaxis(paths.astype(np.float64), -1, 1)
    return np.ascontiguousarray(moved).reshape(-1, *paths.shape[1:3])


def _of_runs(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return values.mean(axis=(1, 2)).reshape(shape)


def regime_effects(generator: Generator, lesson: Lesson) -> dict[str, Float32Array]:
    """Return the weight ``regime`` (R, regimes, 3) before any critic has trained it.

    `simgan.recipe.blueprints` has its formula. Free paths start on days of the lesson and are
    as long as a labelled stretch. The targets are the moments of the regime's
    stretches: b sets the spread of the log realized volatility, a sets its mean, and d sets the
    mean of the returns.
    """
    series, blueprint, length = lesson.series, generator.blueprint, lesson.series.settings.ahead
    starts = np.arange(series.first_day, lesson.days - length + 1)
    windows = np.lib.stride_tricks.sliding_window_view(series.scaled, length, 0)
    stretches = windows[starts].astype(np.float64)  # (starts, assets, length)
    labels = series.regimes[starts] > 0
    rows = starts[np.linspace(0, len(starts) - 1, _PATHS // blueprint.replicas).astype(int)]
    memory = generator.of_history(
        generator.along(tf.constant(series.memories), tf.constant(series.scaled))
    )
    memory = tf.gather(memory, rows, axis=1)
    noise = lesson.seed.stream("labels", 1).standard_normal(
        (length, blueprint.replicas, len(rows), blueprint.latent), dtype=np.float32
    )
    paths = generator.roll(memory, tf.constant(noise))[0]
    remembered = generator.levels(memory, paths).numpy().astype(np.float64)
    levels = 0.5 * np.log(remembered + LEVEL_FLOOR)  # (R, paths, steps, assets)
    effects = np.zeros((blueprint.replicas, blueprint.regimes, EFFECTS))
    for replica, own in enumerate(paths.numpy().astype(np.float64)):
        for number, of_regime in enumerate(labels.T):
            if of_regime.sum() >= _FEWEST:
                real = stretches[of_regime].reshape(-1, length)
                effects[replica, number] = _matched(_rows(own), _rows(levels[replica]), real)
    return {"regime": effects.astype(np.float32)}


def _rows(paths: FloatArray) -> FloatArray:
    """Return paths (paths, steps, assets) as rows (paths · assets, steps)."""
    return np.ascontiguousarray(paths.swapaxes(1, 2)).reshape(-1, paths.shape[1])


def _matched(
    paths: FloatArray, levels: FloatArray, stretches: FloatArray
) -> tuple[float, float, float]:
    """Return d, a and b that give paths the moments of stretches (n, steps).

    Paths and levels have shape (paths, steps).
    """
    wanted = _log_volatility(stretches)

    def too_wide(slope: float) -> float:
        return float(_log_volatility(np.exp(slope * levels) * paths).std() - wanted.std())

    low, high = _SLOPES
    if too_wide(low) >= 0:
        slope = low
    elif too_wide(high) <= 0:
        slope = high
    else:
        slope = float(brentq(too_wide, low, high, xtol=1e-3))
    scale = float(wanted.mean() - _log_volatility(np.exp(slope * levels) * paths).mean())
    return float(stretches.mean() - (np.exp(scale + slope * levels) * paths).mean()), scale, slope


def _log_volatility(paths: FloatArray) -> FloatArray:
    """½ log of the mean square of each path (paths, steps)."""
    return 0.5 * np.log(np.mean(paths**2, axis=1) + _TINY)
