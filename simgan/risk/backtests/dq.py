"""Engle and Manganelli's dynamic quantile test of predictable hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value, untestable
from simgan.risk.backtests.forecasts import Hits, TailForecasts
from simgan.settings import setting

# Eigenvalues below this share of the largest are directions that the regressors do not span.
SINGULAR = 1e-10


@dataclass(frozen=True, kw_only=True)
class DynamicQuantile(Backtest):
    r"""Regression of hits less their probability on a constant, earlier hits and the VaR.

    .. math:: DQ = \frac{H' X (X'X)^{+} X' H}{a (1 - a)},
       \qquad H_t = 1\{r_t < -\mathrm{VaR}_t\} - a

    Asymptotic: χ² with as many degrees of freedom as X has independent columns: six, fewer where
    the VaR is constant or there are no hits. Simulated: independent hits beside the VaR as it was.
    That the VaR answers to hits is then missing, which the size benchmark shows to be harmless.

    References
    ----------
    Engle & Manganelli (2004), "CAViaR: conditional autoregressive value at risk by regression
    quantiles".
    """

    kind: ClassVar[str] = "dq"
    lags: int = setting(4, "earlier hits in the regression", low=1)
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        a, days = forecasts.tail_probability, forecasts.days
        regressors = self.lags + 2
        if days - self.lags <= regressors:
            return untestable(
                self.kind, days, f"{days} days for {regressors} regressors and {self.lags} lags"
            )
        var = forecasts.value_at_risk[self.lags :]
        spread = np.ptp(var)
        scaled = (
            (var - var.mean()) / spread if spread > 0.0 else np.zeros_like(var)
        )  # the same span as the VaR beside a constant

        def statistic(hits: Hits) -> tuple[FloatArray, FloatArray]:
            return self._projection(hits.astype(np.float64) - a, scaled, a)

        value, rank = (float(part[0]) for part in statistic(forecasts.hits[None]))
        simulated = simulated_p_value(value, lambda u: statistic(u < a)[0], days, self.simulations)
        details = {"hits": int(np.count_nonzero(forecasts.hits)), "degrees of freedom": int(rank)}
        return TestResult(self.kind, days, value, float(chi2.sf(value, rank)), simulated, details)

    def _projection(
        self, excess: FloatArray, var: FloatArray, a: float
    ) -> tuple[FloatArray, FloatArray]:
        """Return statistics (series,) and ranks (series,) for one VaR (days − lags,).

        `excess` has shape (series, days): hits less their probability.
        """
        days = excess.shape[1]
        fixed = np.stack([np.ones_like(var), var])
        lagged = [excess[:, self.lags - lag : days - lag] for lag in range(1, self.lags + 1)]
        x = np.stack(
            [*np.broadcast_to(fixed[:, None], (2, len(excess), var.size)), *lagged], axis=1
        )  # (series, regressors, days − lags)
        response = excess[:, self.lags :]
        moments = x @ x.transpose(0, 2, 1)  # (series, regressors, regressors)
        scale = np.sqrt(np.maximum(np.einsum("sii->si", moments), np.finfo(float).tiny))
        values, vectors = np.linalg.eigh(moments / (scale[:, :, None] * scale[:, None, :]))
        spanned = values > SINGULAR * values[:, -1:]
        along = np.einsum("sij,si->sj", vectors, (x @ response[:, :, None])[:, :, 0] / scale)
        explained = np.where(spanned, along**2 / np.where(spanned, values, 1.0), 0.0).sum(axis=1)
        return explained / (a * (1.0 - a)), spanned.sum(axis=1).astype(np.float64)
