"""Maximum likelihood of the variance-targeted GJR-GARCH(1,1,1)-t, with its checks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, gammaln, logit

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.baselines.gjr_recursion import GjrParameters, filtered_variance
from simgan.errors import ConfigError, TrainingError

FEWEST_DAYS = 250
LARGEST_GRADIENT = 1e-4  # per day, of the mean log likelihood in the free parameters
STARTS = ((0.97, 0.08, 0.5, 8.0), (0.99, 0.05, 0.9, 6.0), (0.9, 0.15, 0.2, 12.0))  # persistence, news/persistence, asymmetry, ν
LEAST_DEGREES = 2.05  # the variance of a t law exists above 2
BOUNDS = [(-10.0, 10.0)] * 3 + [(-6.0, 6.0)]


def fit_gjr(log_returns: FloatArray, owner: str, negative_share: float = 0.5) -> GjrParameters:
    r"""Estimate α, γ, β and ν by maximum likelihood; μ and the long-run variance are those of the sample.

    `arch` has variance targeting for the symmetric model only (and a free ω near an integrated model is a straw man), so the
    likelihood is maximised here, on `arch`'s recursion. The free parameters are logits of the persistence, of the share of news
    in it, and of the asymmetry of news, so that every trial value is stationary with positive variance: a start value cannot
    "fit" from outside the region.

    Parameters
    ----------
    log_returns : array of shape (days, 1)
        At least 250 days.
    owner : str
        Kind of the baseline, for messages.
    negative_share : float
        E[z² 1{z < 0}] of the innovations that will be simulated.

    Raises
    ------
    ConfigError
        More than one asset, too few days, or nothing that varies.
    TrainingError
        The gradient does not vanish at the best point found.

    References
    ----------
    Bollerslev (1987), "A conditionally heteroskedastic time series model for speculative prices and rates of return", for the
    likelihood; Francq, Horváth & Zakoïan (2011), "Merits and drawbacks of variance targeting in GARCH models".
    """
    series = _checked_series(log_returns, owner)
    deviation = series.std()
    scaled = (series - series.mean()) / deviation  # no tolerance depends on the units of the returns

    def cost(free: FloatArray) -> float:
        return -_mean_log_likelihood(_parameters(free, negative_share), scaled)

    fits = [minimize(cost, _free(*start), method="L-BFGS-B", bounds=BOUNDS, options={"ftol": 1e-13, "gtol": 1e-7}) for start in STARTS]
    best = min(fits, key=lambda fit: float(fit.fun))
    gradient = np.abs(_projected_gradient(cost, best.x)).max()
    if not gradient < LARGEST_GRADIENT:
        raise TrainingError(
            f"{owner}: the likelihood has gradient {gradient:.1e} at its best point; use a longer history or another baseline"
        )
    unit = _parameters(best.x, negative_share)
    return GjrParameters(
        float(series.mean()), float(deviation**2), unit.alpha, unit.gamma, unit.beta, unit.degrees_of_freedom, negative_share
    )


def _checked_series(log_returns: FloatArray, owner: str) -> FloatArray:
    expect_shape(log_returns, ("days", "assets"), owner)
    expect_finite(log_returns, owner)
    days, assets = log_returns.shape
    if assets != 1:
        raise ConfigError(owner, "assets", assets, "1: fit one model per asset")
    series = np.asarray(log_returns[:, 0], np.float64)
    if days < FEWEST_DAYS or np.ptp(series) == 0.0:
        raise ConfigError(owner, "days", days, f"at least {FEWEST_DAYS}, with returns that vary")
    return series


def _mean_log_likelihood(parameters: GjrParameters, scaled: FloatArray) -> float:
    nu = parameters.degrees_of_freedom
    variance = filtered_variance(parameters, scaled)[:-1]
    constant = gammaln((nu + 1.0) / 2.0) - gammaln(nu / 2.0) - 0.5 * np.log(np.pi * (nu - 2.0))
    kernel = 0.5 * np.log(variance) + (nu + 1.0) / 2.0 * np.log1p(scaled**2 / (variance * (nu - 2.0)))
    return float(constant - kernel.mean())


def _parameters(free: FloatArray, negative_share: float) -> GjrParameters:
    """Map four real numbers to parameters of a series of mean 0 and variance 1."""
    persistence, news_share, asymmetry = expit(free[:3])
    news = persistence * news_share  # α + γP
    lowest = -negative_share / (1.0 - negative_share)  # γP/news from here keeps α + γ ≥ 0, up to 1 keeps α ≥ 0
    of_falls = news * (lowest + (1.0 - lowest) * asymmetry)  # γP
    return GjrParameters(
        mean=0.0,
        variance=1.0,
        alpha=float(news - of_falls),
        gamma=float(of_falls / negative_share),
        beta=float(persistence - news),
        degrees_of_freedom=float(LEAST_DEGREES + np.exp(free[3])),
        negative_share=negative_share,
    )


def _free(persistence: float, news_share: float, asymmetry: float, degrees_of_freedom: float) -> FloatArray:
    return np.array([*logit([persistence, news_share, (1.0 + asymmetry) / 2.0]), np.log(degrees_of_freedom - LEAST_DEGREES)])


def _projected_gradient(cost: Callable[[FloatArray], float], free: FloatArray) -> FloatArray:
    """Gradient without the components that push against a bound."""
    gradient = approx_fprime(free, cost, 1e-6)
    low, high = np.array(BOUNDS).T
    is_held = ((free <= low + 1e-6) & (gradient > 0.0)) | ((free >= high - 1e-6) & (gradient < 0.0))
    return np.where(is_held, 0.0, gradient)
