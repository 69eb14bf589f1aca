r"""The shape of a day: its open, high and low beside its return, and the variance they show.

The shape of a day is (gap, upper, lower), in log returns:

.. math:: γ = \ln(O_t / C_{t-1}), \qquad u = \ln(H_t / \max(O_t, C_t)) ≥ 0, \qquad
          d = \ln(\min(O_t, C_t) / L_t) ≥ 0

With the log return x of the day, its body is b = x − γ. Its range variance is

.. math:: v = γ^2 + \tfrac12 (\mathrm{RS} + \mathrm{GK}), \qquad
          \mathrm{RS} = h (h - b) + l (l - b), \qquad
          \mathrm{GK} = \tfrac12 (h - l)^2 - (2 \ln 2 - 1)\, b^2

where h = max(b, 0) + u and l = min(b, 0) − d are high and low over the open. RS is the estimator of
Rogers & Satchell, and GK that of Garman & Klass. Neither is negative. Returns and shapes multiplied
by c give v multiplied by c². On continuous paths without drift, the mean of v is that of the
squared log return, and its error is much smaller.

References
----------
Garman, M. B. and Klass, M. J. (1980), On the Estimation of Security Price Volatilities from
Historical Data, Journal of Business 53, 67-78.
Rogers, L. C. G. and Satchell, S. E. (1991), Estimating Variance from High, Low and Closing
Prices, Annals of Applied Probability 1, 504-512.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.market.prices import Bars

PARTS = 3  # gap, upper, lower
GARMAN_KLASS = float(2 * np.log(2) - 1)  # weight of the squared body

Real = TypeVar("Real", bound=np.floating)


def shapes_of(previous: FloatArray, closes: FloatArray, bars: Bars) -> FloatArray:
    """Return the shapes (…, 3) of days.

    High and low are widened until they hold open and close, for some markets settle outside of
    both.

    Parameters
    ----------
    previous, closes : arrays of shape (…)
        The close of the day before and that of the day, in the unit of the bar.
    bars : Bars
        Positive prices, each array of shape (…). NaN gives NaN.
    """
    top, bottom = np.maximum(bars.open, closes), np.minimum(bars.open, closes)
    upper, lower = np.maximum(bars.high / top, 1), np.maximum(bottom / bars.low, 1)
    return np.asarray(np.log(np.stack([bars.open / previous, upper, lower], axis=-1)), np.float64)


def range_variance(log_returns: NDArray[Real], shapes: NDArray[Real]) -> NDArray[Real]:
    """Return the range variance (…) of days with log returns (…) and shapes (…, 3).

    Examples
    --------
    >>> day = Bars(*(np.array([price]) for price in (100.0, 102.0, 99.0, 1e6)))
    >>> previous, close = np.array([100.0]), np.array([101.0])
    >>> shapes = shapes_of(previous, close, day)
    >>> float(range_variance(np.log(close / previous), shapes).round(6)[0])
    0.000402
    """
    gap, upper, lower = np.moveaxis(shapes, -1, 0)
    body = log_returns - gap
    high, low = np.maximum(body, 0) + upper, np.minimum(body, 0) - lower
    rogers_satchell = high * (high - body) + low * (low - body)
    garman_klass = 0.5 * (high - low) ** 2 - GARMAN_KLASS * body**2
    return np.asarray(gap**2 + 0.5 * (rogers_satchell + garman_klass), log_returns.dtype)
