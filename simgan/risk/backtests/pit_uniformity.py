"""Whether the PITs are uniform, by Anderson and Darling's statistic, which looks into the tails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value
from simgan.risk.backtests.forecasts import TailForecasts, inside
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class PitUniformity(Backtest):
    r"""Distance of the PITs' law from the uniform one, weighted by 1/(u(1 − u)).

    Kolmogorov–Smirnov hardly sees a tail.

    .. math:: A^2 = -T - \sum_{i=1}^{T} \frac{2i - 1}{T}
       \bigl(\log u_{(i)} + \log(1 - u_{(T+1-i)})\bigr)

    PITs of finitely many draws can be 0 or 1. They are moved inside by 10⁻⁶. The order of the days
    is not seen. Only simulated: the asymptotic law is a table (5 %: 2.492).

    References
    ----------
    Anderson & Darling (1954), "A test of goodness of fit". Stephens (1974), "EDF statistics for
    goodness of fit and some comparisons".
    Diebold, Gunther & Tay (1998), "Evaluating density forecasts".
    """

    kind: ClassVar[str] = "pit-uniformity"
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        distance = float(anderson_darling(forecasts.pit[None])[0])
        p = simulated_p_value(distance, anderson_darling, forecasts.days, self.simulations)
        return TestResult(self.kind, forecasts.days, distance, None, p)


def anderson_darling(pits: FloatArray) -> FloatArray:
    """Statistics (series,) of PITs (series, days)."""
    days = pits.shape[1]
    u = np.sort(inside(pits), axis=1)
    ranks = (2.0 * np.arange(1, days + 1) - 1.0) / days
    return np.asarray(-days - (np.log(u) + np.log1p(-u[:, ::-1])) @ ranks, np.float64)
