"""Value-at-risk and expected shortfall of scenarios, with their Monte Carlo errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray, Numbers, expect_shape
from simgan.risk.holdings import Shares
from simgan.risk.returns import CDF_SLACK, Returns, ReturnSets, coverage

# Standard deviations of the rank of a quantile over which its law is summed; 10⁻²³ lies outside.
REACH = 10.0


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
    log_returns: Returns,
    level: float,
    probabilities: Numbers | None = None,
    *,
    portfolio: Shares | None = None,
) -> FloatArray:
    r"""Loss that is not exceeded with probability `level`.

    .. math:: \mathrm{VaR} = \inf\{x : P(L \le x) \ge \mathrm{level}\},
       \qquad L = -r

    The infimum is an order statistic, never an interpolation: of 1,000 scenarios at 0.99 it is the
    990th loss in order.

    Parameters
    ----------
    log_returns : Scenarios, list, series, frame of one column, or array of shape (…, scenarios)
        Log returns of the portfolio over the horizon (dimensionless). Of `Scenarios` the log return
        over their whole horizon counts. The last axis of an array holds the scenarios of a set, for
        a backtest (days, draws).
    level : float in (0, 1)
        Coverage, e.g. 0.99.
    probabilities : numbers of shape (scenarios,), optional
        Of the scenarios, for views or importance weights. Not negative, of sum 1. Without them all
        are equally probable, and equal ones change no bit. Scenarios of tilted noise, and a frame
        of them, bring their own.
    portfolio : Portfolio, list, array, series or mapping by asset, optional
        Shares of the assets at the start, of sum 1, for `Scenarios` of several assets. The assets
        are bought and held.

    Returns
    -------
    array of shape (…)
        Positive for a loss, in log-return units. A scalar for one set of scenarios.

    Raises
    ------
    ConfigError
        The level is not inside (0, 1), a return is missing or not finite, or the probabilities are
        none. Or no scenario lies beyond the level: at 0.99 there must be 100 at least.

    Examples
    --------
    >>> returns = np.arange(-100, 0) / 1000  # losses from 0.1 % to 10 %
    >>> float(value_at_risk(returns, level=0.95))
    0.095
    """
    sets = ReturnSets.of(log_returns, probabilities, portfolio, "value_at_risk")
    level = coverage(level, sets.owner)
    var = _quantile(sets.losses(level), level, sets.weights)
    return np.asarray(var[..., 0], np.float64)[()]  # [()] makes a 0-d array a scalar


def expected_shortfall(
    log_returns: Returns,
    level: float,
    probabilities: Numbers | None = None,
    *,
    portfolio: Shares | None = None,
) -> FloatArray:
    r"""Mean loss in the worst ``1 - level`` share of scenarios.

    .. math:: \mathrm{ES} = \mathrm{VaR} + \frac{E[(L - \mathrm{VaR})^+]}{1 - \mathrm{level}},
       \qquad L = -r

    Parameters
    ----------
    log_returns, level, probabilities, portfolio
        As for `value_at_risk`.

    Returns
    -------
    array of shape (…)
        Positive for a loss, in log-return units. At least the VaR. A scalar for one set of
        scenarios.

    Raises
    ------
    ConfigError
        As for `value_at_risk`.

    References
    ----------
    Rockafellar & Uryasev (2002), "Conditional value-at-risk for general loss distributions".

    Examples
    --------
    >>> returns = np.arange(-100, 0) / 1000  # the five worst lose 9.6 % to 10 %
    >>> round(float(expected_shortfall(returns, level=0.95)), 6)
    0.098
    """
    sets = ReturnSets.of(log_returns, probabilities, portfolio, "expected_shortfall")
    level = coverage(level, sets.owner)
    losses = sets.losses(level)
    return _shortfall(losses, level, sets.weights, _quantile(losses, level, sets.weights))


def risk_of(
    log_returns: Returns,
    level: float,
    probabilities: Numbers | None = None,
    *,
    portfolio: Shares | None = None,
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
    log_returns : Scenarios, list, series, frame of one column, or array of shape (scenarios,)
        Log returns of the portfolio over the horizon, one an independent scenario.
    level, probabilities, portfolio
        As for `value_at_risk`.

    Returns
    -------
    RiskEstimate

    Raises
    ------
    ConfigError
        As for `value_at_risk`. Where no scenario lies beyond the level, VaR and ES would be the
        worst scenario and the error of ES 0, the surest number of all.

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
    sets = ReturnSets.of(log_returns, probabilities, portfolio, "risk_of")
    expect_shape(sets.values, ("scenarios",), "risk_of")
    level = coverage(level, sets.owner)
    losses, paths = sets.losses(level), sets.values.size
    sets.expect_tail(level)
    quantile = _quantile(losses, level, sets.weights)
    var, es = float(quantile[0]), float(_shortfall(losses, level, sets.weights, quantile))
    p = np.full(paths, 1.0 / paths) if sets.weights is None else sets.weights
    influence = var + np.maximum(losses - var, 0.0) / (1.0 - level) - es  # (paths,)
    return RiskEstimate(
        level, var, es, _order_error(losses, p, var), float(np.sqrt((p**2 * influence**2).sum()))
    )


def _shortfall(
    losses: FloatArray, level: float, weights: FloatArray | None, var: FloatArray
) -> FloatArray:
    """Return the expected shortfall (…) of losses (…, scenarios) with a VaR (…, 1)."""
    beyond = np.maximum(losses - var, 0.0)  # (…, scenarios)
    excess = beyond.mean(axis=-1) if weights is None else beyond @ weights
    return np.asarray(var[..., 0] + excess / (1.0 - level), np.float64)[()]


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
