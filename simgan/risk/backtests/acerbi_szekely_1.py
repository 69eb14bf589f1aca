"""Acerbi and Székely's first test: the size of losses beyond VaR against the ES."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value, untestable
from simgan.risk.backtests.forecasts import TailForecasts, expect_positive_shortfall
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class AcerbiSzekely1(Backtest):
    r"""Conditional test of ES.

    One-sided, against an ES that is too small.

    .. math:: Z_1 = \frac{1}{N} \sum_t \frac{r_t\,1\{r_t < -\mathrm{VaR}_t\}}{\mathrm{ES}_t} + 1,
       \qquad N = \text{number of hits}

    0 is expected, a negative value means losses beyond the ES. There is no asymptotic law. The
    simulated one draws returns from the forecast law of each day, and keeps series with a hit. It
    is blind to the number of hits. Without any, p = 1, so that under the null the test rejects less
    often than its size by the probability of that (8 % of 250 days at 99 %).

    References
    ----------
    Acerbi & Székely (2014), "Backtesting expected shortfall", test 1.
    """

    kind: ClassVar[str] = "acerbi-szekely-1"
    fewest: ClassVar[int] = 1
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        expect_positive_shortfall(self.kind, forecasts)
        n = int(np.count_nonzero(forecasts.hits))
        if n == 0:
            return untestable(self.kind, forecasts.days, "no hits")

        def statistic(hits: FloatArray) -> FloatArray:
            count = np.count_nonzero(hits, axis=1)
            return np.where(
                count > 0,
                (hits @ (1.0 / forecasts.expected_shortfall)) / np.maximum(count, 1) + 1.0,
                np.nan,
            )

        z = float(statistic(np.where(forecasts.hits, forecasts.realized, 0.0)[None])[0])
        p = simulated_p_value(
            -z,
            lambda u: -statistic(forecasts.drawn_hits(u)),
            forecasts.days,
            self.simulations,
        )
        return TestResult(self.kind, forecasts.days, z, None, p, {"hits": n})
