r"""Correlations that move: their memory, their likelihood, and their fit.

Scores y are normal scores of the returns of N assets: each has mean 0 and variance 1 by itself.
Their correlations R move with the latest scores. The memory before day t holds two kinds of
averages over several half lives h, with :math:`λ_k = 2^{-1/h_k}`:

.. math:: Q_k ← λ_k Q_k + (1 - λ_k)\, y y^\top, \qquad
          g_k ← λ_k g_k + (1 - λ_k)\, (U^\top y)^2

The correlations follow from a weighted mean of them and of the long run C, whose eigenvectors are
U. The weights w sum to one:

.. math:: V = w_0 C + \sum_k w_k Q_k + w'_k\, U\, \mathrm{diag}(g_k)\, U^\top, \qquad
          R_{ij} = V_{ij} / \sqrt{V_{ii} V_{jj}}

With Q of one half life this is the DCC of Engle (2002), "Dynamic conditional correlation". The
variances g of the eigen-portfolios are those of orthogonal GARCH (Alexander 2001, "Orthogonal
GARCH"). They follow the market as a whole quickly, where estimates of single pairs would be noise.
Every average has about the mean C (Aielli 2013, "Dynamic conditional correlation: on properties and
estimation"). With a weight of at least .1 of the long run, free paths return to it. The products of
falls alone that an asymmetric DCC adds (Cappiello, Engle & Sheppard 2006) have another mean.

A memory keeps its matrices by their rows, so that every asset has as many numbers. It has shape (…,
N, V). Row i holds row i of each Q_k, and then the i-th number of each g_k.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from simgan.arrays import AnyFloatArray, FloatArray

ALL = (8.0, 20.0, 60.0, 150.0, 400.0)  # half lives in days
OF_DCC = (5.0, 8.0, 12.0, 20.0, 30.0, 50.0, 80.0, 120.0)
FIRST_DAYS = 60  # of a history, before which a memory knows too little for the likelihood
_START, _FARTHEST = -1.5, 8.0  # of the logarithm of each weight over that of the long run
_OF_LONG_RUN = 0.1  # least weight of the long run, to which correlations return
_LEAST_WEIGHT = 0.01  # averages of smaller ones are left out, because each costs time in every path
RIDGE = 1e-4  # share of independence in R, or assets with the same returns would have no inverse
_LEAST_EIGENVALUE = 1e-6  # of the long run
_FEWEST_COMMON = 20  # days of a pair that has a correlation of its own
_MOST_NUMBERS = 20_000_000  # of the averages behind a likelihood, which bound its memory


class HalfLives(NamedTuple):
    """Half lives of the averages in a memory, in days: of the Q_k and of the g_k."""

    pairs: tuple[float, ...] = ALL
    spreads: tuple[float, ...] = ALL

    @property
    def averages(self) -> int:
        """Number of averages, one less than that of the weights."""
        return sum(map(len, self))

    def those(self, are_kept: Iterable[bool]) -> HalfLives:
        """Return some of them, by one truth value for each."""
        kept = iter(are_kept)
        return HalfLives(*(tuple(days for days in kind if next(kept)) for kind in self))

    def width(self, assets: int) -> int:
        """Return the numbers V of a memory per asset."""
        return len(self.pairs) * assets + len(self.spreads)


EVERY = HalfLives()


class State(NamedTuple):
    """A memory by its averages, which its formulas change in place.

    Attributes
    ----------
    products : array of shape (pairs, …, N, N)
        The Q_k.
    spreads : array of shape (spreads, …, N)
        The g_k.
    """

    products: AnyFloatArray
    spreads: AnyFloatArray


@dataclass(frozen=True)
class CoMemory:
    """The memory of scores: its settings and formulas.

    Attributes
    ----------
    target : array of shape (N, N)
        Correlations C of the long run, positive definite.
    half_lives : HalfLives
    """

    target: FloatArray
    half_lives: HalfLives = EVERY

    @property
    def assets(self) -> int:
        """Number N of assets."""
        return len(self.target)

    @cached_property
    def axes(self) -> FloatArray:
        """Eigenvectors U of the target, as columns of an array (N, N)."""
        return np.asarray(np.linalg.eigh(self.target)[1], np.float64)

    @cached_property
    def _products(self) -> FloatArray:
        """Return u u' of each eigenvector u, of shape (N, N²): one product of matrices is quick."""
        each = self.axes.T
        return (each[:, :, None] * each[:, None, :]).reshape(self.assets, -1)

    def first(self) -> State:
        """Return the memory of the long run."""
        pairs, spreads = self.half_lives
        return State(
            np.tile(self.target, (len(pairs), 1, 1)),
            np.tile(np.linalg.eigvalsh(self.target), (len(spreads), 1)),
        )

    def packed(self, state: State) -> AnyFloatArray:
        """Return a memory as (…, N, V)."""
        products = np.moveaxis(state.products, 0, -2)  # (…, N, K, N)
        rows = products.reshape(*products.shape[:-2], -1)
        return np.concatenate([rows, np.moveaxis(state.spreads, 0, -1)], axis=-1)

    def unpacked(self, memory: AnyFloatArray) -> State:
        """Return a copy of a memory (…, N, V) by its averages."""
        pairs = len(self.half_lives.pairs)
        size = pairs * self.assets
        rows = memory[..., :size].reshape(*memory.shape[:-1], pairs, self.assets)
        return State(np.moveaxis(rows, -2, 0).copy(), np.moveaxis(memory[..., size:], -1, 0).copy())

    def remember(self, state: State, scores: AnyFloatArray) -> None:
        """Take the scores (…, N) of one more day into a memory."""
        pairs, spreads = self.half_lives
        _average(state.products, pairs, scores[..., :, None] * scores[..., None, :])
        _average(state.spreads, spreads, np.square(scores @ self.axes.astype(scores.dtype)))

    def covariances(self, state: State, weights: AnyFloatArray) -> AnyFloatArray:
        """Return V (…, N, N) after a memory, by the weights (1 + averages,)."""
        products, spreads = state
        w, last = weights.astype(products.dtype), 1 + len(products)
        found = np.empty((*spreads.shape[1:], self.assets), products.dtype)
        found[:] = w[0] * self.target.astype(products.dtype)
        for weight, product in zip(w[1:last], products, strict=True):
            found += weight * product
        if len(spreads):
            found += self._of_axes(sum(map(np.multiply, w[last:], spreads)))
        return found

    def averages(self, state: State) -> list[AnyFloatArray]:
        """Return the averages (…, N, N) behind the weights, in their order."""
        return [*state.products, *map(self._of_axes, state.spreads)]

    def _of_axes(self, spreads: AnyFloatArray) -> AnyFloatArray:
        """Return U diag(g) U' (…, N, N) for the spreads g (…, N)."""
        shape = (*spreads.shape[:-1], self.assets, self.assets)
        return np.asarray(spreads @ self._products.astype(spreads.dtype)).reshape(shape)


def _average(averages: AnyFloatArray, half_lives: tuple[float, ...], news: AnyFloatArray) -> None:
    """Move exponential averages (K, …) towards news (…), in place."""
    for average, days in zip(averages, half_lives, strict=True):
        decay = average.dtype.type(0.5 ** (1.0 / days))
        average *= decay
        average += (1 - decay) * news


def correlated(covariances: AnyFloatArray, news: AnyFloatArray) -> AnyFloatArray:
    """Return scores of variance 1, R^½ e (…, N), for news e (…, N) without correlation.

    The root is that of Cholesky. R are the correlations of covariances (…, N, N), which are changed
    by a ridge in place.
    """
    roots, spreads = roots_of(covariances)
    return np.asarray((roots @ news[..., None])[..., 0] / spreads)


def decorrelated(covariances: AnyFloatArray, scores: AnyFloatArray) -> AnyFloatArray:
    """Return news e (…, N) of scores (…, N): the inverse of `correlated`."""
    roots, spreads = roots_of(covariances)
    return np.asarray(np.linalg.solve(roots, (scores * spreads)[..., None])[..., 0])


def roots_of(covariances: AnyFloatArray) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Return Cholesky roots (…, N, N) and deviations (…, N) of covariances, ridge in place."""
    places = np.arange(covariances.shape[-1])
    covariances[..., places, places] *= covariances.dtype.type(1 + RIDGE)
    spreads = np.sqrt(covariances[..., places, places])
    return np.linalg.cholesky(covariances), spreads


def long_run(scores: FloatArray) -> FloatArray:
    """Estimate the correlations C (N, N) of the long run, shrunk towards their mean.

    Each pair is estimated from the days on which both assets traded. Correlations of few days are
    noisy. The noisier they are, the nearer they are drawn to the mean of all pairs. A pair with
    fewer than 20 common days has the mean.

    Parameters
    ----------
    scores : array of shape (days, N)
        NaN where an asset did not trade.

    References
    ----------
    Schäfer & Strimmer (2005), "A shrinkage approach to large-scale covariance matrix estimation and
    implications for functional genomics".
    """
    known = np.isfinite(scores)
    held, common = np.where(known, scores, 0.0), known.T.astype(float) @ known
    squares = np.square(held).T @ known  # of asset i, on the days of the pair (i, j)
    scale = np.sqrt(squares * squares.T)
    found = np.clip(
        np.divide(held.T @ held, scale, out=np.zeros_like(scale), where=scale > 0), -1, 1
    )
    pairs = (common >= _FEWEST_COMMON) & ~np.eye(len(found), dtype=bool)
    if not pairs.any():
        return np.eye(len(found))
    mean = found[pairs].mean()
    noise = (np.square(1 - np.square(found[pairs])) / common[pairs]).sum()
    spread = np.square(found[pairs] - mean).sum()
    share = 1.0 if spread <= noise else noise / spread
    found = np.where(pairs, (1 - share) * found + share * mean, mean)
    np.fill_diagonal(found, 1.0)
    return positive(found)


def positive(matrix: FloatArray) -> FloatArray:
    """Return correlations with eigenvalues above 0, which those of single pairs may not have."""
    values, vectors = np.linalg.eigh(matrix)
    lifted = (vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
    roots = np.sqrt(np.diag(lifted))
    return np.asarray(lifted / np.outer(roots, roots), np.float64)


def states(memory: CoMemory, scores: FloatArray) -> Iterator[State]:
    """Yield the memory before each day of scores (days, N), and after the last.

    It is one memory, which every day changes.
    """
    state = memory.first()
    yield state
    for today in scores:
        memory.remember(state, today)
        yield state


def covariances_along(memory: CoMemory, scores: FloatArray, weights: FloatArray) -> FloatArray:
    """Return V (days, N, N) before each day of scores (days, N)."""
    before = islice(states(memory, scores), len(scores))
    return np.stack([memory.covariances(state, weights) for state in before]).astype(np.float64)


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
        Upper triangles of the long run and of the averages, row by row, with the ridge.
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
        rows, columns = np.triu_indices(memory.assets)
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
                    found[1 + number, place] = average[rows, columns]
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
