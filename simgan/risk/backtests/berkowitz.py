"""Berkowitz's test: PITs as normal numbers have mean 0, variance 1, and no memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value, untestable
from simgan.risk.backtests.forecasts import TailForecasts, normal_scores
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class Berkowitz(Backtest):
    r"""Joint likelihood ratio of mean, variance and first autocorrelation of normal scores.

    .. math:: z_t - \mu = \rho (z_{t-1} - \mu) + \sigma \varepsilon_t, \qquad
       LR = -2\bigl(\log L(0, 1, 0) - \log L(\hat\mu, \hat\sigma^2, \hat\rho)\bigr)

    The likelihood is conditional on the first day, so that its maximum is a least-squares line.
    Asymptotic: χ² of three degrees of freedom. PITs of 0 or 1 are moved inside by 10⁻⁶.

    References
    ----------
    Berkowitz (2001), "Testing density forecasts, with applications to risk management".
    """

    kind: ClassVar[str] = "berkowitz"
    fewest: ClassVar[int] = 5
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        scores = normal_scores(forecasts.pit)
        if np.ptp(scores[1:]) == 0.0 or np.ptp(scores[:-1]) == 0.0:
            return untestable(self.kind, forecasts.days, "PITs that do not vary")
        ratio = float(_ratio(scores[None])[0])
        simulated = simulated_p_value(
            ratio, lambda u: _ratio(normal_scores(u)), forecasts.days, self.simulations
        )
        return TestResult(self.kind, forecasts.days, ratio, float(chi2.sf(ratio, 3)), simulated)


def _ratio(scores: FloatArray) -> FloatArray:
    """Likelihood ratios (series,) of scores (series, days)."""
    before, after = scores[:, :-1], scores[:, 1:]
    n = after.shape[1]
    x, y = before - before.mean(axis=1, keepdims=True), after - after.mean(axis=1, keepdims=True)
    slope = (x * y).sum(axis=1) / (x**2).sum(axis=1)
    variance = np.maximum(((y - slope[:, None] * x) ** 2).mean(axis=1), np.finfo(float).tiny)
    return np.asarray((after**2).sum(axis=1) - n - n * np.log(variance), np.float64)
