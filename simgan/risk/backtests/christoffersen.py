"""Christoffersen's conditional coverage: as many hits as promised, and independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.risk.backtests import Backtest, TestResult
from simgan.risk.backtests.exact import joint_p
from simgan.risk.backtests.forecasts import TailForecasts, coverage_ratio, independence_ratio


@dataclass(frozen=True, kw_only=True)
class Christoffersen(Backtest):
    """Sum of two likelihood ratios: coverage over all days, independence over all transitions.

    Exact: the mid-p value over all orders of hits that are independent. Asymptotic: χ² of two
    degrees of freedom.

    References
    ----------
    Christoffersen (1998), "Evaluating interval forecasts".
    """

    kind: ClassVar[str] = "christoffersen"

    def _test(self, forecasts: TailForecasts) -> TestResult:
        a, days, hits = forecasts.tail_probability, forecasts.days, forecasts.hits[None]
        ratio = float((coverage_ratio(hits, a) + independence_ratio(hits))[0])
        return TestResult(
            self.kind,
            days,
            ratio,
            p_value=float(chi2.sf(ratio, 2)),
            exact_p_value=joint_p(ratio, days, a),
            details={"hits": int(np.count_nonzero(hits)), "expected": a * days},
        )
