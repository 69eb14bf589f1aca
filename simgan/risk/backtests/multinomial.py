"""Kratz, Lok and McNeil's multinomial test of VaR at several levels at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from simgan.arrays import FloatArray
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class Multinomial(Backtest):
    r"""Days between neighbouring VaR levels against their expected numbers.

    .. math:: S = \sum_{j=0}^{N} \frac{(O_j - n\pi_j)^2}{n\pi_j}, \qquad
       \alpha_j = \mathrm{level} + \frac{j-1}{N}(1 - \mathrm{level}),
       \quad \pi_j = \alpha_{j+1} - \alpha_j

    with α₀ = 0 and α_{N+1} = 1. The statistic is Pearson's. Asymptotic is Nass's correction: c S is
    χ² with ν degrees of freedom, mean and variance of S being exact, which the authors recommend
    for N = 4 or 8. Still poor where the last cells expect less than one day.

    References
    ----------
    Kratz, Lok & McNeil (2018), "Multinomial VaR backtests: a simple implicit approach to
    backtesting expected shortfall". Nass (1959),
    "The χ² test for small expectations in contingency tables".
    """

    kind: ClassVar[str] = "multinomial"
    fewest: ClassVar[int] = 1
    levels: int = setting(4, "number of VaR levels, from the given one up", low=1)
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        a, days = forecasts.tail_probability, forecasts.days
        shares = np.concatenate(
            [[1.0 - a], np.full(self.levels, a / self.levels)]
        )  # of the cells, from the body to the far tail

        def counts(u: FloatArray) -> FloatArray:
            below = [
                np.count_nonzero(u < a * (self.levels - j) / self.levels, axis=1)
                for j in range(self.levels)
            ]
            return -np.diff(
                np.stack([np.full(len(u), days), *below, np.zeros(len(u))], axis=1).astype(
                    np.float64
                ),
                axis=1,
            )

        def statistic(u: FloatArray) -> FloatArray:
            return np.asarray(
                ((counts(u) - days * shares) ** 2 / (days * shares)).sum(axis=1), np.float64
            )

        pearson = float(statistic(forecasts.pit[None])[0])
        factor, freedom = nass_correction(shares, days)
        simulated = simulated_p_value(pearson, statistic, days, self.simulations)
        details = {
            "counts": counts(forecasts.pit[None])[0].astype(int).tolist(),
            "expected": (days * shares).tolist(),
        }
        return TestResult(
            self.kind, days, pearson, float(chi2.sf(factor * pearson, freedom)), simulated, details
        )


def nass_correction(shares: FloatArray, n: int) -> tuple[float, float]:
    r"""Factor c and degrees of freedom ν with which c S has the mean and variance of a χ² law.

    .. math:: c = \frac{2 E[S]}{\mathrm{var}[S]}, \quad \nu = c\,E[S], \quad E[S] = N, \quad
       \mathrm{var}[S] = 2N - \frac{N^2 + 4N + 1}{n} + \frac1n \sum_{j=0}^{N} \frac{1}{\pi_j}
    """
    cells = shares.size - 1
    variance = 2.0 * cells - (cells**2 + 4.0 * cells + 1.0) / n + (1.0 / shares).sum() / n
    factor = 2.0 * cells / variance
    return float(factor), float(factor * cells)
