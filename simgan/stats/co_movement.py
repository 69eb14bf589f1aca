r"""Correlations that move: their memory, and those of the long run.

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
N, V). Row i holds row i of each Q_k, and then the i-th number of each g_k. The formulas run on the
lower triangles alone, of M = N (N + 1) / 2 numbers. There the paths are the last axes, so that
every operation runs along them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray

ALL = (8.0, 20.0, 60.0, 150.0, 400.0)  # half lives in days
FIRST_DAYS = 60  # of a history, before which a memory knows too little for the likelihood
RIDGE = 1e-4  # share of independence in R, or assets with the same returns would have no inverse
_LEAST_EIGENVALUE = 1e-6  # of the long run
_FEWEST_COMMON = 20  # days of a pair that has a correlation of its own


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
    products : array of shape (pairs, M, …)
        Lower triangles of the Q_k, row by row.
    spreads : array of shape (spreads, N, …)
        The g_k.
    """

    products: AnyFloatArray
    spreads: AnyFloatArray


class _Constants(NamedTuple):
    """Numbers that every step of a path uses, in the precision of its memory.

    Attributes
    ----------
    target : array of shape (M,)
        Lower triangle of C.
    axes : array of shape (N, N)
        Eigenvectors of C, as rows.
    products : array of shape (M, N)
        Lower triangle of u u' of each eigenvector u.
    """

    target: AnyFloatArray
    axes: AnyFloatArray
    products: AnyFloatArray


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
    def triangle(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns (M,) of a lower triangle."""
        return np.tril_indices(self.assets)

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        """Return the place (N, N) in a lower triangle of each number of a matrix."""
        rows, columns = self.triangle
        found = np.empty((self.assets, self.assets), np.intp)
        found[rows, columns] = found[columns, rows] = np.arange(len(rows))
        return found

    @cached_property
    def _constants(self) -> dict[np.dtype[np.floating], _Constants]:
        rows, columns = self.triangle
        axes = np.linalg.eigh(self.target)[1]
        exact = _Constants(self.target[rows, columns], axes.T, axes[rows] * axes[columns])
        rounded = _Constants(*(np.asarray(each, np.float32) for each in exact))
        return {each.target.dtype: each for each in (exact, rounded)}

    def first(self) -> State:
        """Return the memory of the long run."""
        pairs, spreads = self.half_lives
        return State(
            np.tile(self.target[self.triangle], (len(pairs), 1)),
            np.tile(np.linalg.eigvalsh(self.target), (len(spreads), 1)),
        )

    def packed(self, state: State) -> AnyFloatArray:
        """Return a memory as (…, N, V)."""
        rows = np.moveaxis(state.products[:, self._places], (1, 0, 2), (-3, -2, -1))
        of_products = rows.reshape(*rows.shape[:-2], len(self.half_lives.pairs) * self.assets)
        return np.concatenate([of_products, np.moveaxis(state.spreads, (1, 0), (-2, -1))], axis=-1)

    def unpacked(self, memory: AnyFloatArray) -> State:
        """Return a copy of a memory (…, N, V) by its averages."""
        rows, columns = self.triangle
        firsts = self.assets * np.arange(len(self.half_lives.pairs))[:, None]
        products = memory[..., rows, firsts + columns]  # (…, K, M)
        spreads = memory[..., firsts.size * self.assets :]  # (…, N, K')
        return State(
            np.moveaxis(products, (-2, -1), (0, 1)).copy(),
            np.moveaxis(spreads, (-1, -2), (0, 1)).copy(),
        )

    def remember(self, state: State, scores: AnyFloatArray) -> None:
        """Take the scores (…, N) of one more day into a memory."""
        pairs, spreads = self.half_lives
        rows, columns = self.triangle
        of_each = _of_each(scores)
        axes = self._constants[of_each.dtype].axes
        _average(state.products, pairs, of_each[rows] * of_each[columns])
        _average(state.spreads, spreads, np.square(np.tensordot(axes, of_each, 1)))

    def covariances(self, state: State, weights: AnyFloatArray) -> AnyFloatArray:
        """Return V (…, N, N) after a memory, by the weights (1 + averages,)."""
        products, spreads = state
        kind = products.dtype
        w, last = weights.astype(kind), 1 + len(products)
        found = self._of_axes(np.tensordot(w[last:], spreads, 1))
        along_paths = found.T  # (…, M)
        along_paths += w[0] * self._constants[kind].target
        for weight, product in zip(w[1:last], products, strict=True):
            found += weight * product
        return np.moveaxis(found[self._places], (0, 1), (-2, -1))

    def averages(self, state: State) -> list[AnyFloatArray]:
        """Return lower triangles (M, …) of the averages behind the weights, in their order."""
        return [*state.products, *map(self._of_axes, state.spreads)]

    def _of_axes(self, spreads: AnyFloatArray) -> AnyFloatArray:
        """Return the lower triangle (M, …) of U diag(g) U' for the spreads g (N, …)."""
        return np.asarray(np.tensordot(self._constants[spreads.dtype].products, spreads, 1))


def _of_each(scores: AnyFloatArray) -> AnyFloatArray:
    """Return scores (…, N) as (N, …), with the paths next to each other."""
    return np.ascontiguousarray(np.moveaxis(scores, -1, 0))


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
    matrices, of_each = np.moveaxis(covariances, (-2, -1), (0, 1)), _of_each(news)
    variances = np.einsum("ii...->i...", matrices)  # a view
    variances *= matrices.dtype.type(1 + RIDGE)
    columns = np.zeros_like(matrices, order="C")  # of the roots: [k, i] is row i of column k
    for place in range(len(matrices)):
        before, column = columns[:place, place:], columns[place, place:]
        np.einsum("ki...,k...->i...", before, before[:, 0], out=column)
        np.subtract(matrices[place, place:], column, out=column)
        column /= np.sqrt(column[0])
    drawn = np.einsum("ki...,k...->i...", columns, of_each)
    return np.asarray(np.moveaxis(drawn, 0, -1) / np.moveaxis(np.sqrt(variances), 0, -1))


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
