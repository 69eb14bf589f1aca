"""Quantiles, tail index and generalised Pareto fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError

NORMAL_975 = 1.959963984540054  # 97.5 % quantile of the normal: two-sided 95 % intervals
MIN_SHAPE, MAX_SHAPE = (
    -0.5,
    0.5,
)  # regular likelihood above −1/2 (Smith 1985); finite variance below 1/2
FEWEST_EXCEEDANCES = 10


@dataclass(frozen=True)
class TailIndex:
    """Hill estimate of the tail exponent (small = heavy) with an asymptotic 95 % interval.

    Attributes
    ----------
    value, low, high : float
        Exponent α of P(X > x) ~ x^−α, and its interval.
    share : float
        Share of the sample that was used.
    exceedances : int
        Number of values that were used.
    """

    value: float
    low: float
    high: float
    share: float
    exceedances: int


@dataclass(frozen=True)
class GeneralisedPareto:
    """Law of the excess over a high threshold, fitted by maximum likelihood.

    Attributes
    ----------
    shape : float
        ξ. The tail exponent is 1/ξ if ξ > 0, the tail ends if ξ < 0.
    scale : float
        In the units of the excesses.
    standard_error : float
        Asymptotic standard error of the shape, (1 + ξ)/√n.
    low, high : float
        Asymptotic 95 % interval of the shape. It may reach beyond the bounds of the fit.
    exceedances : int
        Number of excesses used.
    is_at_bound : bool
        The likelihood still rises at the bound of the shape: read the shape as "at least" (or "at
        most") this value.
    """

    shape: float
    scale: float
    standard_error: float
    low: float
    high: float
    exceedances: int
    is_at_bound: bool


def quantiles(values: AnyFloatArray, probabilities: Sequence[float]) -> FloatArray:
    """Return the quantiles of all numbers in an array, paths pooled.

    They are interpolated linearly (Hyndman & Fan type 7).

    Raises
    ------
    ConfigError
        There is no number, one is not finite, or a probability lies outside [0, 1].
    """
    expect_finite(values, "quantiles")
    if values.size == 0:
        raise ConfigError("quantiles", "values", "an empty sample", "at least one value")
    asked = np.asarray(probabilities, np.float64)
    if not ((asked >= 0.0) & (asked <= 1.0)).all():
        raise ConfigError("quantiles", "probabilities", list(probabilities), "numbers from 0 to 1")
    return np.asarray(np.quantile(np.asarray(values, np.float64), asked), np.float64)


def hill_tail_index(losses: AnyFloatArray, share: float = 0.05) -> TailIndex:
    r"""Hill estimate of the exponent of the upper tail.

    .. math:: \hat\alpha = \Big(\frac1k \sum_{i=1}^k \log\frac{x_{(i)}}{x_{(k+1)}}\Big)^{-1},
       \qquad x_{(1)} \ge x_{(2)} \ge \dots

    Parameters
    ----------
    losses : array of shape (days,)
        The tail examined is the *upper* one: pass −r for the losses, r for the gains.
    share : float in (0, 1)
        Share of the sample taken as the tail, k = ⌊share · days⌋.

    Returns
    -------
    TailIndex
        The interval is α̂ / (1 ± 1.96/√k), right for independent values. Volatility clusters make
        it too narrow: bootstrap blocks (`simgan.stats.intervals`) where that matters.

    Raises
    ------
    ConfigError
        Fewer than 10 values in the tail, a threshold that is not positive, or a tail of equal
        values.

    References
    ----------
    Hill (1975), "A simple general approach to inference about the tail of a distribution".
    """
    expect_shape(losses, ("days",), "hill_tail_index")
    expect_finite(losses, "hill_tail_index")
    largest = _largest(losses, share, "hill_tail_index")
    k = largest.size - 1
    threshold = largest.min()
    if not threshold > 0.0:
        raise ConfigError(
            "hill_tail_index", "share", share, "small enough that the whole tail is positive"
        )
    mean_log_excess = np.log(largest / threshold).sum() / k  # the threshold itself adds log 1 = 0
    if mean_log_excess == 0.0:
        raise ConfigError(
            "hill_tail_index", "losses", "a tail of equal values", "values that differ"
        )
    value = float(1.0 / mean_log_excess)
    half = NORMAL_975 / np.sqrt(k)  # 1/α̂ is asymptotically normal with standard deviation (1/α)/√k
    high = value / (1.0 - half)
    return TailIndex(value, float(value / (1.0 + half)), float(high), share, k)


def excesses(losses: AnyFloatArray, share: float = 0.05) -> tuple[float, FloatArray]:
    """Return the threshold that `share` of the values exceed, and the excesses (upper tail)."""
    expect_shape(losses, ("days",), "excesses")
    expect_finite(losses, "excesses")
    largest = _largest(losses, share, "excesses")
    threshold = float(largest.min())
    beyond = largest[largest > threshold]
    return threshold, beyond - threshold


def fit_generalised_pareto(
    excesses: AnyFloatArray, max_shape: float = MAX_SHAPE
) -> GeneralisedPareto:
    r"""Fit the generalised Pareto law to excesses over a threshold, by maximum profile likelihood.

    .. math:: \log L(\xi, \sigma) = -n \log\sigma - (1 + 1/\xi) \sum_i \log(1 + \xi x_i / \sigma)

    Parameters
    ----------
    excesses : array of shape (exceedances,)
        Positive. At least 10, not all equal.
    max_shape : float in (−0.5, 0.5]
        The shape is searched in [−0.5, max_shape).

    Returns
    -------
    GeneralisedPareto

    Raises
    ------
    ConfigError
        Too few excesses, one that is not positive, or a bound out of range.

    References
    ----------
    Davison & Smith (1990), "Models for exceedances over high thresholds". Smith (1985), "Maximum
    likelihood estimation in a
    class of nonregular cases" for the standard error (1 + ξ)/√n.
    """
    values = _checked_excesses(excesses, max_shape)
    unit = values.mean()
    x = values / unit  # the fit works on excesses of mean one: no tolerance depends on the units
    best = minimize_scalar(
        lambda shape: -_log_likelihood(x, shape, _scale_given(x, shape)),
        bounds=(MIN_SHAPE, max_shape),
        method="bounded",
    )
    shape = float(best.x)
    error = (1.0 + shape) / np.sqrt(x.size)
    return GeneralisedPareto(
        shape=shape,
        scale=float(_scale_given(x, shape) * unit),
        standard_error=float(error),
        low=float(shape - NORMAL_975 * error),
        high=float(shape + NORMAL_975 * error),
        exceedances=x.size,
        is_at_bound=min(shape - MIN_SHAPE, max_shape - shape) < 1e-4,
    )


def _largest(losses: AnyFloatArray, share: float, owner: str) -> FloatArray:
    """Return the k + 1 largest values: the tail and its threshold."""
    k = int(share * losses.size) if 0.0 < share < 1.0 else 0  # NaN is no share, too
    if not (k >= FEWEST_EXCEEDANCES and k + 1 <= losses.size):
        raise ConfigError(
            owner,
            "share",
            share,
            f"in (0, 1) and at least {FEWEST_EXCEEDANCES} of the {losses.size} values given",
        )
    return np.partition(np.asarray(losses, np.float64), -(k + 1))[-(k + 1) :]


def _checked_excesses(excesses: AnyFloatArray, max_shape: float) -> FloatArray:
    expect_shape(excesses, ("exceedances",), "fit_generalised_pareto")
    expect_finite(excesses, "fit_generalised_pareto")
    if not MIN_SHAPE < max_shape <= MAX_SHAPE:
        raise ConfigError(
            "fit_generalised_pareto", "max_shape", max_shape, f"in ({MIN_SHAPE}, {MAX_SHAPE}]"
        )
    values = np.asarray(excesses, np.float64)
    if values.size < FEWEST_EXCEEDANCES or values.min() <= 0.0 or np.ptp(values) == 0.0:
        raise ConfigError(
            "fit_generalised_pareto",
            "excesses",
            f"{values.size} from {values.min():g}",
            "10 or more, positive, not all equal",
        )
    return values


def _scale_given(x: FloatArray, shape: float) -> float:
    """Solve ∂ log L/∂σ = 0, that is (1 + ξ) mean(x / (σ + ξ x)) = 1.

    The left side falls in σ, so there is one root.
    """
    lowest = max(0.0, -shape * x.max())  # the end of the support must lie beyond the largest value
    highest = (1.0 + shape) * x.mean() + lowest

    def gap(scale: float) -> float:
        return float((1.0 + shape) * np.mean(x / (scale + shape * x)) - 1.0)

    return float(brentq(gap, lowest + 1e-9 * highest, highest * (1.0 + 1e-9), xtol=1e-12))


def _log_likelihood(x: FloatArray, shape: float, scale: float) -> float:
    if abs(shape) < 1e-8:  # the limit ξ → 0 is the exponential law
        return float(-x.size * np.log(scale) - x.sum() / scale)
    return float(-x.size * np.log(scale) - (1.0 + 1.0 / shape) * np.log1p(shape * x / scale).sum())
