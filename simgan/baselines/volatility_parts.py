"""Parts of volatility models: recursions of variance, and laws of innovations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, Self

import numpy as np
from scipy.special import gammaln

from simgan.arrays import FloatArray

# The bounds of arch on the variance are for its optimiser. Here they never bind.
NO_BOUNDS = (0.0, float(np.finfo(np.float64).max))
MEAN_SIZE = np.sqrt(2.0 / np.pi)  # E|z| of a normal law, as arch centres it


class Recursion(Protocol):
    """How a shock ε = σ z changes the variance of later days."""

    @property
    def persistence(self) -> float:
        """Factor by which a shock to the (log) variance decays per day."""
        ...

    @property
    def variance(self) -> float:
        """Variance σ² from which a free run begins."""
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
        """ω, the constant term of the variance."""
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
    start : float, optional
        Log variance with which a filter begins. The default is the level.

    References
    ----------
    Nelson (1991), "Conditional heteroskedasticity in asset returns: a new approach".
    """

    level: float
    alpha: float
    gamma: float
    beta: float
    start: float | None = None

    @property
    def persistence(self) -> float:
        """β, the factor by which a shock to the log variance decays per day."""
        return self.beta

    @property
    def variance(self) -> float:
        """exp(c)."""
        return float(np.exp(self.level))

    def times(self, factor: float) -> Self:
        more = float(np.log(factor))
        start = None if self.start is None else self.start + more
        return replace(self, level=self.level + more, start=start)

    def at_level(self, level: float) -> Self:
        """Return the same recursion around another level."""
        return replace(self, level=level)

    def filtered(self, shocks: FloatArray) -> FloatArray:
        from arch.univariate.recursions import egarch_recursion

        padded = np.append(shocks, 0.0)
        days, parameters = (
            padded.size,
            np.array([(1.0 - self.beta) * self.level, self.alpha, self.gamma, self.beta]),
        )
        bounds = np.tile(NO_BOUNDS, (days, 1))
        scratch = np.empty((3, days))  # log variance, z and |z|
        start = self.level if self.start is None else self.start
        sigma2 = egarch_recursion(
            parameters, padded, np.empty(days), 1, 1, 1, days, start, bounds, *scratch
        )
        return np.asarray(sigma2, np.float64)

    def roll(self, variance: FloatArray, innovations: FloatArray) -> FloatArray:
        shocks, log_variance = np.empty_like(innovations), np.log(variance)
        centre = (1.0 - self.beta) * self.level - self.alpha * MEAN_SIZE
        for step, z in enumerate(innovations):
            shocks[step] = np.exp(0.5 * log_variance) * z
            log_variance = (
                centre + self.alpha * np.abs(z) + self.gamma * z + self.beta * log_variance
            )
        return shocks


LEAST_DEGREES = 2.05  # the variance of a t law exists above 2
MOST_DEGREES = 300.0  # arch refuses more; the law is then normal within 1 %


class InnovationLaw(ABC):
    """A law of which innovations are drawn."""

    @property
    @abstractmethod
    def negative_share(self) -> float:
        """P = E[z² 1{z < 0}]."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Draw row by row, so that the first rows do not depend on the number of rows."""


class Density(InnovationLaw):
    """A law with a likelihood. Its parameters are functions of real numbers without bounds."""

    starts: ClassVar[tuple[float, ...]]

    @classmethod
    @abstractmethod
    def of(cls, free: FloatArray) -> Self:
        """Return the law at these real numbers. There are as many as in `starts`."""

    @abstractmethod
    def log_likelihood(self, shocks: FloatArray, variance: FloatArray) -> FloatArray:
        """Log density of each day's shock (days,) under its variance (days,)."""


@dataclass(frozen=True)
class Normal(Density):
    """The normal law."""

    starts: ClassVar[tuple[float, ...]] = ()
    negative_share: ClassVar[float] = 0.5

    @classmethod
    def of(cls, free: FloatArray) -> Self:
        return cls()

    def log_likelihood(self, shocks: FloatArray, variance: FloatArray) -> FloatArray:
        return np.asarray(
            -0.5 * (np.log(2.0 * np.pi * variance) + shocks**2 / variance), np.float64
        )

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        return rng.standard_normal(shape)


@dataclass(frozen=True)
class StudentT(Density):
    """Student's t law with ν degrees of freedom, standardised (Bollerslev 1987)."""

    degrees_of_freedom: float
    starts: ClassVar[tuple[float, ...]] = (float(np.log(8.0 - LEAST_DEGREES)),)
    negative_share: ClassVar[float] = 0.5

    @classmethod
    def of(cls, free: FloatArray) -> Self:
        return cls(float(LEAST_DEGREES + np.exp(free[0])))

    def log_likelihood(self, shocks: FloatArray, variance: FloatArray) -> FloatArray:
        nu = self.degrees_of_freedom
        constant = gammaln((nu + 1.0) / 2.0) - gammaln(nu / 2.0) - 0.5 * np.log(np.pi * (nu - 2.0))
        kernel = 0.5 * np.log(variance) + (nu + 1.0) / 2.0 * np.log1p(
            shocks**2 / (variance * (nu - 2.0))
        )
        return np.asarray(constant - kernel, np.float64)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        nu = self.degrees_of_freedom
        return np.asarray(rng.standard_t(nu, shape) * np.sqrt((nu - 2.0) / nu), np.float64)


@dataclass(frozen=True)
class SkewT(Density):
    r"""Hansen's skewed t law, :math:`z = (y - a)/b`.

    y is a t variable, stretched by 1 − λ below 0 and by 1 + λ above.

    .. math:: a = 4\lambda c\,\frac{\nu-2}{\nu-1}, \quad b^2 = 1 + 3\lambda^2 - a^2, \quad
       c = \frac{\Gamma((\nu+1)/2)}{\sqrt{\pi(\nu-2)}\,\Gamma(\nu/2)}

    Attributes
    ----------
    degrees_of_freedom : float
        ν, at most 300.
    skewness : float
        λ in (−1, 1), negative where large falls are more common.

    References
    ----------
    Hansen (1994), "Autoregressive conditional density estimation".
    """

    degrees_of_freedom: float
    skewness: float
    starts: ClassVar[tuple[float, ...]] = (*StudentT.starts, -0.1)

    @classmethod
    def of(cls, free: FloatArray) -> Self:
        degrees = min(float(LEAST_DEGREES + np.exp(free[0])), MOST_DEGREES)
        return cls(degrees, float(np.tanh(free[1])))

    @property
    def negative_share(self) -> float:
        from arch.univariate import SkewStudent

        return float(SkewStudent().partial_moment(2, 0.0, [self.degrees_of_freedom, self.skewness]))

    def log_likelihood(self, shocks: FloatArray, variance: FloatArray) -> FloatArray:
        from arch.univariate import SkewStudent

        parameters = [self.degrees_of_freedom, self.skewness]
        return np.asarray(
            SkewStudent().loglikelihood(parameters, shocks, variance, individual=True), np.float64
        )

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        nu, skew = self.degrees_of_freedom, self.skewness
        c = np.exp(gammaln((nu + 1.0) / 2.0) - gammaln(nu / 2.0) - 0.5 * np.log(np.pi * (nu - 2.0)))
        a = 4.0 * skew * c * (nu - 2.0) / (nu - 1.0)
        b = np.sqrt(1.0 + 3.0 * skew**2 - a**2)
        z = np.empty(shape)
        for row in z:  # two draws a number, so draw row by row
            size = np.abs(rng.standard_t(nu, row.shape)) * np.sqrt((nu - 2.0) / nu)
            sign = np.where(rng.random(row.shape) < (1.0 - skew) / 2.0, skew - 1.0, skew + 1.0)
            row[...] = (size * sign - a) / b
        return z


@dataclass(frozen=True)
class HistoricalInnovations(InnovationLaw):
    """The residuals of a fit, all equally likely, for filtered historical simulation.

    Attributes
    ----------
    residuals : array of shape (days,)
        (r − μ)/σ. Their variance is 1 where a variance is targeted (`of_raw`).

    References
    ----------
    Barone-Adesi, Giannopoulos & Vosper (1999), "VaR without correlations for portfolios of
    derivative securities".
    """

    residuals: FloatArray

    @classmethod
    def of_raw(cls, raw: FloatArray) -> Self:
        """Bring residuals to mean 0 and variance 1."""
        return cls(np.asarray((raw - raw.mean()) / raw.std(), np.float64))

    @property
    def negative_share(self) -> float:
        return float(np.mean(self.residuals**2 * (self.residuals < 0.0)))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        return self.residuals[(rng.random(shape) * self.residuals.size).astype(np.intp)]
