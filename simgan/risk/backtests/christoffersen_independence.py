"""Christoffersen's test: hits are independent of those of the day before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.risk.backtests import Backtest, TestResult, untestable
from simgan.risk.backtests.exact import independence_p
from simgan.risk.backtests.forecasts import TailForecasts, independence_ratio


@dataclass(frozen=True, kw_only=True)
class ChristoffersenIndependence(Backtest):
    """Hits independent of the day before, whatever their rate.

    Asymptotic: χ² of one degree of freedom, far off where two hits in a row are hardly to be
    expected. Exact: the mid-p value over all orders of the same number of hits, which is the law
    for every rate. Without hits, or with hits only, nothing can be said: p = 1, so that under the
    null the test rejects less often than its size by the probability of that (8 % of 250 days at
    99 %).

    References
    ----------
    Christoffersen (1998), "Evaluating interval forecasts".
    """

    kind: ClassVar[str] = "christoffersen-independence"

    def _test(self, forecasts: TailForecasts) -> TestResult:
        hits = forecasts.hits
        n = int(np.count_nonzero(hits))
        if n in (0, forecasts.days):
            return untestable(
                self.kind, forecasts.days, f"{n} hits on {forecasts.days} days have no order"
            )
        ratio = float(independence_ratio(hits[None])[0])
        pairs = int(np.count_nonzero(hits[1:] & hits[:-1]))
        return TestResult(
            self.kind,
            forecasts.days,
            ratio,
            p_value=float(chi2.sf(ratio, 1)),
            exact_p_value=independence_p(ratio, n, forecasts.days),
            details={"hits": n, "hits after a hit": pairs},
        )
