"""What regimes begin as, before any critic: paths asked for a regime have the moments of its stretches, whatever day they begin on."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from scipy.optimize import brentq

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.architectures.base import Generator
from simgan.gan.series import Lesson
from simgan.recipe.blueprints.base import EFFECTS, LEVEL_FLOOR

_PATHS = 2048  # of all replicas together
_FEWEST = 20  # stretches whose moments are taken
_SLOPES = -1.0, 0.5  # at the lower end a path has hardly any clusters left
_TINY = 1e-6


def regime_effects(generator: Generator, lesson: Lesson) -> dict[str, Float32Array]:
    """Return the weight ``regime`` (R, regimes, 3) by name; `simgan.recipe.blueprints.base` has its formula.

    Free paths are rolled from days of the lesson, as long as a stretch that has a label. For each regime, b is chosen so that the log
    realized volatility of these paths spreads as that of the regime's stretches within the lesson, a so that it has their mean, and d so
    that the returns have.
    """
    series, blueprint, length = lesson.series, generator.blueprint, lesson.series.settings.ahead
    starts = np.arange(series.first_day, lesson.days - length + 1)
    stretches = np.lib.stride_tricks.sliding_window_view(series.scaled, length)[starts].astype(
        np.float64
    )
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
    levels = 0.5 * np.log(
        generator.levels(memory, paths).numpy().astype(np.float64) + LEVEL_FLOOR
    )  # (R, paths, steps)
    effects = np.zeros((blueprint.replicas, blueprint.regimes, EFFECTS))
    for replica, own in enumerate(paths.numpy().astype(np.float64)):
        for number, of_regime in enumerate(labels.T):
            if of_regime.sum() >= _FEWEST:
                effects[replica, number] = _matched(own, levels[replica], stretches[of_regime])
    return {"regime": effects.astype(np.float32)}


def _matched(
    paths: FloatArray, levels: FloatArray, stretches: FloatArray
) -> tuple[float, float, float]:
    """d, a and b that bring paths with levels (paths, steps) to the moments of stretches (n, steps)."""
    wanted = _log_volatility(stretches)

    def too_wide(slope: float) -> float:
        return float(_log_volatility(np.exp(slope * levels) * paths).std() - wanted.std())

    low, high = _SLOPES
    slope = (
        low
        if too_wide(low) >= 0
        else high
        if too_wide(high) <= 0
        else float(brentq(too_wide, low, high, xtol=1e-3))
    )
    scale = float(wanted.mean() - _log_volatility(np.exp(slope * levels) * paths).mean())
    return float(stretches.mean() - (np.exp(scale + slope * levels) * paths).mean()), scale, slope


def _log_volatility(paths: FloatArray) -> FloatArray:
    """½ log of the mean square of each path (paths, steps)."""
    return 0.5 * np.log(np.mean(paths**2, axis=1) + _TINY)
