"""Scores of a law that is given by its quantile function."""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.risk.backtests.law import QuantileLaw


def law_tail_crps(
    law: QuantileLaw, realized: AnyFloatArray, threshold: AnyFloatArray
) -> FloatArray:
    r"""Threshold-weighted CRPS per day that judges the left tail alone: returns up to a threshold r.

    .. math:: \int_{-\infty}^{r} (F(z) - 1\{y \le z\})^2 \, dz

    Exact for the law as it is given: F is linear between the quantiles of the grid and jumps at its ends, so that every cell is the
    integral of a parabola. `simgan.risk.scores.tail_crps` estimates the same number from draws.

    Parameters
    ----------
    law : QuantileLaw
        Of each day.
    realized : array of shape (days,)
        What came, in the units of the law.
    threshold : array of shape (days,)
        r, fixed before the day is known; infinite for the whole CRPS.

    Returns
    -------
    array of shape (days,)
        Not negative, in the units of the law.

    Raises
    ------
    ConfigError
        Shapes disagree, a value is not finite, or a threshold is NaN.

    References
    ----------
    Gneiting & Ranjan (2011), "Comparing density forecasts using threshold- and quantile-weighted scoring rules".
    """
    expect_shape(realized, ("days",), "law_tail_crps")
    expect_finite(realized, "law_tail_crps")
    if not law.days == realized.size == threshold.size or np.isnan(threshold).any():
        raise ConfigError(
            "law_tail_crps",
            "days",
            (law.days, realized.size, threshold.size),
            "the same, no threshold NaN",
        )
    quantiles, y, r = (
        np.asarray(values, np.float64)
        for values in (law.quantiles, realized[:, None], threshold[:, None])
    )
    left, right = quantiles[:, :-1], quantiles[:, 1:]  # (days, cells)
    begin, end = np.minimum(left, r), np.minimum(right, r)
    cut = np.clip(y, begin, end)
    slope = np.diff(law.probabilities) / np.where(right > left, right - left, 1.0)
    at = [
        law.probabilities[:-1] + slope * (z - left) for z in (begin, cut, end)
    ]  # F at the borders
    below, above = (
        _parabola(cut - begin, at[0], at[1]),
        _parabola(end - cut, 1.0 - at[1], 1.0 - at[2]),
    )
    lowest, highest = quantiles[:, 0], quantiles[:, -1]
    outside = np.maximum(np.minimum(lowest, threshold) - realized, 0.0) + np.maximum(
        np.minimum(realized, threshold) - highest, 0.0
    )
    return np.asarray((below + above).sum(axis=1) + outside, np.float64)


def _parabola(width: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """Integral of the square of a line from `one` to `other`."""
    return width * (one * one + one * other + other * other) / 3.0
