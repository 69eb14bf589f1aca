"""Acerbi and Székely's second test: the sum of all losses beyond VaR against the ES."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value
from simgan.risk.backtests.forecasts import TailForecasts, expect_positive_shortfall
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class AcerbiSzekely2(Backtest):
    r"""Unconditional test of ES.

    One-sided, against an ES that is too small or hits that are too many.

    .. math:: Z_2 = \sum_t \frac{r_t\,1\{r_t < -\mathrm{VaR}_t\}}{T\,a\,\mathrm{ES}_t} + 1,
       \qquad a = 1 - \mathrm{level}

    0 is expected, no hits give 1, which speaks for the forecasts. There is no asymptotic law. Over
    250 days at 97.5 % the 5 % critical value is −0.70 for nearly every tail. The simulated law
    draws returns from the forecast law of each day.

    References
    ----------
    Acerbi & Székely (2014), "Backtesting expected shortfall", test 2.
    """

    kind: ClassVar[str] = "acerbi-szekely-2"
    fewest: ClassVar[int] = 1
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        expect_positive_shortfall(self.kind, forecasts)
        expected = forecasts.days * forecasts.tail_probability

        def statistic(hits: FloatArray) -> FloatArray:
            return np.asarray(
                hits @ (1.0 / forecasts.expected_shortfall) / expected + 1.0, np.float64
            )

        z = float(statistic(np.where(forecasts.hits, forecasts.realized, 0.0)[None])[0])
        p = simulated_p_value(
            -z,
            lambda u: -statistic(forecasts.drawn_hits(u)),
            forecasts.days,
            self.simulations,
        )
        return TestResult(
            self.kind,
            forecasts.days,
            z,
            None,
            p,
            {"hits": int(np.count_nonzero(forecasts.hits)), "expected": expected},
        )
