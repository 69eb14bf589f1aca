"""EGARCH with filtered historical simulation, and the bound on its long-run variance."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
from scipy.special import expit, logit

from simgan.arrays import FloatArray
from simgan.baselines import Baseline
from simgan.baselines.volatility import (
    FittedVolatility,
    Region,
    checked_series,
    estimate,
    residuals,
)
from simgan.baselines.volatility_parts import (
    MEAN_SIZE,
    Egarch,
    HistoricalInnovations,
    SkewT,
)
from simgan.errors import TrainingError

MOST_APART = 1.5  # largest factor between long-run and sample standard deviation
_CALMEST_START = -2.0 * np.log(10.0)  # log variance, of a sample with variance 1
_EXACT = 16  # first terms of the sum over past news, before an integral takes over
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)  # on (−1, 1)


class EgarchFhs(Baseline):
    """EGARCH(1,1,1) (Nelson 1991) with filtered historical simulation.

    News changes the logarithm of the variance, so that no crash makes it explode. The filter starts
    with the backcast of arch: a weighted mean square of the first 75 days. If it started at the
    level, a long memory would make the level that of the first days.

    The level is free, as long as the long-run standard deviation under the residuals is within a
    factor of 1.5 of the sample's. Else a second fit chooses it so that both are equal, as variance
    targeting does for GJR.
    """

    kind: ClassVar[str] = "egarch-fhs"

    def _fit(self, log_returns: FloatArray) -> FittedVolatility:
        start = _backcast(checked_series(log_returns, self.kind))
        fitted = self._in(free_region(start), log_returns)
        if _apart(fitted, log_returns) <= MOST_APART:
            return fitted
        targeted = self._in(_targeted(start, fitted), log_returns)
        if not (apart := _apart(targeted, log_returns)) <= MOST_APART:
            raise TrainingError(
                f"{self.kind}: the long-run standard deviation is {apart:.3g} times off the "
                "sample's; use gjr-fhs or a longer history"
            )
        return targeted

    def _in(self, region: Region, log_returns: FloatArray) -> FittedVolatility:
        found = estimate(log_returns, self.kind, region, SkewT)
        return FittedVolatility(
            self.kind, found.mean, found.recursion, residuals(found, log_returns)
        )


def log_lift(recursion: Egarch, innovations: FloatArray) -> float:
    r"""Return the logarithm of the long-run variance less the level c.

    .. math:: \log E[\sigma^2] - c = \sum_{k \ge 0} h(\beta^k), \qquad
       h(u) = \log E[\exp(u (\alpha (|z| - \sqrt{2/\pi}) + \gamma z))]

    The mean is over the innovations (days,). The first 16 terms are added. The others are an
    integral over u, with the first corrections of Euler and Maclaurin.

    References
    ----------
    Nelson (1991), "Conditional heteroskedasticity in asset returns: a new approach", theorem 2.1.
    """
    beta = recursion.beta
    news = recursion.alpha * (np.abs(innovations) - MEAN_SIZE) + recursion.gamma * innovations
    mean, most = float(news.mean()), float((news - news.mean()).max())
    last = beta**_EXACT
    sizes = np.concatenate([beta ** np.arange(_EXACT + 1), last * (1.0 + _NODES) / 2.0])
    growth = np.exp(np.outer(sizes, news - mean - most))  # at most 1
    h = np.log(growth.mean(axis=1)) + sizes * most
    slope = float(growth[_EXACT] @ (news - mean) / growth[_EXACT].sum())
    decay = -np.log(beta)
    integral = float((_WEIGHTS / (1.0 + _NODES)) @ h[_EXACT + 1 :]) / decay
    rest = integral + h[_EXACT] / 2.0 + decay * last * slope / 12.0
    return float(mean / (1.0 - beta) + h[:_EXACT].sum() + rest)


def _apart(fitted: FittedVolatility, log_returns: FloatArray) -> float:
    """Return the ratio of long-run and sample standard deviation, or its inverse if larger."""
    recursion = fitted.recursion
    assert isinstance(recursion, Egarch)
    long_run = recursion.level + log_lift(recursion, _residuals_of(fitted))
    log_ratio = long_run - 2.0 * np.log(log_returns.std())
    return float(np.exp(abs(log_ratio) / 2.0))


def _residuals_of(fitted: FittedVolatility) -> FloatArray:
    """Return the residuals (days,) that a fit draws its innovations from."""
    assert isinstance(fitted.innovations, HistoricalInnovations)
    return fitted.innovations.residuals


def _backcast(series: FloatArray) -> float:
    """Return the log variance with which the filter of a series (days,) of variance 1 starts.

    Days without trading at the beginning would give a variance of nearly 0, so that the first
    trade is a shock of thousands. The start is therefore at least a hundredth of the sample's.
    """
    from arch.univariate import EGARCH

    scaled = (series - series.mean()) / series.std()
    with np.errstate(divide="ignore"):
        return max(float(EGARCH(p=1, o=1, q=1).backcast(scaled)), float(_CALMEST_START))


def _at(free: FloatArray, negative_share: float, start: float | None) -> Egarch:
    """Level, size and sign of news, and the logit of the memory."""
    return Egarch(float(free[0]), float(free[1]), float(free[2]), float(expit(free[3])), start)


def _at_target(
    free: FloatArray, negative_share: float, start: float, innovations: FloatArray
) -> Egarch:
    """Size and sign of news, and the logit of the memory. The long-run variance is 1."""
    recursion = Egarch(0.0, float(free[0]), float(free[1]), float(expit(free[2])), start)
    return recursion.at_level(-log_lift(recursion, innovations))


_NEWS = tuple(
    (size, sign, float(logit(beta)))
    for size, sign, beta in ((0.15, -0.1, 0.97), (0.1, 0.0, 0.99), (0.25, -0.05, 0.9))
)


def free_region(start: float | None = None) -> Region:
    """Return all recursions whose filter starts with a log variance, by default the level."""
    return Region(partial(_at, start=start), tuple((-0.3, *news) for news in _NEWS))


def _targeted(start: float, first: FittedVolatility) -> Region:
    innovations = _residuals_of(first)
    return Region(partial(_at_target, start=start, innovations=innovations), _NEWS)
