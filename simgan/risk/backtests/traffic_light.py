"""Basel's traffic light: the exceedances of a year as a zone and a multiplier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.stats import binom

from simgan.risk.backtests import Backtest, TestResult
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.settings import setting

YEAR = 250
ZONES = ("green", "amber", "red")
AMBER, RED = 0.95, 0.9999  # a zone begins where the cumulative probability reaches this
MULTIPLIERS = {5: 1.70, 6: 1.76, 7: 1.83, 8: 1.88, 9: 1.92}  # on ES; below 1.50, above 2.00
MULTIPLIERS_1996 = {5: 3.40, 6: 3.50, 7: 3.65, 8: 3.75, 9: 3.85}  # on VaR; below 3.00, above 4.00
DESK_LIMITS = {0.99: 12, 0.975: 30}  # a desk with more exceedances in 12 months loses its model


@dataclass(frozen=True, kw_only=True)
class TrafficLight(Backtest):
    r"""Number of exceedances in the latest window of 250 days, or in all days if they are fewer.

    .. math:: \text{amber: } P(X \le x) \ge 95\,\%, \quad \text{red: } P(X \le x) \ge 99.99\,\%,
       \quad X \sim \mathrm{Bin}(n, a)

    with a = 1 − level. At 99 % and 250 days: green 0–4, amber 5–9, red from 10 on. The p-value is
    exact, P(X ≥ x), one-sided, and not simulated. A count has few values, so that at 5 % a right
    model is rejected less often than in 5 of 100 years: over 250 days in 4.7, 2.5 and 4.1 of 100 at
    95, 97.5 and 99 %.

    Details hold earlier windows without overlap. For one day, 99 % and a full year they hold the
    multipliers of the Basel rules, of today on ES and of 1996 on VaR. The limit of a desk is
    checked for one day, a full year, and 99 or 97.5 %.

    References
    ----------
    Basel Committee on Banking Supervision (1996), "Supervisory framework for the use of
    'backtesting'"; (2019), "Minimum capital
    requirements for market risk", MAR32 and MAR99.
    """

    kind: ClassVar[str] = "traffic-light"
    fewest: ClassVar[int] = 1
    window: int = setting(YEAR, "days of a window", low=1)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        hits, a = forecasts.hits, forecasts.tail_probability
        days = min(self.window, forecasts.days)
        windows = [
            int(np.count_nonzero(hits[end - days : end]))
            for end in range(forecasts.days, days - 1, -days)
        ]
        count = windows[0]
        details = {
            "zone": zone(count, days, a),
            "probability": float(binom.cdf(count, days, a)),
            "windows from the latest": windows,
        }
        if forecasts.horizon == 1 and days == YEAR:
            details |= _basel(count, round(forecasts.level, 9))
        exact = float(binom.sf(count - 1, days, a))
        return TestResult(self.kind, days, float(count), details=details, exact_p_value=exact)


def zone(exceedances: int, days: int, tail_probability: float) -> str:
    """Tell the zone, ``green``, ``amber`` or ``red``, of a number of exceedances."""
    probability = binom.cdf(exceedances, days, tail_probability)
    return "green" if probability < AMBER else "amber" if probability < RED else "red"


def _basel(count: int, level: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if level == 0.99:
        low, high = count < min(MULTIPLIERS), count > max(MULTIPLIERS)
        found["multiplier"] = 1.50 if low else 2.00 if high else MULTIPLIERS[count]
        found["multiplier of 1996"] = 3.00 if low else 4.00 if high else MULTIPLIERS_1996[count]
    if level in DESK_LIMITS:
        found["desk"] = "pass" if count <= DESK_LIMITS[level] else "fail"
    return found
