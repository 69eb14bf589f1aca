"""Shapes of generated days, lent by days of the history, in NumPy.

The formulas stand with `simgan.recipe.blueprints.state_space.StateSpace`.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from simgan.arrays import Float32Array
from simgan.recipe.blueprints.state_space import CORE, DAYS, LIKENESS, SHAPE

_OF_RETURN = np.float32(np.sqrt(1 - LIKENESS**2))


def places_of(scores: Float32Array, own: Float32Array) -> Float32Array:
    """Return the places π of the days that lend their shapes, by normal scores z and ζ."""
    near = _OF_RETURN * scores + np.float32(LIKENESS) * own
    return np.asarray(DAYS * ndtr(near), np.float32)


def lending(days: Float32Array, places: Float32Array, share: Float32Array) -> Float32Array:
    """Return the days (R, n, 4) that lend their shapes.

    Parameters
    ----------
    days : array of shape (R, laws, DAYS, 4)
    places, share : arrays of shape (R, n)
        Places π, and shares ω of the law of wild days.
    """
    rows = np.minimum(places.astype(np.intp), DAYS - 1)
    is_wild = places - rows < share
    every = days.reshape(len(days), -1, SHAPE)  # those of wild days are the last
    rows += is_wild * np.intp(every.shape[1] - DAYS)
    return np.take_along_axis(every, rows[..., None], axis=1)


def scaled_shapes(
    scaled: Float32Array, spread: Float32Array, sizes: Float32Array, days: Float32Array
) -> Float32Array:
    """Return the scaled shapes (…, 3) of scaled returns (…).

    Parameters
    ----------
    scaled, spread, sizes : arrays of shape (…)
        Returns, their spreads, and the sizes m of their shapes.
    days : array of shape (…, 4)
        Days of the weight ``days`` that lend their shapes.
    """
    size = (np.float32(CORE) + np.abs(scaled / spread)) / (np.float32(CORE) + np.abs(days[..., 0]))
    size *= sizes
    return np.asarray(size[..., None] * days[..., 1:], np.float32)
