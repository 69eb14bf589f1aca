"""Likelihood ratios of series of hits, many series at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from simgan.arrays import FloatArray

Hits = NDArray[np.bool_]


def coverage_ratio(hits: Hits, probability: float) -> FloatArray:
    r"""Likelihood ratio of a rate of hits against its estimate x/n, after Kupiec.

    .. math:: LR = -2 \log \frac{(1-a)^{n-x} a^x}{(1-x/n)^{n-x} (x/n)^x}, \qquad 0 \log 0 = 0

    Parameters
    ----------
    hits : array of shape (series, days)
        Of booleans.
    probability : float in (0, 1)
        a = 1 − level.

    Returns
    -------
    array of shape (series,)
        Not negative.
    """
    days = hits.shape[1]
    x = np.count_nonzero(hits, axis=1).astype(np.float64)
    return np.maximum(
        2.0 * (_log_likelihood(x, days - x, x / days) - _log_likelihood(x, days - x, probability)),
        0.0,
    )


def independence_ratio(hits: Hits) -> FloatArray:
    r"""Likelihood ratio of independent hits against a Markov chain, after Christoffersen.

    .. math:: LR = -2 \log \frac{(1-\pi)^{n_{00}+n_{10}} \pi^{n_{01}+n_{11}}}
       {(1-\pi_0)^{n_{00}} \pi_0^{n_{01}} (1-\pi_1)^{n_{10}} \pi_1^{n_{11}}}, \qquad 0 \log 0 = 0

    over the days − 1 transitions. π₀ and π₁ are the rates of hits after none and after one. A rate
    without a single transition to estimate it leaves its factor out, so that no hits at all give 0.

    Parameters
    ----------
    hits : array of shape (series, days)
        At least two days.

    Returns
    -------
    array of shape (series,)
        Not negative.
    """
    before, after = hits[:, :-1], hits[:, 1:]
    n11 = np.count_nonzero(before & after, axis=1).astype(np.float64)
    n10, n01 = np.count_nonzero(before, axis=1) - n11, np.count_nonzero(after, axis=1) - n11
    n00 = after.shape[1] - n11 - n10 - n01
    rate = (n01 + n11) / after.shape[1]
    alone = _log_likelihood(n01 + n11, n00 + n10, rate)
    chain = _log_likelihood(n01, n00, n01 / np.maximum(n00 + n01, 1.0)) + _log_likelihood(
        n11, n10, n11 / np.maximum(n10 + n11, 1.0)
    )
    return np.maximum(2.0 * (chain - alone), 0.0)


def _log_likelihood(hits: FloatArray, others: FloatArray, rate: FloatArray | float) -> FloatArray:
    return np.asarray(xlogy(hits, rate) + xlog1py(others, -np.asarray(rate)), np.float64)
