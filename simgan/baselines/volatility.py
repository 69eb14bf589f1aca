"""Volatility baselines: their likelihood, and the fitted model mean + σ z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit

from simgan.arrays import FloatArray
from simgan.baselines import BLOCK, Continuation, FittedBaseline, expect_varying
from simgan.baselines.volatility_parts import (
    Density,
    Gjr,
    HistoricalInnovations,
    InnovationLaw,
    Recursion,
)
from simgan.errors import ConfigError, TrainingError

FEWEST_DAYS = 250
LARGEST_GRADIENT = 1e-4  # per day, of the mean log likelihood in the free parameters
BOUND = 10.0  # of every free parameter; logits and logarithms beyond make no difference


@dataclass(frozen=True)
class Region:
    """Recursions of a series of mean 0 and variance 1, addressed by real numbers without bounds.

    Every address is a stationary recursion with positive variance, so no start value lies outside.

    Attributes
    ----------
    at : callable (free parameters, negative share P) → recursion
    starts : tuple of tuples
        Addresses from which the maximum is looked for.
    """

    at: Callable[[FloatArray, float], Recursion]
    starts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Estimate:
    """Mean of the log returns, with recursion and law of the shocks around it, in their units."""

    mean: float
    recursion: Recursion
    law: Density


def estimate(
    log_returns: FloatArray,
    owner: str,
    region: Region,
    law: type[Density],
    negative_share: float | None = None,
) -> Estimate:
    """Maximise the likelihood over a region of recursions and a family of laws.

    The mean is that of the sample. `arch` targets the variance of the symmetric model only, and a
    free ω is badly estimated near an integrated model. So the likelihood is maximised here, on the
    recursions of `arch`.

    Parameters
    ----------
    log_returns : array of shape (days, 1)
        At least 250 days.
    owner : str
        Kind of the baseline, for messages.
    region, law
        The recursions and laws that are searched.
    negative_share : float, optional
        E[z² 1{z < 0}] of the innovations that will be simulated. The default is that of the law.

    Raises
    ------
    ConfigError
        There is more than one asset, there are too few days, or the returns do not vary.
    TrainingError
        The gradient does not vanish at the best point found.

    References
    ----------
    Bollerslev (1987), "A conditionally heteroskedastic time series model for speculative prices
    and rates of return".

    Francq, Horváth & Zakoïan (2011), "Merits and drawbacks of variance targeting in GARCH models".
    """
    series = checked_series(log_returns, owner)
    deviation = float(series.std())
    scaled = (series - series.mean()) / deviation  # so no tolerance depends on the units
    inner = len(region.starts[0])

    def read(free: FloatArray) -> tuple[Recursion, Density]:
        found = law.of(free[inner:])
        share = found.negative_share if negative_share is None else negative_share
        return region.at(free[:inner], share), found

    def cost(free: FloatArray) -> float:
        recursion, found = read(free)
        return -float(found.log_likelihood(scaled, recursion.filtered(scaled)[:-1]).mean())

    best = _lowest(cost, [np.array([*start, *law.starts]) for start in region.starts], owner)
    recursion, found = read(best)
    return Estimate(float(series.mean()), recursion.times(deviation**2), found)


def checked_series(log_returns: FloatArray, owner: str) -> FloatArray:
    """Return the single column of log returns (days, 1) that a volatility model is fitted to.

    Raises
    ------
    ConfigError
        There is more than one asset, there are too few days, or the returns do not vary.
    """
    assets = log_returns.shape[1]
    if assets != 1:
        raise ConfigError(owner, "assets", assets, "1: fit one model per asset")
    expect_varying(log_returns, owner, FEWEST_DAYS)
    return np.asarray(log_returns[:, 0], np.float64)


def _lowest(
    cost: Callable[[FloatArray], float], starts: list[FloatArray], owner: str
) -> FloatArray:
    found = [minimum for start in starts if (minimum := _minimum(cost, start)) is not None]
    if not found:
        raise TrainingError(
            f"{owner}: the likelihood is not finite on the way to its maximum; "
            "use a longer history or another baseline"
        )
    _, best = min(found, key=lambda minimum: minimum[0])
    gradient = np.abs(_projected_gradient(cost, best)).max()
    if not gradient < LARGEST_GRADIENT and (finer := _minimum(cost, best, "3-point")) is not None:
        _, best = finer
        gradient = np.abs(_projected_gradient(cost, best)).max()
    if not gradient < LARGEST_GRADIENT:
        raise TrainingError(
            f"{owner}: the likelihood has gradient {gradient:.1e} at its best point; "
            "use a longer history or another baseline"
        )
    return best


def _minimum(
    cost: Callable[[FloatArray], float],
    start: FloatArray,
    differences: Literal["3-point"] | None = None,
) -> tuple[float, FloatArray] | None:
    """Return the lowest cost near a start and its place, or None if the search met no numbers.

    Central differences find their way where one-sided ones stop early, and cost nearly twice as
    much.
    """
    bounds = [(-BOUND, BOUND)] * len(start)
    options = {"ftol": 1e-13, "gtol": 1e-7}
    try:
        fit = minimize(
            cost, start, method="L-BFGS-B", jac=differences, bounds=bounds, options=options
        )
    except ValueError:  # of arch, which is asked for the law at parameters that are not numbers
        return None
    return (float(fit.fun), np.asarray(fit.x, np.float64)) if np.isfinite(fit.fun) else None


def _projected_gradient(cost: Callable[[FloatArray], float], free: FloatArray) -> FloatArray:
    """Return the gradient without the components that push against a bound."""
    gradient = approx_fprime(free, cost, 1e-6)
    is_held = ((free <= -BOUND + 1e-6) & (gradient > 0.0)) | (
        (free >= BOUND - 1e-6) & (gradient < 0.0)
    )
    return np.where(is_held, 0.0, gradient)


def _gjr(free: FloatArray, negative_share: float) -> Gjr:
    """Logits of the persistence, of the share of news in it, and of the asymmetry of news."""
    persistence, news_share, asymmetry = expit(free)
    news = persistence * news_share  # α + γP
    # γP/news from `lowest` on keeps α + γ ≥ 0, and up to 1 it keeps α ≥ 0.
    lowest = -negative_share / (1.0 - negative_share)
    of_falls = news * (lowest + (1.0 - lowest) * asymmetry)  # γP
    return Gjr(
        1.0,
        float(news - of_falls),
        float(of_falls / negative_share),
        float(persistence - news),
        negative_share,
    )


def _garch(free: FloatArray, negative_share: float) -> Gjr:
    """Logits of the persistence and of the share of news in it, without asymmetry."""
    persistence, news_share = expit(free)
    return Gjr(
        1.0,
        float(persistence * news_share),
        0.0,
        float(persistence * (1.0 - news_share)),
        negative_share,
    )


def _news(persistence: float, news_share: float, asymmetry: float) -> tuple[float, ...]:
    return tuple(
        float(value) for value in logit([persistence, news_share, (1.0 + asymmetry) / 2.0])
    )


GJR = Region(_gjr, (_news(0.97, 0.08, 0.5), _news(0.99, 0.05, 0.9), _news(0.9, 0.15, 0.2)))
GARCH = Region(
    _garch, (_news(0.97, 0.08, 0.0)[:2], _news(0.99, 0.05, 0.0)[:2], _news(0.9, 0.15, 0.0)[:2])
)


# Steps from the long-run variance that a free run drops. A shock of half life 100 days falls to
# 1/1000 of its size in that time.
BURN_IN = 1000


@dataclass(frozen=True)
class FittedVolatility(FittedBaseline):
    """The model r = μ + σ z for one asset.

    σ moves by the recursion, and z is drawn from the law of the innovations.
    """

    kind: str
    mean: float
    recursion: Recursion
    innovations: InnovationLaw

    @property
    def has_long_run(self) -> bool:
        return self.recursion.persistence < 1.0

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        variance = self.recursion.filtered(self._one_asset(log_returns) - self.mean)  # (days + 1,)

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            return self._paths(np.full(paths, variance[day]), horizon, rng)

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        # A moving average has no stationary law: it starts from the variance of the sample.
        burn_in = BURN_IN if self.has_long_run else 0
        variance = np.full(BLOCK, self.recursion.variance)
        return self._paths(variance, burn_in + horizon, rng)[:, burn_in:]

    def _paths(self, variance: FloatArray, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Roll paths from these variances and return them in shape (paths, horizon, 1)."""
        shocks = self.recursion.roll(variance, self.innovations.draw(rng, (horizon, len(variance))))
        shocks += self.mean
        return shocks.T[:, :, None]

    def _one_asset(self, history: FloatArray) -> FloatArray:
        if history.shape[1] != 1:
            raise ConfigError(
                self.kind, "assets", history.shape[1], "1: the model was fitted on one asset"
            )
        return np.asarray(history[:, 0], np.float64)


def parametric(kind: str, found: Estimate) -> FittedVolatility:
    """Return the model that draws its innovations from the estimated law."""
    return FittedVolatility(kind, found.mean, found.recursion, found.law)


def residuals(found: Estimate, log_returns: FloatArray) -> HistoricalInnovations:
    """Return the residuals of a fit as a law of mean 0 and variance 1.

    A targeted variance is kept only under innovations of variance 1.
    """
    return HistoricalInnovations.of_raw(raw_residuals(found, log_returns))


def raw_residuals(found: Estimate | FittedVolatility, log_returns: FloatArray) -> FloatArray:
    """Return (r − μ)/σ of the sample of a fit, of shape (days,)."""
    shocks = np.asarray(log_returns[:, 0], np.float64) - found.mean
    return np.asarray(shocks / np.sqrt(found.recursion.filtered(shocks)[:-1]), np.float64)
