"""Recursions of conditional variance: filter a history, roll paths forward.

GARCH and moving averages are members of the GJR family.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from simgan.arrays import FloatArray

# The bounds of arch on the variance are for its optimiser. Here they never bind.
NO_BOUNDS = (0.0, float(np.finfo(np.float64).max))
_MEAN_SIZE = np.sqrt(2.0 / np.pi)  # E|z| of a normal law, as arch centres it


class Recursion(Protocol):
    """How a shock ε = σ z changes the variance of later days."""

    @property
    def persistence(self) -> float:
        """Factor by which a shock to the (log) variance decays per day."""
        ...

    @property
    def variance(self) -> float:
        """Variance σ² from which a filter, or a free run, begins."""
        ...

    def times(self, factor: float) -> Self:
        """Return the recursion of shocks with `factor` times the variance."""
        ...

    def filtered(self, shocks: FloatArray) -> FloatArray:
        """Return σ² of every day and of the day after the last, from shocks of shape (days,).

        The result has shape (days + 1,). Each value depends on earlier days only.
        """
        ...

    def roll(self, variance: FloatArray, innovations: FloatArray) -> FloatArray:
        """Turn innovations z (horizon, paths) into shocks of the same shape.

        `variance` is σ² of the first step, of shape (paths,).
        """
        ...


@dataclass(frozen=True)
class Gjr:
    r"""The GJR-GARCH(1,1,1) recursion, variance-targeted.

    .. math:: \sigma_t^2 = \omega
       + (\alpha + \gamma\,1\{\varepsilon_{t-1} < 0\})\,\varepsilon_{t-1}^2
       + \beta\,\sigma_{t-1}^2, \qquad \omega = s^2 (1 - \alpha - \gamma P - \beta)

    With γ = 0 it is a GARCH(1,1), and with ω = 0 also an exponentially weighted mean of squares.

    Attributes
    ----------
    variance : float
        s², the sample variance, which is the long-run variance by construction.
    alpha, gamma, beta : float
        News, additional news of a fall, memory.
    negative_share : float
        P = E[z² 1{z < 0}] of the innovations, 1/2 for a symmetric law.

    References
    ----------
    Glosten, Jagannathan & Runkle (1993), "On the relation between the expected value and the
    volatility of the nominal excess return on stocks".

    Engle & Mezrich (1996), "GARCH for groups", for variance targeting.
    """

    variance: float
    alpha: float
    gamma: float
    beta: float
    negative_share: float = 0.5

    @property
    def persistence(self) -> float:
        """α + γP + β, the factor by which a variance shock decays per day."""
        return self.persistence_under(self.negative_share)

    def persistence_under(self, negative_share: float) -> float:
        """Return α + γP + β for another share P of falls in the squared innovations."""
        return self.alpha + self.gamma * negative_share + self.beta

    @property
    def omega(self) -> float:
        """ω, what is left of the long-run variance."""
        return self.variance * (1.0 - self.persistence)

    def times(self, factor: float) -> Self:
        return replace(self, variance=self.variance * factor)

    def filtered(self, shocks: FloatArray) -> FloatArray:
        from arch.univariate.recursions import garch_recursion

        padded = np.append(shocks, 0.0)  # the last one is not used: σ²_t needs ε_{t−1}
        days, parameters = padded.size, np.array([self.omega, self.alpha, self.gamma, self.beta])
        bounds = np.tile(NO_BOUNDS, (days, 1))
        sigma2 = garch_recursion(
            parameters,
            padded**2,
            np.sign(padded),
            np.empty(days),
            1,
            1,
            1,
            days,
            self.variance,
            bounds,
        )
        return np.asarray(sigma2, np.float64)

    def roll(self, variance: FloatArray, innovations: FloatArray) -> FloatArray:
        shocks, calm, falling = np.empty_like(innovations), self.alpha, self.alpha + self.gamma
        for step, z in enumerate(innovations):
            shock = np.sqrt(variance, out=shocks[step])
            shock *= z
            variance = (
                self.omega + np.where(shock < 0.0, falling, calm) * shock**2 + self.beta * variance
            )
        return shocks


@dataclass(frozen=True)
class Egarch:
    r"""The EGARCH(1,1,1) recursion.

    .. math:: \log\sigma_t^2 = (1 - \beta)\,c + \alpha\,(|z_{t-1}| - \sqrt{2/\pi})
       + \gamma\,z_{t-1} + \beta \log\sigma_{t-1}^2

    Attributes
    ----------
    level : float
        c, the log variance without news.
    alpha, gamma, beta : float
        Size of news, sign of news (negative where falls raise the variance), memory.

    References
    ----------
    Nelson (1991), "Conditional heteroskedasticity in asset returns: a new approach".
    """

    level: float
    alpha: float
    gamma: float
    beta: float

    @property
    def persistence(self) -> float:
        """β, the factor by which a shock to the log variance decays per day."""
        return self.beta

    @property
    def variance(self) -> float:
        """exp(c)."""
        return float(np.exp(self.level))

    def times(self, factor: float) -> Self:
        return replace(self, level=self.level + float(np.log(factor)))

    def filtered(self, shocks: FloatArray) -> FloatArray:
        from arch.univariate.recursions import egarch_recursion

        padded = np.append(shocks, 0.0)
        days, parameters = (
            padded.size,
            np.array([(1.0 - self.beta) * self.level, self.alpha, self.gamma, self.beta]),
        )
        bounds = np.tile(NO_BOUNDS, (days, 1))
        scratch = np.empty((3, days))  # log variance, z and |z|
        sigma2 = egarch_recursion(
            parameters, padded, np.empty(days), 1, 1, 1, days, self.level, bounds, *scratch
        )
        return np.asarray(sigma2, np.float64)

    def roll(self, variance: FloatArray, innovations: FloatArray) -> FloatArray:
        shocks, log_variance = np.empty_like(innovations), np.log(variance)
        centre = (1.0 - self.beta) * self.level - self.alpha * _MEAN_SIZE
        for step, z in enumerate(innovations):
            shocks[step] = np.exp(0.5 * log_variance) * z
            log_variance = (
                centre + self.alpha * np.abs(z) + self.gamma * z + self.beta * log_variance
            )
        return shocks
