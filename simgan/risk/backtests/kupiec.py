"""Kupiec's proportion of failures: whether there are as many hits as the level promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value
from simgan.risk.backtests.forecasts import TailForecasts, coverage_ratio
from simgan.seeds import Seed
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class Kupiec(Backtest):
    """Unconditional coverage by the likelihood ratio of the number of hits.

    Two-sided.

    Asymptotic: χ² of one degree of freedom, which holds poorly below ten expected hits. The count
    alone is seen: hits may cluster. No hits at all are a result like any other.

    References
    ----------
    Kupiec (1995), "Techniques for verifying the accuracy of risk measurement models".
    """

    kind: ClassVar[str] = "kupiec"
    fewest: ClassVar[int] = 1
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts, seed: Seed) -> TestResult:
        a, hits = forecasts.tail_probability, forecasts.hits
        ratio = float(coverage_ratio(hits[None], a)[0])
        simulated = simulated_p_value(
            ratio, lambda u: coverage_ratio(u < a, a), forecasts.days, seed, self.simulations
        )
        details = {"hits": int(np.count_nonzero(hits)), "expected": a * forecasts.days}
        return TestResult(
            self.kind, forecasts.days, ratio, float(chi2.sf(ratio, 1)), simulated, details
        )
