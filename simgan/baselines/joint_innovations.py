"""Laws of the innovations of several assets on a day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import stdtr
from scipy.stats import kendalltau, multivariate_t, rankdata, t

from simgan.arrays import FloatArray
from simgan.stats.co_movement import positive

_LEAST_FREEDOM, _MOST_FREEDOM = 2.1, 100.0  # of a t copula


class DrawnTogether(Protocol):
    """A law of the innovations of all assets on a day."""

    def draw(self, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
        """Return innovations (horizon, paths, assets).

        A short horizon is a prefix of a long one.
        """
        ...


@dataclass(frozen=True, eq=False)
class Days:
    """Whole days of the history.

    Attributes
    ----------
    rows : array of shape (days, assets)
        Innovations.
    """

    rows: FloatArray

    def draw(self, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
        picked = (rng.random((horizon, paths)) * len(self.rows)).astype(np.intp)
        return self.rows[picked]


@dataclass(frozen=True, eq=False)
class Apart:
    """Another day of the history for each asset."""

    rows: FloatArray

    def draw(self, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
        days, assets = self.rows.shape
        picked = (rng.random((horizon, paths, assets)) * days).astype(np.intp)
        return np.asarray(self.rows[picked, np.arange(assets)], np.float64)


@dataclass(frozen=True, eq=False)
class TCopula:
    """A t copula whose margins are those of the history.

    Attributes
    ----------
    ordered : array of shape (days, assets)
        Innovations of each asset in ascending order.
    correlations : array of shape (assets, assets)
    freedom : float
        Degrees of freedom.
    """

    ordered: FloatArray
    correlations: FloatArray
    freedom: float

    @classmethod
    def of(cls, rows: FloatArray) -> TCopula:
        """Estimate from innovations (days, assets)."""
        shares = rankdata(rows, axis=0) / (len(rows) + 1)
        correlations = _of_ranks(rows)
        found = minimize_scalar(
            lambda log: -_log_density(shares, correlations, float(np.exp(log))),
            bounds=(np.log(_LEAST_FREEDOM), np.log(_MOST_FREEDOM)),
            method="bounded",
        )
        return cls(np.sort(rows, axis=0), correlations, float(np.exp(found.x)))

    def draw(self, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
        days, assets = self.ordered.shape
        root = np.linalg.cholesky(self.correlations)
        found = np.empty((horizon, paths, assets))
        for today in found:
            size = np.sqrt(self.freedom / rng.chisquare(self.freedom, (paths, 1)))
            today[:] = size * (rng.standard_normal((paths, assets)) @ root.T)
        shares = stdtr(self.freedom, found)
        picked = np.minimum((shares * days).astype(np.intp), days - 1)
        return np.asarray(self.ordered[picked, np.arange(assets)], np.float64)


def _of_ranks(rows: FloatArray) -> FloatArray:
    """Return the correlations sin(πτ/2) of a t copula by Kendall's tau, positive definite."""
    found = np.eye(rows.shape[1])
    for one, other in combinations(range(len(found)), 2):
        tau = kendalltau(rows[:, one], rows[:, other]).statistic
        found[one, other] = found[other, one] = np.sin(np.pi / 2 * tau)
    return positive(found)


def _log_density(shares: FloatArray, correlations: FloatArray, freedom: float) -> float:
    """Return the mean log density of a t copula at shares (days, assets)."""
    values = t.ppf(shares, freedom)
    together = multivariate_t.logpdf(values, shape=correlations, df=freedom)
    return float((together - t.logpdf(values, freedom).sum(axis=1)).mean())
