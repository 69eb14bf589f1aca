"""The law of the innovations: a smoothed body and generalised Pareto tails from residuals.

Likelihood and critic shape the volatility. The residuals of the history are then the best
sample of the innovations (Barone-Adesi, Giannopoulos & Vosper 1999, "VaR without
correlations for portfolios of derivative securities"). Beyond a threshold they are too few, so the
tails have an estimator of their own: peaks over the threshold (Pickands 1975, and McNeil & Frey
2000, "Estimation of tail-related risk measures for heteroscedastic financial time series").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.recipe.blueprints.state_space import KNOTS, SIZES
from simgan.stats.tails import FEWEST_EXCEEDANCES, GeneralisedPareto, fit_generalised_pareto

_LEAST_SHAPE = 0.01  # a tail of shape below 0 would end where history happens to end
_MOST_SHAPE = 0.45  # from ½ on the variance is infinite
_LEAST_SCALE = 0.05
_NORMAL_RANGE = 1.349  # interquartile range of the standard normal
_BANDWIDTH = 0.1  # of Silverman's: fills gaps without widening the law
_OF_SIZES = 0.1  # of the size of a jump: fills the gaps between few
_KERNEL = norm.ppf((np.arange(20) + 0.5) / 20)


@dataclass(frozen=True)
class Innovations:
    """Estimates for each replica.

    Attributes
    ----------
    knots, body, tails : arrays of shape (B,), (R, B), (R, 2, 2)
        As in `simgan.recipe.blueprints.state_space.StateSpace`.
    fits : list of (losses, gains), one per replica
        The tail estimates with their intervals. None marks a history too short for one.
    is_jump : array of shape (days · assets,)
        Days that have no part in body and tails.
    """

    knots: Float32Array
    body: Float32Array
    tails: Float32Array
    fits: list[tuple[GeneralisedPareto | None, GeneralisedPareto | None]]
    is_jump: NDArray[np.bool_]

    def weights(self) -> dict[str, Float32Array]:
        """Return the estimates by the names of the weights that they set."""
        return {"knots": self.knots, "body": self.body, "tails": self.tails}

    def returns_of(self, scaled: Float32Array) -> Float32Array:
        """Return the returns of the residuals, (days · assets,), from a history (days, assets)."""
        return scaled.ravel()[-len(self.is_jump) :]


def estimate(
    residuals: FloatArray, realized: AnyFloatArray, share: float, jump: float
) -> Innovations:
    """Estimate the innovations of each replica from its residuals.

    Parameters
    ----------
    residuals : array of shape (R, days)
        They are shifted to mean 0 first.
    realized : array of shape (days,)
        The returns. No tail reaches into the days without a move.
    share : float
        Share of the days in each tail.
    jump : float
        Least size of a jump, in multiples of the scale of the residuals: the interquartile range of
        days with a move, over 1.349. 0 means no jumps.
    """
    moved = realized != 0
    is_jump = moved & _is_extreme(residuals, moved, jump)
    if not moved.all():
        sides = (max((sign * realized > 0).sum(), FEWEST_EXCEEDANCES) for sign in (-1, 1))
        share = min(share, 0.5 * min(sides) / len(realized))
    residuals = residuals[:, ~is_jump]
    residuals = residuals - residuals.mean(axis=1, keepdims=True)
    knots = np.linspace(norm.ppf(share), norm.isf(share), KNOTS)
    bodies = np.array([_smooth_quantiles(sample, norm.cdf(knots)) for sample in residuals])
    fits = [
        (_fit_tail(-sample, -body[0]), _fit_tail(sample, body[-1]))
        for sample, body in zip(residuals, bodies, strict=True)
    ]
    tails = [
        [_row(-sample, -body[0], losses), _row(sample, body[-1], gains)]
        for sample, body, (losses, gains) in zip(residuals, bodies, fits, strict=True)
    ]
    return Innovations(
        knots.astype(np.float32),
        bodies.astype(np.float32),
        np.array(tails, np.float32),
        fits,
        is_jump,
    )


def _is_extreme(residuals: FloatArray, moved: NDArray[np.bool_], jump: float) -> NDArray[np.bool_]:
    """Tell which residuals (R, days) are jumps in the mean over replicas."""
    if not jump or moved.sum() < FEWEST_EXCEEDANCES:
        return np.zeros_like(moved)
    low, middle, high = np.quantile(residuals[:, moved], (0.25, 0.5, 0.75), axis=1)
    sizes = np.abs(residuals.T - middle) * _NORMAL_RANGE
    return np.asarray(sizes.mean(axis=1) > jump * (high - low).mean())


def jumps_of(scaled: AnyFloatArray, is_jump: NDArray[np.bool_]) -> Float32Array:
    """Return the weight ``jumps`` (2, 1 + SIZES) of returns (days,): shares and sizes."""
    sides = []
    for sign in (-1.0, 1.0):
        sizes = sign * scaled[is_jump & (sign * scaled > 0)]
        if len(sizes):
            smooth = sizes[:, None] * (1 + _OF_SIZES * _KERNEL)
            quantiles = np.quantile(smooth, np.linspace(0, 1, SIZES))
            sides.append([len(sizes) / len(scaled), *quantiles])
        else:
            sides.append([0.0] * (1 + SIZES))
    return np.array(sides, np.float32)


def _smooth_quantiles(sample: FloatArray, probabilities: FloatArray) -> FloatArray:
    width = _BANDWIDTH * 1.06 * sample.std() * len(sample) ** -0.2
    return np.asarray(np.quantile(sample[:, None] + width * _KERNEL, probabilities, method="hazen"))


def _fit_tail(losses: FloatArray, threshold: float) -> GeneralisedPareto | None:
    beyond = losses[losses > threshold] - threshold
    if len(beyond) < FEWEST_EXCEEDANCES:
        return None
    return fit_generalised_pareto(beyond, max_shape=_MOST_SHAPE)


def _row(
    losses: FloatArray, threshold: float, fit: GeneralisedPareto | None
) -> tuple[float, float]:
    """Return shape and scale of a tail.

    Without a usable estimate the tail is exponential with the same mean excess.
    """
    if fit is not None and fit.shape >= _LEAST_SHAPE:
        return fit.shape, fit.scale
    beyond = losses[losses > threshold] - threshold
    mean = float(beyond.mean()) if len(beyond) else 0.0  # it is scale / (1 − shape)
    return _LEAST_SHAPE, max(mean * (1 - _LEAST_SHAPE), _LEAST_SCALE)
