"""Whether the PITs are independent over time, by Ljung and Box on them and on their squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value, untestable
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class PitIndependence(Backtest):
    r"""Sum of two Ljung–Box statistics: of the PITs u, and of (u − ½)².

    The first finds missed means, the second finds missed volatility.

    .. math:: Q = T(T + 2) \sum_{k=1}^{m} \frac{\hat\rho_k^2}{T - k}

    Asymptotic: χ² of 2m degrees of freedom, for the two are uncorrelated under a symmetric law.
    Simulated: the PITs that came in every order, which is the exact law whatever their
    distribution, so that the test does not repeat the one of uniformity.

    References
    ----------
    Ljung & Box (1978), "On a measure of lack of fit in time series models". Diebold, Gunther & Tay
    (1998), "Evaluating density
    forecasts", on powers of the PIT.
    """

    kind: ClassVar[str] = "pit-independence"
    lags: int = setting(10, "lags m of both statistics", low=1)
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        pit, days = forecasts.pit, forecasts.days
        squares = (pit - 0.5) ** 2
        if days <= self.lags + 1 or np.ptp(pit) == 0.0 or np.ptp(squares) < 1e-15:
            return untestable(
                self.kind, days, f"{days} PITs for {self.lags} lags, or PITs that do not vary"
            )

        def statistic(u: FloatArray) -> FloatArray:
            order = np.argsort(u, axis=1)
            return self._ljung_box(pit[order]) + self._ljung_box(squares[order])

        level, square = (float(self._ljung_box(series[None])[0]) for series in (pit, squares))
        simulated = simulated_p_value(level + square, statistic, days, self.simulations)
        details = {"of the PITs": level, "of their squares": square}
        return TestResult(
            self.kind,
            days,
            level + square,
            float(chi2.sf(level + square, 2 * self.lags)),
            simulated,
            details,
        )

    def _ljung_box(self, series: FloatArray) -> FloatArray:
        """Return the Ljung–Box statistics (series,) of many series (series, days) at a time."""
        days = series.shape[1]
        x = series - series.mean(axis=1, keepdims=True)
        total = (x**2).sum(axis=1)
        terms = [
            (np.einsum("st,st->s", x[:, lag:], x[:, :-lag]) / total) ** 2 / (days - lag)
            for lag in range(1, self.lags + 1)
        ]
        return np.asarray(days * (days + 2.0) * np.sum(terms, axis=0), np.float64)
