"""What regimes begin as, before any critic: regressions of the size of a day on what was remembered before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle.blueprints.base import EFFECTS, LEVEL_FLOOR
from simgan.gan.series import Lesson

_TINY = 1e-6


def regime_effects(lesson: Lesson) -> dict[str, Float32Array]:
    """Return the weight ``regime`` (R, regimes, 3) by name.

    Over the days of all stretches that lie within the lesson, log |r_t| is regressed on ℓ_t. What the stretches of a regime add to
    intercept and slope are its a and b, what they add to the mean return its d (`simgan.bundle.blueprints.base`).
    """
    series, blueprint, length = lesson.series, lesson.series.blueprint, lesson.series.settings.ahead
    days = slice(series.first_day, lesson.days)
    returns = series.scaled[days].astype(np.float64)
    size = 0.5 * np.log(returns**2 + _TINY)
    level = 0.5 * np.log(blueprint.levels(series.memories[days.start, None], series.scaled[None, days])[0].astype(np.float64) + LEVEL_FLOOR)
    labels = series.regimes[days.start : lesson.days - length + 1].astype(np.float64)
    covering = np.array([np.convolve(of_regime, np.ones(length)) for of_regime in labels.T])  # stretches of a regime that hold a day
    mean, line = _mean_and_line(level, size, returns, covering.sum(axis=0))
    effects = np.zeros((blueprint.regimes, EFFECTS))
    for number, weights in enumerate(covering):
        if weights.any():
            own_mean, own_line = _mean_and_line(level, size, returns, weights)
            effects[number] = [own_mean - mean, *(own_line - line)]
    return {"regime": np.tile(effects.astype(np.float32), (blueprint.replicas, 1, 1))}


def _mean_and_line(level: FloatArray, size: FloatArray, returns: FloatArray, weights: FloatArray) -> tuple[float, Any]:
    """Weighted mean return, and intercept and slope of the size on the level; a slope of 0 where the level does not vary."""
    shares = weights / weights.sum()
    away, centre = level - shares @ level, shares @ size
    spread = shares @ away**2
    slope = shares @ (away * (size - centre)) / spread if spread > _TINY else 0.0
    return float(shares @ returns), np.array([centre - slope * (shares @ level), slope])
