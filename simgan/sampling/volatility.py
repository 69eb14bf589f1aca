"""The volatility that a model sees along a history, day by day."""

from __future__ import annotations

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.market.memory import FIRST_DAYS
from simgan.sampling.groups import continued
from simgan.sampling.model import Model
from simgan.seeds import Seed

_DRAWS = 512  # of each day, the same for all days
_AT_ONCE = 256  # days whose draws are in memory at a time


def volatility_along(
    model: Model, log_returns: FloatArray, ranges: FloatArray | None = None
) -> FloatArray:
    """Return the standard deviation of the next day's log return, along a history.

    Parameters
    ----------
    model : Model
    log_returns : array of shape (days, assets)
    ranges : array of shape (days, assets), optional
        Range variances of the days.

    Returns
    -------
    array of shape (days + 1 − 60, assets)
        After each day from the sixtieth on, the first whose memory is settled. The last one is the
        volatility of tomorrow.

    Raises
    ------
    SamplingError
        A volatility of the model grows without bound.
    """
    blueprint = model.runtime.blueprint
    memories = model.memories_along(log_returns, ranges)[FIRST_DAYS:]
    noise = _even_normals((blueprint.run_in + 1, _DRAWS, blueprint.latent))
    found = []
    for first in range(0, len(memories), _AT_ONCE):
        part = memories[first : first + _AT_ONCE]
        each = np.tile(noise, (1, len(part), 1))
        scaled = continued(model.runtime, np.repeat(part, _DRAWS, axis=0), each)
        returns = model.unscaled(scaled, np.float64)[:, 0]  # (days · draws, assets)
        found.append(returns.reshape(len(part), _DRAWS, -1).std(axis=1))
    return np.concatenate(found)


def _even_normals(shape: tuple[int, int, int]) -> Float32Array:
    """Return normal noise whose draws (axis 1) have mean 0 and deviation 1 exactly."""
    noise = Seed(0).stream("forecast", 0).standard_normal(shape)
    noise -= noise.mean(axis=1, keepdims=True)
    return np.asarray(noise / noise.std(axis=1, keepdims=True), np.float32)
