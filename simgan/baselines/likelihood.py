"""Maximum likelihood of volatility models, with its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.baselines.innovations import Density
from simgan.baselines.recursions import Egarch, Gjr, Recursion
from simgan.errors import ConfigError, TrainingError

FEWEST_DAYS = 250
LARGEST_GRADIENT = 1e-4  # per day, of the mean log likelihood in the free parameters
BOUND = 10.0  # of every free parameter: logits and logarithms beyond make no difference


@dataclass(frozen=True)
class Region:
    """Recursions of a series of mean 0 and variance 1, addressed by real numbers without bounds.

    Every address is a stationary recursion with positive variance: a start value cannot "fit" from outside the region.

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
    """Mean of the log returns, and recursion and law of the shocks around it, in units of the returns."""

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
    r"""Maximise the likelihood over a region of recursions and a family of laws; the mean is that of the sample.

    `arch` has variance targeting for the symmetric model only (and a free ω near an integrated model is a straw man), so the
    likelihood is maximised here, on `arch`'s recursions.

    Parameters
    ----------
    log_returns : array of shape (days, 1)
        At least 250 days.
    owner : str
        Kind of the baseline, for messages.
    region, law
        What is searched.
    negative_share : float, optional
        E[z² 1{z < 0}] of the innovations that will be simulated; by default that of the law.

    Raises
    ------
    ConfigError
        More than one asset, too few days, or nothing that varies.
    TrainingError
        The gradient does not vanish at the best point found.

    References
    ----------
    Bollerslev (1987), "A conditionally heteroskedastic time series model for speculative prices and rates of return"; Francq,
    Horváth & Zakoïan (2011), "Merits and drawbacks of variance targeting in GARCH models".
    """
    series = checked_series(log_returns, owner)
    deviation = float(series.std())
    scaled = (
        series - series.mean()
    ) / deviation  # no tolerance depends on the units of the returns
    inner = len(region.starts[0])

    def read(free: FloatArray) -> tuple[Recursion, Density]:
        found = law.of(free[inner:])
        return region.at(
            free[:inner], found.negative_share if negative_share is None else negative_share
        ), found

    def cost(free: FloatArray) -> float:
        recursion, found = read(free)
        return -float(found.log_likelihood(scaled, recursion.filtered(scaled)[:-1]).mean())

    best = _lowest(cost, [np.array([*start, *law.starts]) for start in region.starts], owner)
    recursion, found = read(best)
    return Estimate(float(series.mean()), recursion.times(deviation**2), found)


def checked_series(log_returns: FloatArray, owner: str) -> FloatArray:
    """Return the one column (days,) of log returns that a volatility model can be fitted to.

    Raises
    ------
    ConfigError
        More than one asset, too few days, or nothing that varies.
    """
    expect_shape(log_returns, ("days", "assets"), owner)
    expect_finite(log_returns, owner)
    days, assets = log_returns.shape
    if assets != 1:
        raise ConfigError(owner, "assets", assets, "1: fit one model per asset")
    series = np.asarray(log_returns[:, 0], np.float64)
    if days < FEWEST_DAYS or np.ptp(series) == 0.0:
        raise ConfigError(owner, "days", days, f"at least {FEWEST_DAYS}, with returns that vary")
    return series


def _lowest(
    cost: Callable[[FloatArray], float], starts: list[FloatArray], owner: str
) -> FloatArray:
    bounds = [(-BOUND, BOUND)] * len(starts[0])
    options = {"ftol": 1e-13, "gtol": 1e-7}
    fits = [
        minimize(cost, start, method="L-BFGS-B", bounds=bounds, options=options) for start in starts
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    gradient = np.abs(_projected_gradient(cost, best.x)).max()
    if not gradient < LARGEST_GRADIENT:
        raise TrainingError(
            f"{owner}: the likelihood has gradient {gradient:.1e} at its best point; use a longer history or another baseline"
        )
    return np.asarray(best.x, np.float64)


def _projected_gradient(cost: Callable[[FloatArray], float], free: FloatArray) -> FloatArray:
    """Gradient without the components that push against a bound."""
    gradient = approx_fprime(free, cost, 1e-6)
    is_held = ((free <= -BOUND + 1e-6) & (gradient > 0.0)) | (
        (free >= BOUND - 1e-6) & (gradient < 0.0)
    )
    return np.where(is_held, 0.0, gradient)


def _gjr(free: FloatArray, negative_share: float) -> Gjr:
    """Logits of the persistence, of the share of news in it, and of the asymmetry of news."""
    persistence, news_share, asymmetry = expit(free)
    news = persistence * news_share  # α + γP
    lowest = -negative_share / (
        1.0 - negative_share
    )  # γP/news from here keeps α + γ ≥ 0, up to 1 keeps α ≥ 0
    of_falls = news * (lowest + (1.0 - lowest) * asymmetry)  # γP
    return Gjr(
        1.0,
        float(news - of_falls),
        float(of_falls / negative_share),
        float(persistence - news),
        negative_share,
    )


def _garch(free: FloatArray, negative_share: float) -> Gjr:
    """Logits of the persistence and of the share of news in it; no asymmetry."""
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
