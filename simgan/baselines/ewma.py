"""Exponentially weighted moving averages of squared returns. They have no stationary law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines import Baseline
from simgan.baselines.volatility import (
    Estimate,
    FittedVolatility,
    checked_series,
    parametric,
    raw_residuals,
)
from simgan.baselines.volatility_parts import Gjr, HistoricalInnovations, Normal
from simgan.errors import ConfigError
from simgan.settings import setting

DECAY = 0.94  # of daily variances, RiskMetrics


@dataclass(frozen=True, kw_only=True)
class MovingAverage(Baseline):
    r"""The variance of RiskMetrics, with mean 0 and without estimation.

    .. math:: \sigma_t^2 = \lambda \sigma_{t-1}^2 + (1 - \lambda) r_{t-1}^2

    The first variance is the mean square of the sample.

    References
    ----------
    J.P. Morgan/Reuters (1996), "RiskMetrics — Technical document", 4th edition, chapter 5.
    """

    decay: float = setting(DECAY, "λ, the weight of yesterday's variance", above=0.0, high=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.decay == 1.0:
            raise ConfigError(self.kind, "decay", self.decay, "inside (0, 1), such as 0.94")

    def _average(self, log_returns: FloatArray) -> Estimate:
        series = checked_series(log_returns, self.kind)
        recursion = Gjr(float((series**2).mean()), 1.0 - self.decay, 0.0, self.decay)
        return Estimate(0.0, recursion, Normal())


class EwmaNormal(MovingAverage):
    """Moving average of squares with normal innovations: quick to react, tails too thin."""

    kind: ClassVar[str] = "ewma-normal"

    def _fit(self, log_returns: FloatArray) -> FittedVolatility:
        return parametric(self.kind, self._average(log_returns))


class EwmaFhs(MovingAverage):
    """Moving average of squares with filtered historical simulation.

    Past returns are divided by their volatility and drawn again at the volatility of today. The
    residuals keep the variance of the sample, a little above 1, because the average reacts late.
    Residuals of variance 1 would make VaR too small.

    References
    ----------
    Hull & White (1998), "Incorporating volatility updating into the historical simulation method
    for value at risk".
    """

    kind: ClassVar[str] = "ewma-fhs"

    def _fit(self, log_returns: FloatArray) -> FittedVolatility:
        found = self._average(log_returns)
        law = HistoricalInnovations(raw_residuals(found, log_returns))
        return FittedVolatility(self.kind, found.mean, found.recursion, law)
