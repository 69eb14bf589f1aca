"""Maximum likelihood of volatility models, with its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit

from simgan.arrays import FloatArray
from simgan.baselines.base import expect_varying
from simgan.baselines.innovations import Density
from simgan.baselines.recursions import Egarch, Gjr, Recursion
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
    if not gradient < LARGEST_GRADIENT:
        raise TrainingError(
            f"{owner}: the likelihood has gradient {gradient:.1e} at its best point; "
            "use a longer history or another baseline"
        )
    return best


def _minimum(
    cost: Callable[[FloatArray], float], start: FloatArray
) -> tuple[float, FloatArray] | None:
    """Return the lowest cost near a start and its place, or None if the search met no numbers."""
    bounds = [(-BOUND, BOUND)] * len(start)
    options = {"ftol": 1e-13, "gtol": 1e-7}
    try:
        fit = minimize(cost, start, method="L-BFGS-B", bounds=bounds, options=options)
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


def _egarch(free: FloatArray, negative_share: float) -> Egarch:
    """Level, size and sign of news, and the logit of the memory."""
    return Egarch(float(free[0]), float(free[1]), float(free[2]), float(expit(free[3])))


def _news(persistence: float, news_share: float, asymmetry: float) -> tuple[float, ...]:
    return tuple(
        float(value) for value in logit([persistence, news_share, (1.0 + asymmetry) / 2.0])
    )


GJR = Region(_gjr, (_news(0.97, 0.08, 0.5), _news(0.99, 0.05, 0.9), _news(0.9, 0.15, 0.2)))
GARCH = Region(
    _garch, (_news(0.97, 0.08, 0.0)[:2], _news(0.99, 0.05, 0.0)[:2], _news(0.9, 0.15, 0.0)[:2])
)
EGARCH = Region(
    _egarch,
    tuple(
        (-0.3, size, sign, float(logit(beta)))
        for size, sign, beta in ((0.15, -0.1, 0.97), (0.1, 0.0, 0.99), (0.25, -0.05, 0.9))
    ),
)
