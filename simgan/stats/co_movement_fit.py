"""Correlations that move: their likelihood, and their fit.

The memory and its formulas are those of `simgan.stats.co_movement`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from simgan.arrays import FloatArray
from simgan.stats.co_movement import FIRST_DAYS, RIDGE, CoMemory, HalfLives, states

OF_DCC = (5.0, 8.0, 12.0, 20.0, 30.0, 50.0, 80.0, 120.0)  # half lives in days
_START, _FARTHEST = -1.5, 8.0  # of the logarithm of each weight over that of the long run
_OF_LONG_RUN = 0.1  # least weight of the long run, to which correlations return
_LEAST_WEIGHT = 0.01  # averages of smaller ones are left out, because each costs time in every path
_MOST_NUMBERS = 20_000_000  # of the averages behind a likelihood, which bound its memory


def fit(memory: CoMemory, scores: FloatArray) -> tuple[CoMemory, FloatArray]:
    """Estimate the weights by the Gaussian likelihood of scores (days, N).

    Averages with a weight below .01 are left out, and the others are estimated again. Of many
    assets and days, some days evenly spaced are enough.

    Returns
    -------
    CoMemory
        With the averages that have a weight.
    array of shape (1 + averages,)
        Weights of the long run and of these averages.
    """
    sample = _Sample.of(memory, scores, _OF_LONG_RUN)
    _, weights = sample.best()
    are_kept = weights[1:] >= _LEAST_WEIGHT
    sample = replace(sample, averages=sample.averages[np.append(True, are_kept)])
    kept = replace(memory, half_lives=memory.half_lives.those(are_kept))
    _, weights = sample.best()
    return kept, weights


def fit_dcc(memory: CoMemory, scores: FloatArray) -> tuple[CoMemory, FloatArray]:
    """Choose one half life and its weight by the Gaussian likelihood of scores (days, N).

    Returns
    -------
    CoMemory
        With that half life.
    array of shape (2,)
        Weights of the long run and of the average.
    """
    sample = _Sample.of(replace(memory, half_lives=HalfLives(OF_DCC, ())), scores, 0.0)
    found = []
    for number, days in enumerate(OF_DCC):
        alone = replace(sample, averages=sample.averages[[0, 1 + number]])
        found.append((*alone.best(), days))
    _, weights, days = min(found, key=lambda each: each[0])
    return replace(memory, half_lives=HalfLives((days,), ())), weights


@dataclass(frozen=True, eq=False)
class _Sample:
    """The days of a likelihood.

    Attributes
    ----------
    averages : array of shape (1 + count, days, M)
        Lower triangles of the long run and of the averages, row by row, with the ridge.
    scores : array of shape (days, N)
    rows, columns : arrays of shape (M,)
        Of the triangle.
    of_long_run : float
        Least weight of the long run.
    """

    averages: FloatArray
    scores: FloatArray
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    of_long_run: float

    @classmethod
    def of(cls, memory: CoMemory, scores: FloatArray, of_long_run: float) -> _Sample:
        rows, columns = memory.triangle
        first = min(FIRST_DAYS, len(scores) // 2)
        count = memory.half_lives.averages
        numbers = (len(scores) - first) * len(rows) * (1 + count)
        days = np.arange(first, len(scores), -(-numbers // _MOST_NUMBERS))
        found = np.empty((1 + count, len(days), len(rows)))
        found[0] = memory.target[rows, columns]
        place = 0
        for day, state in enumerate(states(memory, scores[: days[-1]])):
            if day == days[place]:
                for number, average in enumerate(memory.averages(state)):
                    found[1 + number, place] = average
                place += 1
        found[..., rows == columns] *= 1 + RIDGE
        return cls(found, scores[days], rows, columns, of_long_run)

    def best(self) -> tuple[float, FloatArray]:
        """Return the least cost, and its weights (1 + averages,)."""
        count = len(self.averages) - 1
        if not count:
            return self.cost(np.empty(0))[0], np.ones(1)
        bounds = [(-_FARTHEST, _FARTHEST)] * count
        start = np.full(count, _START)
        found = minimize(self.cost, start, jac=True, method="L-BFGS-B", bounds=bounds)
        return float(found.fun), self._weights(found.x)

    def _weights(self, free: FloatArray) -> FloatArray:
        """Return weights (1 + count,) by logarithms of their ratios to w₀ less its least."""
        shares = (1 - self.of_long_run) * softmax(np.append(0.0, free))
        shares[0] += self.of_long_run
        return np.asarray(shares, np.float64)

    def cost(self, free: FloatArray) -> tuple[float, FloatArray]:
        """Return the negative log likelihood per day, and its gradient.

        The free numbers (count,) are those of `_weights`. With d = √diag(V) and u = d y, the log
        likelihood of a day is −½ log det V + Σ log d − ½ u' V⁻¹ u, but for a constant. Its
        gradient in V is ½ (s s' − V⁻¹), with s = V⁻¹ u. The diagonal adds ½ / d² − ½ s y / d.
        """
        assets, on_diagonal = self.scores.shape[1], self.rows == self.columns
        weights = self._weights(free)
        triangles = np.tensordot(weights, self.averages, 1)  # (days, M)
        matrices = np.empty((len(triangles), assets, assets))
        matrices[:, self.rows, self.columns] = matrices[:, self.columns, self.rows] = triangles
        roots = np.sqrt(triangles[:, on_diagonal])  # d
        scaled = roots * self.scores  # u
        inverse = np.linalg.inv(matrices)
        solved = np.einsum("tij,tj->ti", inverse, scaled)  # s
        _, log_det = np.linalg.slogdet(matrices)
        cost = 0.5 * log_det + 0.5 * (scaled * solved).sum(axis=1) - np.log(roots).sum(axis=1)
        of_matrix = solved[:, self.rows] * solved[:, self.columns]
        of_matrix -= inverse[:, self.rows, self.columns]
        of_matrix *= np.where(on_diagonal, 0.5, 1.0)
        of_matrix[:, on_diagonal] += 0.5 / roots**2 - 0.5 * solved * self.scores / roots
        of_weights = np.tensordot(self.averages, of_matrix, ([1, 2], [0, 1])) / len(triangles)
        of_free = weights.copy()
        of_free[0] -= self.of_long_run
        gradient = of_free * (of_weights - of_free @ of_weights / (1 - self.of_long_run))
        return float(cost.mean()), -gradient[1:]
