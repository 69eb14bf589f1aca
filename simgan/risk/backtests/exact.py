"""Exact laws of counts of hits and of their order, and mid-p values from them."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln
from scipy.stats import binom

from simgan.arrays import FloatArray
from simgan.risk.backtests.forecasts import coverage_ratio_of, independence_ratio_of

# Relative difference below which two statistics are equal. They add the same numbers in another
# order.
TIE = 1e-9
_NEGLIGIBLE = 1e-18  # probability of a number of hits that is left out


def mid_p(observed: float, statistics: FloatArray, probabilities: FloatArray) -> float:
    r"""Probability of a larger statistic, and half of that of the same one.

    .. math:: p = P(S > s) + \tfrac12 P(S = s)

    A count has few values, and P(S ≥ s) rejects less often than it says. The mid-p value rejects
    about as often as it says, and needs no coin to break ties.

    Parameters
    ----------
    observed : float
        s. Large speaks against the null.
    statistics, probabilities : arrays of shape (values,)
        The law of S under the null.

    References
    ----------
    Lancaster (1961), "Significance tests in discrete distributions".
    """
    same = np.abs(statistics - observed) <= TIE * max(1.0, abs(observed))
    beyond = (statistics > observed) & ~same
    return float(probabilities[beyond].sum() + 0.5 * probabilities[same].sum())


def coverage_p(ratio: float, days: int, probability: float) -> float:
    """Return the mid-p value of a likelihood ratio of coverage, under independent hits."""
    counts = np.arange(days + 1)
    ratios = coverage_ratio_of(counts.astype(np.float64), days, probability)
    return mid_p(ratio, ratios, binom.pmf(counts, days, probability))


def independence_p(ratio: float, hits: int, days: int) -> float:
    """Return the mid-p value of a likelihood ratio of independence, given the number of hits."""
    ratios, shares = _orders(hits, days)
    return mid_p(ratio, ratios, shares)


def joint_p(ratio: float, days: int, probability: float) -> float:
    """Return the mid-p value of the sum of both ratios, under independent hits."""
    counts = np.arange(days + 1)
    weights = binom.pmf(counts, days, probability)
    return sum(
        float(weights[hits])
        * mid_p(ratio - float(coverage_ratio_of(hits, days, probability)), *_orders(hits, days))
        for hits in np.flatnonzero(weights > _NEGLIGIBLE).tolist()
    )


def _orders(hits: int, days: int) -> tuple[FloatArray, FloatArray]:
    r"""Return the ratios of independence of all orders of the hits, and the shares of these orders.

    Orders differ for the ratio only by the number r of runs of hits, and by whether they begin and
    end with a hit. The other days then have z runs, and there are

    .. math:: \binom{n - 1}{r - 1} \binom{T - n - 1}{z - 1}

    such orders of n hits on T days (Mood 1940, "The distribution theory of runs").
    """
    others = days - hits
    if hits == 0 or others == 0:
        return np.zeros(1), np.ones(1)
    most = min(hits, others + 1)
    runs, begins, ends = np.meshgrid(np.arange(1.0, most + 1), [0.0, 1.0], [0.0, 1.0])
    between = runs + 1.0 - begins - ends  # z
    possible = (between >= 1.0) & (between <= others)
    runs, begins, ends, between = (each[possible] for each in (runs, begins, ends, between))
    shares = np.exp(
        _log_binomial(hits - 1.0, runs - 1.0)
        + _log_binomial(others - 1.0, between - 1.0)
        - _log_binomial(float(days), float(hits))
    )
    n11, n01, n10 = hits - runs, runs - begins, runs - ends
    return independence_ratio_of(days - 1.0 - n11 - n01 - n10, n01, n10, n11), shares


def _log_binomial(n: float, k: FloatArray | float) -> FloatArray:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), np.float64)
