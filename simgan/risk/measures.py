"""Value-at-risk and expected shortfall of a set of scenarios, every scenario with the same weight."""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError


def value_at_risk(log_returns: AnyFloatArray, level: float) -> FloatArray:
    r"""Loss that is not exceeded with probability `level`.

    .. math:: \mathrm{VaR} = \inf\{x : P(L \le x) \ge \mathrm{level}\}, \qquad L = -r

    The infimum is an order statistic, never an interpolation: of 1,000 scenarios at 0.99 it is the 990th loss in order.

    Parameters
    ----------
    log_returns : array of shape (…, paths)
        Log returns of the portfolio over the horizon (dimensionless); for a backtest (days, draws).
    level : float in (0, 1)
        Coverage, e.g. 0.99.

    Returns
    -------
    array of shape (…)
        Positive for a loss, in log-return units; a scalar for one set of paths.

    Raises
    ------
    ConfigError
        The level is not inside (0, 1), or a return is not finite.
    """
    losses = _losses(log_returns, level, "value_at_risk")
    return np.quantile(losses, level, axis=-1, method="inverted_cdf")


def expected_shortfall(log_returns: AnyFloatArray, level: float) -> FloatArray:
    r"""Mean loss in the worst ``1 - level`` share of scenarios.

    .. math:: \mathrm{ES} = \mathrm{VaR} + \frac{E[(L - \mathrm{VaR})^+]}{1 - \mathrm{level}}, \qquad L = -r

    Parameters
    ----------
    log_returns : array of shape (…, paths)
        Log returns of the portfolio over the horizon (dimensionless).
    level : float in (0, 1)
        Coverage, e.g. 0.99.

    Returns
    -------
    array of shape (…)
        Positive for a loss, in log-return units; at least the VaR. A scalar for one set of paths.

    Raises
    ------
    ConfigError
        The level is not inside (0, 1), or a return is not finite.

    References
    ----------
    Rockafellar & Uryasev (2002), "Conditional value-at-risk for general loss distributions".
    """
    losses = _losses(log_returns, level, "expected_shortfall")
    var = np.quantile(losses, level, axis=-1, method="inverted_cdf", keepdims=True)
    excess = np.maximum(losses - var, 0.0).mean(axis=-1)  # (…)
    return np.asarray(var[..., 0] + excess / (1.0 - level), np.float64)[()]  # [()] makes a 0-d array a scalar


def _losses(log_returns: AnyFloatArray, level: float, owner: str) -> FloatArray:
    if not 0.0 < level < 1.0:
        raise ConfigError(owner, "level", level, "a coverage inside (0, 1), such as 0.99")
    if log_returns.ndim == 0 or 0 in log_returns.shape:
        raise ConfigError(owner, "shape", log_returns.shape, "(…, paths), none of them 0")
    expect_finite(log_returns, owner)
    return -np.asarray(log_returns, np.float64)
