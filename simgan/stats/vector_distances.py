r"""Distances between two sets of days as vectors of returns: energy and variogram."""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.stats.windows import distances

POWER = 0.5
_ROWS = 500  # points whose distances are in memory at a time


def mean_distance(one: FloatArray, other: FloatArray) -> float:
    """Return the mean Euclidean distance of points (n, d) from points (m, d)."""
    total = sum(
        float(distances(one[first : first + _ROWS], other).sum())
        for first in range(0, len(one), _ROWS)
    )
    return total / (len(one) * len(other))


def energy_of_days(real: FloatArray, fake: FloatArray, within_fake: float | None = None) -> float:
    r"""Return the energy distance of two sets of days.

    .. math:: 2 E|X - Y| - E|X - X'| - E|Y - Y'|

    Both means of a set with itself count each day with itself, as in the V-statistic of the paper.

    Parameters
    ----------
    real, fake : arrays of shape (days, assets)
        In units in which the assets are alike.
    within_fake : float, optional
        E|Y − Y'|, where it is known.

    References
    ----------
    Székely & Rizzo (2013), "Energy statistics: a class of statistics based on distances".
    """
    of_fake = mean_distance(fake, fake) if within_fake is None else within_fake
    return 2 * mean_distance(real, fake) - mean_distance(real, real) - of_fake


def variogram(days: AnyFloatArray, power: float = POWER) -> FloatArray:
    """Return E|Xᵢ − Xⱼ|^p (pairs,) of all pairs i < j, over the days that both have.

    A pair without a common day has NaN.

    Parameters
    ----------
    days : array of shape (days, assets)
        In units in which the assets are alike. NaN where one did not trade.
    power : float
        p, above 0.

    References
    ----------
    Scheuerer & Hamill (2015), "Variogram-based proper scoring rules for probabilistic forecasts of
    multivariate quantities".
    """
    found = []
    for first in range(days.shape[1] - 1):
        apart = np.abs(days[:, first + 1 :] - days[:, first : first + 1])
        sizes = np.sqrt(apart) if power == 0.5 else np.power(apart, power)  # √ is faster
        known = np.isfinite(sizes)
        totals, counts = (
            np.where(known, sizes, 0.0).sum(axis=0, dtype=np.float64),
            known.sum(axis=0),
        )
        found.append(np.where(counts > 0, totals / np.maximum(counts, 1), np.nan))
    return np.concatenate(found)
