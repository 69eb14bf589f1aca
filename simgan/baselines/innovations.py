"""Laws of the standardised innovations z, of mean 0 and variance 1: densities and draws."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.special import gammaln

from simgan.arrays import FloatArray

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
