r"""Dependence across assets: statistics of days as vectors of returns.

Days have shape (days, assets), and NaN marks a day on which an asset did not trade. A number of a
pair rests on the days that both assets have. Matrices have shape (assets, assets), and NaN for
pairs with fewer than 20 common days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray

FEWEST_COMMON = 20  # days of a pair, below which it has no number
TAIL = 0.05  # share of an asset's days in a tail
WORST = 0.01  # share of an asset's days that are its worst
UNREST_DAYS = 21  # before a day, by whose volatility it is calm or turbulent
_THIRDS = (1 / 3, 2 / 3)


class Unrest(NamedTuple):
    """Calm and turbulent days of one series of vectors, as truth values (days,)."""

    calm: NDArray[np.bool_]
    turbulent: NDArray[np.bool_]


def common_days(days: AnyFloatArray) -> FloatArray:
    """Return the number of days (assets, assets) that each pair has in common."""
    known = np.isfinite(days).astype(np.float64)
    return np.asarray(known.T @ known, np.float64)


def cross_correlations(left: AnyFloatArray, right: AnyFloatArray) -> FloatArray:
    """Return the correlation of each column of `left` with each of `right`, over common days.

    Parameters
    ----------
    left, right : arrays of shape (days, assets)
        Of the same days, or of days that belong together.
    """
    own, other = _held(left), _held(right)
    common = own.known.T @ other.known
    with np.errstate(all="ignore"):
        means = own.values.T @ other.known / common
        others = own.known.T @ other.values / common
        shared = own.values.T @ other.values / common - means * others
        spread = np.square(own.values).T @ other.known / common - np.square(means)
        of_others = own.known.T @ np.square(other.values) / common - np.square(others)
        found = shared / np.sqrt(spread * of_others)
    return np.where(common >= FEWEST_COMMON, found, np.nan)


def correlations(days: AnyFloatArray) -> FloatArray:
    """Return the correlations of all pairs."""
    return cross_correlations(days, days)


def rank_correlations(days: AnyFloatArray) -> FloatArray:
    """Return Spearman's correlations. The ranks of an asset are those among all of its days."""
    from scipy.stats import rankdata

    ranks = rankdata(days, axis=0, nan_policy="omit") if np.isnan(days).any() else _ranks(days)
    return correlations(ranks)


def size_correlations(days: AnyFloatArray, ahead: int = 0) -> FloatArray:
    """Return the correlation of |r| of an asset with |r| of another one, `ahead` days later.

    Row i holds those of |r| of asset i with the later ones of all assets.
    """
    sizes = np.abs(days)
    return cross_correlations(sizes[: len(sizes) - ahead], sizes[ahead:])


def joint_exceedances(days: AnyFloatArray, sign: float = -1.0, share: float = TAIL) -> FloatArray:
    r"""Return the empirical tail dependence of all pairs.

    .. math:: \lambda_{ij} = \frac{P(s X_i > q_i,\ s X_j > q_j)}{p}, \qquad P(s X_i > q_i) = p

    It is 1 where both assets always are in their tails together, and p where they are independent.

    Parameters
    ----------
    days : array of shape (days, assets)
    sign : float
        s, −1 for falls and 1 for gains.
    share : float
        p, of an asset's own days.

    References
    ----------
    Coles, Heffernan & Tawn (1999), "Dependence measures for extreme value analyses": χ(u).
    """
    values = sign * np.asarray(days, np.float64)
    limits = _quantiles(values, 1 - share)
    beyond = (values > limits).astype(np.float64)
    common = common_days(values)
    with np.errstate(all="ignore"):
        return np.where(common >= FEWEST_COMMON, beyond.T @ beyond / (share * common), np.nan)


def worst_day_moves(days: AnyFloatArray, share: float = WORST) -> FloatArray:
    """Return for each asset (assets,) the mean return of the others on its worst days.

    Returns are in standard deviations of their own asset. An asset with fewer than 20 days has NaN.
    """
    held, limits = _held(days), _quantiles(days, share)
    counts = held.known.sum(axis=0)
    with np.errstate(all="ignore"):
        means = held.values.sum(axis=0) / counts
        spreads = np.sqrt(np.square(held.values).sum(axis=0) / counts - np.square(means))
        scaled = np.where(np.isfinite(days) & np.isfinite(limits), held.values / spreads, 0.0)
    worst = (days <= limits).astype(np.float64)
    counts, totals = worst.T @ held.known, worst.T @ scaled
    np.fill_diagonal(counts, 0.0)
    np.fill_diagonal(totals, 0.0)
    found = totals.sum(axis=1) / np.maximum(counts.sum(axis=1), 1.0)
    return np.where(np.isfinite(limits), found, np.nan)


def regimes(days: AnyFloatArray) -> Unrest:
    """Tell calm from turbulent days by the volatility of the book before them.

    The book has equal shares of the assets that trade. Its volatility is the root of its mean
    squared return over the 21 days before. Calm days have one in the lowest third, and turbulent
    days one in the highest. The first 21 days are neither.
    """
    known = np.isfinite(days)
    book = np.where(known, days, 0.0).sum(axis=1, dtype=np.float64) / known.sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(np.square(book))])
    before = sums[UNREST_DAYS:-1] - sums[: -UNREST_DAYS - 1]
    low, high = np.quantile(before, _THIRDS)
    unknown = np.zeros(UNREST_DAYS, bool)
    return Unrest(np.append(unknown, before <= low), np.append(unknown, before >= high))


def spectrum(correlations: FloatArray) -> FloatArray:
    """Return the shares of variance of the eigen-portfolios (assets,), the largest first.

    A pair without a correlation has the mean of the others.
    """
    assets = len(correlations)
    of_pairs = correlations[~np.eye(assets, dtype=bool)]
    whole = np.where(np.isfinite(correlations), correlations, np.nanmean(of_pairs))
    np.fill_diagonal(whole, 1.0)
    return np.asarray(np.linalg.eigvalsh(whole)[::-1] / assets, np.float64)


def _quantiles(days: AnyFloatArray, share: float) -> FloatArray:
    """Return a quantile of the own days of each asset (assets,), or NaN of fewer than 20."""
    found = np.full(days.shape[1], np.nan)
    for column, returns in enumerate(days.T):
        own = returns[np.isfinite(returns)]
        if len(own) >= FEWEST_COMMON:
            found[column] = np.quantile(own, share)
    return found


class _Held(NamedTuple):
    """Days with 0 in the place of NaN, and 1 for each that is known."""

    values: FloatArray
    known: FloatArray


def _held(days: AnyFloatArray) -> _Held:
    known = np.isfinite(days)
    return _Held(np.where(known, days, 0.0).astype(np.float64), known.astype(np.float64))


def _ranks(days: AnyFloatArray) -> FloatArray:
    """Return ranks (days, assets), in which equal returns have those of their order."""
    order = np.argsort(days, axis=0, kind="stable")
    ranks = np.empty(days.shape)
    np.put_along_axis(ranks, order, np.arange(len(days), dtype=np.float64)[:, None], axis=0)
    return ranks
