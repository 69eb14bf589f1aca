"""Value-at-risk and expected shortfall of scenarios, with their Monte Carlo errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError

SUM_SLACK = 1e-6  # how far a sum of probabilities may be from 1; they are divided by it
# Standard deviations of the rank of a quantile over which its law is summed; 10⁻²³ lies outside.
REACH = 10.0
CDF_SLACK = 1e-12  # a sum of probabilities that misses the level by rounding has reached it


@dataclass(frozen=True)
class RiskEstimate:
    """VaR and ES of one set of scenarios. A loss is positive, in log-return units.

    Attributes
    ----------
    level : float
        Coverage, e.g. 0.99.
    value_at_risk, expected_shortfall : float
        As `simgan.risk.measures` defines them.
    value_at_risk_error, expected_shortfall_error : float
        Standard errors that come from the finite number of scenarios alone; a model's own error is
        not in them.
    """

    level: float
    value_at_risk: float
    expected_shortfall: float
    value_at_risk_error: float
    expected_shortfall_error: float


def value_at_risk(
    log_returns: AnyFloatArray, level: float, probabilities: AnyFloatArray | None = None
) -> FloatArray:
    r"""Loss that is not exceeded with probability `level`.

    .. math:: \mathrm{VaR} = \inf\{x : P(L \le x) \ge \mathrm{level}\},
       \qquad L = -r

    The infimum is an order statistic, never an interpolation: of 1,000 scenarios at 0.99 it is the
    990th loss in order.

    Parameters
    ----------
    log_returns : array of shape (…, paths)
        Log returns of the portfolio over the horizon (dimensionless). For a backtest (days, draws).
    level : float in (0, 1)
        Coverage, e.g. 0.99.
    probabilities : array of shape (paths,), optional
        Of the scenarios, for views or importance weights. Not negative, of sum 1. Without them all
        are equally probable, and equal ones change no bit.

    Returns
    -------
    array of shape (…)
        Positive for a loss, in log-return units. A scalar for one set of paths.

    Raises
    ------
    ConfigError
        The level is not inside (0, 1), a return is not finite, or the probabilities are none.

    Examples
    --------
    >>> returns = np.arange(-100, 0) / 1000  # losses from 0.1 % to 10 %
    >>> float(value_at_risk(returns, level=0.95))
    0.095
    """
    losses = _losses(log_returns, level, "value_at_risk")
    weights = unequal_probabilities(probabilities, losses.shape[-1], "value_at_risk")
    return np.asarray(_quantile(losses, level, weights)[..., 0], np.float64)[
        ()
    ]  # [()] makes a 0-d array a scalar


def expected_shortfall(
    log_returns: AnyFloatArray, level: float, probabilities: AnyFloatArray | None = None
) -> FloatArray:
    r"""Mean loss in the worst ``1 - level`` share of scenarios.

    .. math:: \mathrm{ES} = \mathrm{VaR} + \frac{E[(L - \mathrm{VaR})^+]}{1 - \mathrm{level}},
       \qquad L = -r

    Parameters
    ----------
    log_returns : array of shape (…, paths)
        Log returns of the portfolio over the horizon (dimensionless).
    level : float in (0, 1)
        Coverage, e.g. 0.99.
    probabilities : array of shape (paths,), optional
        As for `value_at_risk`.

    Returns
    -------
    array of shape (…)
        Positive for a loss, in log-return units. At least the VaR. A scalar for one set of paths.

    Raises
    ------
    ConfigError
        The level is not inside (0, 1), a return is not finite, or the probabilities are none.

    References
    ----------
    Rockafellar & Uryasev (2002), "Conditional value-at-risk for general loss distributions".

    Examples
    --------
    >>> returns = np.arange(-100, 0) / 1000  # the five worst lose 9.6 % to 10 %
    >>> round(float(expected_shortfall(returns, level=0.95)), 6)
    0.098
    """
    losses = _losses(log_returns, level, "expected_shortfall")
    weights = unequal_probabilities(probabilities, losses.shape[-1], "expected_shortfall")
    var = _quantile(losses, level, weights)
    beyond = np.maximum(losses - var, 0.0)  # (…, paths)
    excess = beyond.mean(axis=-1) if weights is None else beyond @ weights
    return np.asarray(var[..., 0] + excess / (1.0 - level), np.float64)[()]


def risk_of(
    log_returns: AnyFloatArray, level: float, probabilities: AnyFloatArray | None = None
) -> RiskEstimate:
    r"""Estimate VaR, ES and their standard errors from independent scenarios.

    The error of ES is that of the mean of its influence function,

    .. math:: \psi_i = \mathrm{VaR} + \frac{(L_i - \mathrm{VaR})^+}{1 - \mathrm{level}}
       - \mathrm{ES}, \qquad
       \mathrm{error}^2 = \sum_i p_i^2 \psi_i^2,

    and that of VaR is the standard deviation of the order statistic that it is, over all resamples
    of the scenarios (Maritz–Jarrett: the rank's law is a beta law, so no resample is drawn). With
    unequal probabilities the rank's law is that of the number n' of equal scenarios for which P(L ≤
    VaR) would be as uncertain, F (1 − F) / n' = Σ pᵢ² (1{Lᵢ ≤ VaR} − F)².

    Parameters
    ----------
    log_returns : array of shape (paths,)
        Log returns of the portfolio over the horizon, one an independent scenario.
    level : float in (0, 1)
        Coverage.
    probabilities : array of shape (paths,), optional
        Of the scenarios. Without them all are equally probable.

    Returns
    -------
    RiskEstimate

    Raises
    ------
    ConfigError
        As for `simgan.risk.measures.value_at_risk`.

    Notes
    -----
    With a handful of scenarios beyond VaR the error is itself uncertain, and mostly too
    small. For 10,000 scenarios at 0.99 there are a hundred.

    References
    ----------
    Maritz & Jarrett (1978), "A note on estimating the variance of the sample median". Serfling
    (1980), "Approximation theorems of
    mathematical statistics". Brazauskas, Jones, Puri & Zitikis (2008), "Estimating conditional tail
    expectation with actuarial
    applications in view", for ES.
    """
    expect_shape(log_returns, ("paths",), "risk_of")
    var, es = (
        float(value_at_risk(log_returns, level, probabilities)),
        float(expected_shortfall(log_returns, level, probabilities)),
    )
    paths = log_returns.size
    weights = unequal_probabilities(probabilities, paths, "risk_of")
    p = np.full(paths, 1.0 / paths) if weights is None else weights
    losses = -np.asarray(log_returns, np.float64)
    influence = var + np.maximum(losses - var, 0.0) / (1.0 - level) - es  # (paths,)
    return RiskEstimate(
        level, var, es, _order_error(losses, p, var), float(np.sqrt((p**2 * influence**2).sum()))
    )


def unequal_probabilities(
    probabilities: AnyFloatArray | None, paths: int, owner: str
) -> FloatArray | None:
    """Check scenario probabilities and divide them by their sum.

    None or equal ones give none.

    Raises
    ------
    ConfigError
        Not of shape (paths,), one is negative or not finite, or their sum is not 1 within 10⁻⁶.
    """
    if probabilities is None:
        return None
    weights = np.asarray(probabilities, np.float64)
    if weights.shape != (paths,):
        raise ConfigError(
            owner, "shape of the probabilities", weights.shape, f"({paths},): one a scenario"
        )
    total = float(weights.sum())
    if not (weights.min() >= 0.0 and abs(total - 1.0) <= SUM_SLACK):  # NaN fails both
        raise ConfigError(
            owner,
            "probabilities",
            f"from {weights.min():g}, of sum {total:g}",
            "not negative, of sum 1 within 1e-6",
        )
    return None if np.ptp(weights) == 0.0 else weights / total


def _quantile(losses: FloatArray, level: float, weights: FloatArray | None) -> FloatArray:
    """Return the lowest loss whose cumulated probability reaches the level.

    The last axis has length 1.
    """
    if weights is None:
        return np.asarray(
            np.quantile(losses, level, axis=-1, method="inverted_cdf", keepdims=True), np.float64
        )
    order = np.argsort(losses, axis=-1, kind="stable")
    reached = np.cumsum(weights[order], axis=-1) >= level - CDF_SLACK
    first = np.argmax(reached, axis=-1, keepdims=True)
    return np.take_along_axis(losses, np.take_along_axis(order, first, axis=-1), axis=-1)


def _losses(log_returns: AnyFloatArray, level: float, owner: str) -> FloatArray:
    if not 0.0 < level < 1.0:
        raise ConfigError(owner, "level", level, "a coverage inside (0, 1), such as 0.99")
    values = np.asarray(log_returns, np.float64)
    if values.ndim == 0 or 0 in values.shape:
        raise ConfigError(owner, "shape", values.shape, "(…, paths), none of them 0")
    expect_finite(values, owner)
    return -values


def _order_error(losses: FloatArray, p: FloatArray, var: float) -> float:
    """Standard deviation of the order statistic `var` over resamples of the losses."""
    from scipy.special import betainc

    order = np.argsort(losses)
    sorted_losses, cdf = losses[order], np.cumsum(p[order])
    cdf /= cdf[-1]
    at = int(np.searchsorted(sorted_losses, var, side="right")) - 1
    coverage = float(cdf[at])
    uncertainty = float((p**2 * ((losses <= var) - coverage) ** 2).sum())
    alike = (
        coverage * (1.0 - coverage) / uncertainty
        if uncertainty > 0.0
        else 1.0 / float((p**2).sum())
    )
    a, b = alike * coverage, alike * (1.0 - coverage) + 1.0
    spread = REACH * np.sqrt((coverage * (1.0 - coverage) + 1.0 / alike) / alike)
    first, last = np.searchsorted(cdf, [coverage - spread, coverage + spread])
    first, last = max(int(first) - 1, 0), min(int(last) + 1, losses.size)
    edges = np.concatenate([[0.0 if first == 0 else cdf[first - 1]], cdf[first:last]])
    shares = np.diff(betainc(a, b, edges))  # probability that a resample has its VaR at this loss
    shares /= shares.sum()
    centred = sorted_losses[first:last] - var
    return float(np.sqrt(max(shares @ centred**2 - (shares @ centred) ** 2, 0.0)))
