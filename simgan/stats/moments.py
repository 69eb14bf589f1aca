"""The first four moments of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, expect_finite
from simgan.errors import ConfigError


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
