"""Moments of log returns, their sums over several days, and windows of a history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError


def sums(paths: AnyFloatArray, steps: int) -> FloatArray:
    """Return the overlapping sums of `steps` successive log returns.

    Parameters
    ----------
    paths : array of shape (…, horizon)
        Log returns. A sum never crosses from one path to the next.
    steps : int
        From 1 to the horizon.

    Returns
    -------
    array of shape (…, horizon − steps + 1)
        Overlapping sums are dependent: `horizon` days hold only ``horizon / steps`` independent
        ones.

    Raises
    ------
    ConfigError
        `steps` does not fit into the horizon.
    """
    values = np.asarray(paths, np.float64)
    if not 1 <= steps <= values.shape[-1]:
        raise ConfigError("sums", "steps", steps, f"from 1 to the horizon {values.shape[-1]}")
    if steps == 1:
        return values
    totals = np.cumsum(values, axis=-1)
    totals[..., steps:] -= totals[..., :-steps].copy()
    return totals[..., steps - 1 :]


def windows(log_returns: AnyFloatArray, horizon: int, stride: int) -> FloatArray:
    """Cut a history into windows, so that real and fake can be compared at equal length.

    Statistics that subtract each path's own mean are biased by O(1/horizon): only equal lengths
    compare.

    Parameters
    ----------
    log_returns : array of shape (days,)
        The last window ends on the last day.
    horizon, stride : int
        Length of a window, and days from one start to the next. Windows overlap if the stride is
        smaller.

    Returns
    -------
    array of shape (windows, horizon)

    Raises
    ------
    ConfigError
        The history is shorter than one window, or the stride is not positive.
    """
    days = log_returns.shape[0]
    if log_returns.ndim != 1 or not 1 <= horizon <= days:
        raise ConfigError(
            "windows",
            "horizon",
            horizon,
            f"from 1 to the days of one series, here of shape {log_returns.shape}",
        )
    if stride < 1:
        raise ConfigError("windows", "stride", stride, "at least 1")
    cut = np.lib.stride_tricks.sliding_window_view(np.asarray(log_returns, np.float64), horizon)
    return cut[(days - horizon) % stride :: stride]


@dataclass(frozen=True)
class SampleMoments:
    """Moments of log returns per step.

    Attributes
    ----------
    mean, standard_deviation : float
        In log-return units. The standard deviation divides by n − 1.
    skewness : float
        Third standardised moment, dimensionless, not corrected for bias.
    excess_kurtosis : float
        Fourth standardised moment minus 3 (0 for a normal), not corrected for bias. With the tail
        indices of stocks (3 to 4) it has no usable standard error: print it, judge by the tail
        statistics.
    """

    mean: float
    standard_deviation: float
    skewness: float
    excess_kurtosis: float


def moments(values: AnyFloatArray) -> SampleMoments:
    """Return the moments of all numbers in an array.

    Parameters
    ----------
    values : array of any shape
        At least two finite numbers that are not all the same. Paths are pooled.

    Raises
    ------
    ConfigError
        A number is not finite, or nothing varies.
    """
    expect_finite(values, "moments")
    pooled = np.asarray(values, np.float64).ravel()
    if pooled.size < 2 or np.ptp(pooled) == 0.0:
        raise ConfigError(
            "moments",
            "values",
            f"{pooled.size} numbers without variation",
            "at least two numbers that differ",
        )
    mean = pooled.mean()
    centred = pooled - mean
    squares = centred**2
    variance = squares.mean()
    return SampleMoments(
        mean=float(mean),
        standard_deviation=float(np.sqrt(squares.sum() / (pooled.size - 1))),
        skewness=float((squares * centred).mean() / variance**1.5),
        excess_kurtosis=float((squares**2).mean() / variance**2 - 3.0),
    )


def share_still(values: AnyFloatArray) -> float:
    """Return the share of numbers in an array that are exactly 0, as days without a move are."""
    return float(np.mean(np.asarray(values) == 0))
