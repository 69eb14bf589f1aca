"""Acerbi and Székely's third test: the ES of the lowest PITs, in returns of every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betainc

from simgan.arrays import FloatArray
from simgan.errors import ConfigError
from simgan.risk.backtests import SIMULATIONS, Backtest, TestResult, simulated_p_value
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.law import QuantileLaw
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class AcerbiSzekely3(Backtest):
    r"""Test of ES by the lowest PITs.

    One-sided, against an ES that is too small.

    .. math:: Z_3 = 1 - \frac1T \sum_t
       \frac{\widehat{ES}(P_t^{-1}(U))}{E_V[\widehat{ES}(P_t^{-1}(V))]}, \qquad
       \widehat{ES}(Y) = -\frac{1}{\lfloor Ta \rfloor} \sum_{i \le \lfloor Ta \rfloor} Y_{(i)}

    U are the T PITs of the outcomes and V are T independent uniforms. At least one rank is taken.
    The expectation needs no simulation: V₍ᵢ₎ has a beta law and the quantile functions are linear
    between the points of their grid. 0 is expected, negative means underestimated. Only the PITs
    are tested, VaR and ES are not looked at.

    References
    ----------
    Acerbi & Székely (2014), "Backtesting expected shortfall", test 3.
    """

    kind: ClassVar[str] = "acerbi-szekely-3"
    fewest: ClassVar[int] = 1
    simulations: int = setting(SIMULATIONS, "simulated series behind the p-value", low=19)

    def _test(self, forecasts: TailForecasts) -> TestResult:
        days, law = forecasts.days, forecasts.law
        ranks = max(1, int(days * forecasts.tail_probability + 1e-9))
        expected = law.quantiles.astype(np.float64) @ expected_weights(law, days, ranks)  # (days,)
        if expected.max() >= 0.0:
            raise ConfigError(
                self.kind,
                "law",
                f"expects a gain in the tail ({expected.max():g})",
                "a loss there, every day",
            )
        relative = (law.quantiles / expected[:, None]).mean(
            axis=0
        )  # (K,): the mean over days of the ratio, at each point of the grid

        def statistic(u: FloatArray) -> FloatArray:
            lowest = np.partition(u, ranks - 1, axis=1)[:, :ranks]
            return np.asarray(
                1.0 - np.interp(lowest, law.probabilities, relative).mean(axis=1), np.float64
            )

        z = float(statistic(forecasts.pit[None])[0])
        p = simulated_p_value(-z, lambda u: -statistic(u), days, self.simulations)
        return TestResult(self.kind, days, z, None, p, {"ranks": ranks})


def expected_weights(law: QuantileLaw, days: int, ranks: int) -> FloatArray:
    r"""Return weights (K,) of the grid in the expected mean of the lowest `ranks` returns.

    The i-th lowest uniform has the density β(i, T − i + 1) and p times it is i/(T + 1) β(i + 1, T −
    i + 1): mass and first moment of every cell of the grid are incomplete beta functions, and a
    cell gives them to its ends as linear interpolation does.
    """
    grid, i = law.probabilities, np.arange(1, ranks + 1)[:, None]
    mass = np.concatenate(
        [[0.0], betainc(i, days - i + 1, grid).mean(axis=0), [1.0]]
    )  # of the lowest, up to each point
    moment = (i / (days + 1) * betainc(i + 1, days - i + 1, grid)).mean(axis=0)
    inner, first = np.diff(mass[1:-1]), np.diff(moment)
    right = (first - grid[:-1] * inner) / np.diff(grid)
    weights = np.zeros(grid.size)
    weights[:-1] += inner - right
    weights[1:] += right
    weights[0] += mass[1]  # beyond the grid a quantile is that of its end
    weights[-1] += 1.0 - mass[-2]
    return weights
