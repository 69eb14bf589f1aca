"""The joint law of the scores of several assets, in NumPy.

The formulas stand with `simgan.recipe.blueprints.joint.Joint`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from simgan.arrays import Float32Array, FloatArray
from simgan.recipe.blueprints.joint import Joint
from simgan.stats.co_movement import State, correlated
from simgan.stats.joint_scores import BlockMeans, normal, sizes_of, smoothed


class JointLaw:
    """Scores of one day after another, by the weights of a joint generator.

    Parameters
    ----------
    blueprint : Joint
    weights : mapping
    toward : tuple of float, optional
        Direction of decorrelated scores (assets,). Days then stand in the order of their scores
        along it, and blocks in that of their sizes along it. The law is the same. By default days
        stand in the order of their mean score under the correlations of the long run, and blocks
        in that of time.
    """

    def __init__(
        self,
        blueprint: Joint,
        weights: Mapping[str, Float32Array],
        toward: tuple[float, ...] | None = None,
    ) -> None:
        self.memory = blueprint.co_memory(weights["target"])
        self._mix, self._margins = weights["co_mix"], weights["margins"]
        self._rows = rows = weights["rows"]
        self._sizes, self._smoothing = sizes_of(rows), blueprint.smoothing
        self._root = np.linalg.cholesky(weights["target"].astype(np.float64))
        scores = rows @ (self._root.mean(axis=0) if toward is None else np.array(toward))
        self._blocks = _blocks(scores, blueprint.block)
        means = BlockMeans.of(rows, blueprint.block)
        self._means, self._spreads = (each.astype(np.float32) for each in means)
        if toward is not None:
            sizes = np.square(scores)[self._blocks].sum(axis=1)
            order = np.argsort(sizes, kind="stable")
            self._blocks = self._blocks[order]
            self._means, self._spreads = self._means[order], self._spreads[order]

    def direction(self, weights: FloatArray) -> tuple[float, ...]:
        """Return the direction of length 1 of decorrelated scores along which a sum rises most.

        The scores of the sum have weights (N,), and the correlations of the long run.
        """
        along = self._root.T @ weights
        return tuple((along / np.linalg.norm(along)).tolist())

    def days(self, of_days: Float32Array, of_blocks: Float32Array) -> NDArray[np.intp]:
        """Return the numbers (steps, paths) of the rows of the history that steps take.

        Parameters
        ----------
        of_days, of_blocks : arrays of shape (steps, paths)
            Normal scores ζ and v.
        """
        rows, size = self._blocks.shape
        found = np.empty(of_days.shape, np.intp)
        for first in range(0, len(found), size):
            steps = slice(first, first + size)
            left = np.arange(size, 0, -1)[: len(found[steps]), None]
            ranks = _shares(of_days[steps], left)
            found[steps] = self._blocks[_shares(of_blocks[first], rows), places(ranks)]
        return found

    def news(
        self,
        days: NDArray[np.intp],
        of_blocks: Float32Array,
        of_means: Float32Array,
        noise: Float32Array,
    ) -> Float32Array:
        """Return scores without correlation (steps, paths, N) of days of the history.

        Parameters
        ----------
        days : array of shape (steps, paths)
            The result of `days`.
        of_blocks : array of shape (steps, paths)
            Normal scores v, as they were given to `days`.
        of_means, noise : arrays of shape (steps, paths, N)
            Normal scores c and ε.
        """
        rows, (count, size) = self._rows[days], self._blocks.shape
        for first in range(0, len(days), size):
            start = _shares(of_blocks[first], count)
            rows[first : first + size] += self._spreads[start] * of_means[first]
            rows[first : first + size] -= self._means[start]
        return np.asarray(smoothed(rows, self._sizes[days], noise, self._smoothing), np.float32)

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


def places(ranks: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the places (steps, …) of draws without replacement, by their ranks among those left.

    The place of a step counts those that earlier steps have taken, and depends on no later step.
    """
    found = ranks.copy()
    for step in reversed(range(len(found) - 1)):
        found[step + 1 :] += found[step + 1 :] >= found[step]
    return found


def _blocks(scores: FloatArray, size: int) -> NDArray[np.intp]:
    """Return the numbers (n, W) of the rows of the block that begins with each row.

    They stand in the order of scores (n,).
    """
    in_order = np.argsort(scores, kind="stable")
    ranks = np.empty_like(in_order)
    ranks[in_order] = np.arange(len(scores))
    blocks = (np.arange(len(scores))[:, None] + np.arange(size)) % len(scores)
    return np.asarray(in_order[np.sort(ranks[blocks], axis=1)])


def _shares(scores: Float32Array, counts: int | NDArray[np.intp]) -> NDArray[np.int32]:
    """Return ⌊count Φ(score)⌋, a number below the count, of normal scores and counts."""
    return np.asarray(np.minimum(counts * ndtr(scores), counts - 1), np.int32)
