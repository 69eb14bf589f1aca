"""Kupiec's proportion of failures: whether there are as many hits as the level promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.risk.backtests import Backtest, TestResult
from simgan.risk.backtests.exact import coverage_p
from simgan.risk.backtests.forecasts import TailForecasts, coverage_ratio_of


@dataclass(frozen=True, kw_only=True)
class Kupiec(Backtest):
    """Unconditional coverage by the likelihood ratio of the number of hits.

    Two-sided.

    Exact: the mid-p value of the ratio under the binomial law. Asymptotic: χ² of one degree of
    freedom, which holds poorly below ten expected hits. A count has few values. Of right forecasts
    over 250 days at 99 %, the mid-p value rejects 1.4 % at 5 %, and χ² 9.5 %. The count alone is
    seen: hits may cluster. No hits at all are a result like any other.

    References
    ----------
    Kupiec (1995), "Techniques for verifying the accuracy of risk measurement models".
    """

    kind: ClassVar[str] = "kupiec"
    fewest: ClassVar[int] = 1

    def _test(self, forecasts: TailForecasts) -> TestResult:
        a, days = forecasts.tail_probability, forecasts.days
        hits = int(np.count_nonzero(forecasts.hits))
        ratio = float(coverage_ratio_of(hits, days, a))
        return TestResult(
            self.kind,
            days,
            ratio,
            p_value=float(chi2.sf(ratio, 1)),
            exact_p_value=coverage_p(ratio, days, a),
            details={"hits": hits, "expected": a * days},
        )
