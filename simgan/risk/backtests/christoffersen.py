"""Christoffersen's conditional coverage: as many hits as promised, and independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value
from simgan.risk.backtests.forecasts import Hits, TailForecasts, coverage_ratio, independence_ratio
from simgan.seeds import Seed
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class Christoffersen(Backtest):
    """Sum of two likelihood ratios: coverage over all days, independence over all transitions.

    Asymptotic: χ² of two degrees of freedom.

    References
    ----------
    Christoffersen (1998), "Evaluating interval forecasts".
    """

    kind: ClassVar[str] = "christoffersen"
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts, seed: Seed) -> TestResult:
        a, hits = forecasts.tail_probability, forecasts.hits

        def statistic(series: Hits) -> FloatArray:
            return coverage_ratio(series, a) + independence_ratio(series)

        ratio = float(statistic(hits[None])[0])
        simulated = simulated_p_value(
            ratio, lambda u: statistic(u < a), forecasts.days, seed, self.simulations
        )
        details = {"hits": int(np.count_nonzero(hits)), "expected": a * forecasts.days}
        return TestResult(
            self.kind, forecasts.days, ratio, float(chi2.sf(ratio, 2)), simulated, details
        )
