"""Ranges: the variance of a day as its open, high and low show it."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray
from simgan.market.prices import Bars
from simgan.market.sessions import SAME, Flags

LEAST_SHARE = 0.5  # of the days of an asset. With fewer ranges, it counts as one without any.


def range_variance(previous: FloatArray, closes: FloatArray, bars: Bars) -> FloatArray:
    """Return the variance of each day as its bar shows it.

    With g = ln(open/previous close), u = ln(high/open), d = ln(low/open) and c = ln(close/open), it
    is g² + ½(RS + GK), where

    - RS = u(u − c) + d(d − c) is the estimator of Rogers & Satchell, and
    - GK = ½(u − d)² − (2 ln 2 − 1)c² is that of Garman & Klass.

    High and low are first widened until they hold open and close, for some markets settle outside
    of both. Then neither estimator is negative. On continuous paths without drift, the mean is
    that of the squared log return, and the error is much smaller.

    Parameters
    ----------
    previous : array
        The close of the day before, in the unit of the bar.
    closes : array
        Shape of `previous`.
    bars : Bars
        Each array has the shape of `closes`.

    Returns
    -------
    array
        Squared log return, in the shape of `closes`. Zero if no price of the day differs from
        `previous`. NaN where the bar shows no range: a price is missing, high is below low, or high
        equals low although the price moved.

    References
    ----------
    Garman, M. B. and Klass, M. J. (1980), On the Estimation of Security Price Volatilities from
    Historical Data, Journal of Business 53, 67-78.
    Rogers, L. C. G. and Satchell, S. E. (1991), Estimating Variance from High, Low and Closing
    Prices, Annals of Applied Probability 1, 504-512.

    Examples
    --------
    >>> day = Bars(*(np.array([price]) for price in (100.0, 102.0, 99.0, 1e6)))
    >>> float(range_variance(np.array([100.0]), np.array([101.0]), day).round(6)[0])
    0.000402
    """
    high = np.maximum(bars.high, np.maximum(bars.open, closes))  # NaN stays NaN
    low = np.minimum(bars.low, np.minimum(bars.open, closes))
    gap, up, down, move = np.log(
        [bars.open / previous, *(p / bars.open for p in (high, low, closes))]
    )
    rogers_satchell = up * (up - move) + down * (down - move)
    garman_klass = 0.5 * (up - down) ** 2 - (2 * np.log(2) - 1) * move**2
    variance = gap**2 + 0.5 * (rogers_satchell + garman_klass)
    return np.where(_has_no_range(previous, closes, bars), np.nan, variance)


def _has_no_range(previous: FloatArray, closes: FloatArray, bars: Bars) -> Flags:
    """Mark bars whose high is below the low, or equals it although the price moved."""
    flat = np.abs(bars.high - bars.low) <= SAME * bars.high
    prices = (previous, bars.open, closes)
    moved = np.any([np.abs(price - bars.high) > SAME * bars.high for price in prices], axis=0)
    return np.asarray((flat & moved) | (bars.high < bars.low * (1 - SAME)), np.bool_)


def ranges_of(closes: FloatArray, bars: Bars | None) -> FloatArray | None:
    """Return the range variance of each day but the first.

    Parameters
    ----------
    closes : array of shape (days, assets)
    bars : Bars, optional
        Each array of shape (days, assets), in the unit of the closes.

    Returns
    -------
    array of shape (days − 1, assets), or None
        NaN for an asset with ranges on fewer than half of the days. None if that is each asset.
    """
    if bars is None:
        return None
    variances = range_variance(closes[:-1], closes[1:], bars.each(lambda values: values[1:]))
    variances[:, np.isfinite(variances).mean(axis=0) < LEAST_SHARE] = np.nan
    return None if np.isnan(variances).all() else variances
