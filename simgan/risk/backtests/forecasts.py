"""The input of a backtest: outcomes and the forecasts of their tail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, xlog1py, xlogy

from simgan.arrays import AnyFloatArray, FloatArray, IntArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.risk.law import QuantileLaw

EDGE = 1e-6  # PITs of finitely many draws can be 0 or 1, where normal quantiles are infinite


@dataclass(frozen=True)
class TailForecasts:
    """Forecasts of one model for one asset, horizon and level, in the order of time.

    Attributes
    ----------
    realized : array of shape (days,)
        Outcomes: log returns over the horizon. Positive = gain.
    value_at_risk, expected_shortfall : arrays of shape (days,)
        Forecasts in the same units. Positive = loss, the ES not below the VaR.
    level : float in (0.5, 1)
        Coverage.
    law : QuantileLaw
        The whole forecast of each day.
    pit : array of shape (days,)
        Probability integral transform: the forecast's probability of a return up to the realized
        one, in [0, 1]. With k of m draws below it, (k + U)/(m + 1) is uniform where the forecast is
        right, U being uniform itself. The share k/m is too often 0.
    horizon : int
        Days that a forecast spans.
    step : int
        Days from one forecast to the next. Forecasts overlap where it is below the horizon.

    Raises
    ------
    ConfigError
        Shapes disagree, a value is not finite or out of range.
    """

    realized: FloatArray
    value_at_risk: FloatArray
    expected_shortfall: FloatArray
    level: float
    law: QuantileLaw
    pit: FloatArray
    horizon: int = 1
    step: int = 1

    def __post_init__(self) -> None:
        for values in (self.realized, self.value_at_risk, self.expected_shortfall, self.pit):
            expect_shape(values, ("days",), "TailForecasts")
            expect_finite(values, "TailForecasts")
        lengths = {
            self.days,
            self.value_at_risk.size,
            self.expected_shortfall.size,
            self.pit.size,
            self.law.days,
        }
        if len(lengths) > 1:
            raise ConfigError(
                "TailForecasts", "days", sorted(lengths), "the same number everywhere"
            )
        if not 0.5 < self.level < 1.0 or self.horizon < 1 or self.step < 1:
            raise ConfigError(
                "TailForecasts",
                "level, horizon, step",
                (self.level, self.horizon, self.step),
                "in (0.5, 1), and days from 1 on",
            )
        if (self.expected_shortfall < self.value_at_risk).any():
            raise ConfigError(
                "TailForecasts", "expected_shortfall", "below the VaR on a day", "not below it"
            )
        if not 0.0 <= self.pit.min() <= self.pit.max() <= 1.0:
            raise ConfigError(
                "TailForecasts",
                "pit",
                f"from {self.pit.min():g} to {self.pit.max():g}",
                "within [0, 1]",
            )

    @property
    def days(self) -> int:
        """Number of forecasts."""
        return int(self.realized.size)

    @property
    def tail_probability(self) -> float:
        """1 − level."""
        return 1.0 - self.level

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Days (days,) with a loss above the VaR."""
        return self.exceeded(self.realized)

    def exceeded(self, log_returns: AnyFloatArray) -> NDArray[np.bool_]:
        """Tell where log returns (…, days) are losses above the VaR of their day."""
        return np.asarray(-log_returns > self.value_at_risk)

    def drawn_hits(self, u: FloatArray) -> FloatArray:
        """Return quantiles of the law at probabilities u (series, days) if they are hits, else 0.

        Hits are few: only where u is below the first point of the grid that is none is a quantile
        looked up.
        """
        series, day = np.nonzero(u < self._first_without_hit)
        log_returns = self.law.quantile_of(day, u[series, day])
        drawn = np.zeros(u.shape)
        drawn[series, day] = np.where(-log_returns > self.value_at_risk[day], log_returns, 0.0)
        return drawn

    @cached_property
    def _first_without_hit(self) -> FloatArray:
        """Probability (days,) from which on a quantile of the law is no hit.

        Beyond 1 where all are.
        """
        without = self.law.quantiles >= -self.value_at_risk[:, None]
        first = self.law.probabilities[np.argmax(without, axis=1)]
        return np.where(without.any(axis=1), first, 2.0)

    def without_overlap(self) -> TailForecasts:
        """Keep every forecast that begins where the last one kept has ended.

        Hits of the others are dependent by construction.

        All tests go through here: their laws, asymptotic and simulated, are those of independent
        days. It costs the share 1 − 1/horizon of the data. Which of the horizons' beginnings is
        kept is fixed to the first day, not chosen by its result.
        """
        stride = -(-self.horizon // self.step)
        if stride == 1:
            return self
        return replace(
            self,
            realized=self.realized[::stride],
            value_at_risk=self.value_at_risk[::stride],
            expected_shortfall=self.expected_shortfall[::stride],
            law=self.law.every(stride),
            pit=self.pit[::stride],
            step=self.step * stride,
        )


def expect_positive_shortfall(owner: str, forecasts: TailForecasts) -> None:
    """Refuse forecasts with an ES that is no loss, by which nothing can be divided.

    Raises
    ------
    ConfigError
        Names the lowest ES.
    """
    lowest = forecasts.expected_shortfall.min()
    if lowest <= 0.0:
        raise ConfigError(
            owner, "expected_shortfall", f"{lowest:g} at the least", "positive every day"
        )


def inside(pits: FloatArray) -> FloatArray:
    """Move PITs of any shape into [10⁻⁶, 1 − 10⁻⁶]."""
    return np.clip(pits, EDGE, 1.0 - EDGE)


def normal_scores(pits: FloatArray) -> FloatArray:
    """Turn PITs into standard normal numbers of the same shape (Rosenblatt 1952)."""
    return np.asarray(ndtri(inside(pits)), np.float64)


Hits = NDArray[np.bool_]


def coverage_ratio(hits: Hits, probability: float) -> FloatArray:
    r"""Likelihood ratio of a rate of hits against its estimate x/n, after Kupiec.

    .. math:: LR = -2 \log \frac{(1-a)^{n-x} a^x}{(1-x/n)^{n-x} (x/n)^x}, \qquad 0 \log 0 = 0

    Parameters
    ----------
    hits : array of shape (series, days)
        Of booleans.
    probability : float in (0, 1)
        a = 1 − level.

    Returns
    -------
    array of shape (series,)
        Not negative.
    """
    return coverage_ratio_of(np.count_nonzero(hits, axis=1), hits.shape[1], probability)


def coverage_ratio_of(counts: IntArray | int, days: int, probability: float) -> FloatArray:
    """Return the likelihood ratio of numbers of hits on so many days."""
    x = np.asarray(counts, np.float64)
    return np.maximum(
        2.0 * (_log_likelihood(x, days - x, x / days) - _log_likelihood(x, days - x, probability)),
        0.0,
    )


def independence_ratio(hits: Hits) -> FloatArray:
    r"""Likelihood ratio of independent hits against a Markov chain, after Christoffersen.

    .. math:: LR = -2 \log \frac{(1-\pi)^{n_{00}+n_{10}} \pi^{n_{01}+n_{11}}}
       {(1-\pi_0)^{n_{00}} \pi_0^{n_{01}} (1-\pi_1)^{n_{10}} \pi_1^{n_{11}}}, \qquad 0 \log 0 = 0

    over the days − 1 transitions. π₀ and π₁ are the rates of hits after none and after one. A rate
    without a single transition to estimate it leaves its factor out, so that no hits at all give 0.

    Parameters
    ----------
    hits : array of shape (series, days)
        At least two days.

    Returns
    -------
    array of shape (series,)
        Not negative.
    """
    before, after = hits[:, :-1], hits[:, 1:]
    n11 = np.count_nonzero(before & after, axis=1).astype(np.float64)
    n10, n01 = np.count_nonzero(before, axis=1) - n11, np.count_nonzero(after, axis=1) - n11
    return independence_ratio_of(after.shape[1] - n11 - n10 - n01, n01, n10, n11)


def independence_ratio_of(
    n00: FloatArray, n01: FloatArray, n10: FloatArray, n11: FloatArray
) -> FloatArray:
    """Return the likelihood ratio of numbers of transitions. n01 go from no hit to a hit."""
    rate = (n01 + n11) / (n00 + n01 + n10 + n11)
    alone = _log_likelihood(n01 + n11, n00 + n10, rate)
    chain = _log_likelihood(n01, n00, n01 / np.maximum(n00 + n01, 1.0)) + _log_likelihood(
        n11, n10, n11 / np.maximum(n10 + n11, 1.0)
    )
    return np.maximum(2.0 * (chain - alone), 0.0)


def _log_likelihood(hits: FloatArray, others: FloatArray, rate: FloatArray | float) -> FloatArray:
    return np.asarray(xlogy(hits, rate) + xlog1py(others, -np.asarray(rate)), np.float64)
