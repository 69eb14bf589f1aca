"""The joint law of the scores of several assets, in NumPy.

The formulas stand with `simgan.recipe.blueprints.joint.Joint`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from simgan.arrays import Float32Array
from simgan.recipe.blueprints.joint import Joint
from simgan.stats.co_movement import State, correlated
from simgan.stats.joint_scores import normal, sizes_of, smoothed


class JointLaw:
    """Scores of one day after another, by the weights of a joint generator."""

    def __init__(self, blueprint: Joint, weights: Mapping[str, Float32Array]) -> None:
        self.memory = blueprint.co_memory(weights["target"])
        self._mix, self._margins = weights["co_mix"], weights["margins"]
        self._rows = rows = weights["rows"]
        self._sizes = sizes_of(rows)

    def news(self, of_row: Float32Array, noise: Float32Array) -> Float32Array:
        """Return scores without correlation (…, N) of days of the history, with noise.

        Parameters
        ----------
        of_row : array of shape (…,)
            Normal scores ζ.
        noise : array of shape (…, N)
            Normal scores ε.
        """
        row = np.minimum((len(self._rows) * ndtr(of_row)).astype(np.intp), len(self._rows) - 1)
        return np.asarray(smoothed(self._rows[row], self._sizes[row], noise), np.float32)

    def next(self, state: State, news: Float32Array) -> Float32Array:
        """Return correlated scores (paths, N) of one more day, and take them into the memory.

        The news (paths, N) are those of the day. The scores are without the map M, because the
        memory needs variances of 1 more than normal margins.
        """
        drawn = correlated(self.memory.covariances(state, self._mix), news)
        self.memory.remember(state, drawn)
        return np.asarray(drawn, np.float32)

    def normal(self, drawn: Float32Array) -> Float32Array:
        """Return M of scores (…, N)."""
        return np.asarray(normal(drawn, self._margins), np.float32)
