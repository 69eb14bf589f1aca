"""Christoffersen's test: hits are independent of those of the day before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value, untestable
from simgan.risk.backtests.forecasts import Hits, TailForecasts, independence_ratio
from simgan.seeds import Seed
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class ChristoffersenIndependence(Backtest):
    """Hits independent of the day before, whatever their rate.

    Asymptotic: χ² of one degree of freedom, far off where two hits in a row are hardly to be
    expected. Simulated: the same number of hits in every order, which is the exact law for every
    rate. Without hits, or with hits only, nothing can be said: p = 1, so that under the null the
    test rejects less often than its size by the probability of that (8 % of 250 days at 99 %).

    References
    ----------
    Christoffersen (1998), "Evaluating interval forecasts".
    """

    kind: ClassVar[str] = "christoffersen-independence"
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts, seed: Seed) -> TestResult:
        hits = forecasts.hits
        n = int(np.count_nonzero(hits))
        if n in (0, forecasts.days):
            return untestable(
                self.kind, forecasts.days, f"{n} hits on {forecasts.days} days have no order"
            )
        ratio = float(independence_ratio(hits[None])[0])

        def shuffled(u: FloatArray) -> Hits:
            return np.asarray(
                u <= np.partition(u, n - 1, axis=1)[:, n - 1 : n]
            )  # the n smallest are the hits

        simulated = simulated_p_value(
            ratio, lambda u: independence_ratio(shuffled(u)), forecasts.days, seed, self.simulations
        )
        pairs = int(np.count_nonzero(hits[1:] & hits[:-1]))
        return TestResult(
            self.kind,
            forecasts.days,
            ratio,
            float(chi2.sf(ratio, 1)),
            simulated,
            {"hits": n, "hits after a hit": pairs},
        )
