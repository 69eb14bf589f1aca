"""The exponentially weighted moving average of squares: no estimation, no stationary law."""

from __future__ import annotations

from simgan.arrays import FloatArray
from simgan.baselines.innovations import Normal
from simgan.baselines.likelihood import Estimate, checked_series
from simgan.baselines.recursions import Gjr
from simgan.errors import ConfigError

DECAY = 0.94  # of daily variances, RiskMetrics


def moving_average(log_returns: FloatArray, owner: str, decay: float) -> Estimate:
    """Return σ²_t = λ σ²_{t−1} + (1 − λ) r²_{t−1}, mean 0, begun at the sample's mean square.

    Raises
    ------
    ConfigError
        The decay is not inside (0, 1), or the history cannot be used.

    References
    ----------
    J.P. Morgan/Reuters (1996), "RiskMetrics — Technical document", 4th edition, chapter 5.
    """
    if not 0.0 < decay < 1.0:
        raise ConfigError(owner, "decay", decay, "inside (0, 1), such as 0.94")
    series = checked_series(log_returns, owner)
    return Estimate(0.0, Gjr(float((series**2).mean()), 1.0 - decay, 0.0, decay), Normal())
