"""Shapes of generated days, lent by days of the history, in NumPy.

The formulas stand with `simgan.recipe.blueprints.state_space.StateSpace`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from simgan.arrays import Float32Array
from simgan.recipe.blueprints.state_space import CORE, DAYS, LIKENESS, SHAPE

_OF_RETURN = np.float32(np.sqrt(1 - LIKENESS**2))


class Lending(NamedTuple):
    """Days that lend their shapes, and the weights of their sizes.

    Attributes
    ----------
    days : array of shape (R, laws, DAYS, 4)
    over_mean : array of shape (1,)
        Of the weight ``range_mean``.
    base : float32
        c_0.
    mix : array of shape (1, 1, 4K)
        The other weights c.
    over_bound : float32
        Of m².
    """

    days: Float32Array
    over_mean: Float32Array
    base: np.float32
    mix: Float32Array
    over_bound: np.float32

    @classmethod
    def of(cls, weights: dict[str, Float32Array], ceiling: float) -> Lending:
        """Take them from the weights of a generator."""
        mix = weights["shape_mix"]
        over_mean, over_bound = 1 / weights["range_mean"], np.float32(1 / (ceiling * mix.sum()))
        return cls(
            weights["days"], over_mean.astype(np.float32), mix[0], mix[None, None, 1:], over_bound
        )

    def sizes(self, held: Float32Array, logs: Float32Array) -> Float32Array:
        """Return the sizes e^(g + χ) m of shapes (R, n).

        Parameters
        ----------
        held : array of shape (R, 4K, n)
            Squares and ranges of the memory.
        logs : array of shape (R, 0 to 2, n)
            The numbers g and χ.
        """
        variance = np.matmul(self.mix, held)[:, 0]
        variance += self.base
        over = variance * self.over_bound
        root = np.sqrt(variance / np.sqrt(1 + over * over))
        return np.asarray(root * np.exp(logs.sum(axis=1)), np.float32)


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
