"""The law of the innovations: a smoothed body and generalised Pareto tails, estimated from the residuals of the history.

Likelihood and critic shape the volatility. What is left of the history when it is divided by that volatility is the best sample of
the innovations there is (Barone-Adesi, Giannopoulos & Vosper 1999, "VaR without correlations for portfolios of derivative securities");
beyond a threshold it is too thin and gets an estimator of its own: peaks over the threshold (Pickands 1975; McNeil & Frey 2000,
"Estimation of tail-related risk measures for heteroscedastic financial time series").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from scipy.stats import norm

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.series import TrainingSeries
from simgan.recipe.blueprints.state_space import KNOTS
from simgan.stats.tails import FEWEST_EXCEEDANCES, GeneralisedPareto, fit_generalised_pareto

if TYPE_CHECKING:
    from simgan.gan.architectures.state_space import StateSpaceGenerator

_LEAST_SHAPE, _MOST_SHAPE = (
    0.01,
    0.45,
)  # below 0 the tail would end where history happens to end; from ½ on the variance is infinite
_LEAST_SCALE = 0.05
_BANDWIDTH = 0.1  # of Silverman's: enough to fill gaps, too little to widen the law
_KERNEL = norm.ppf((np.arange(20) + 0.5) / 20)


@dataclass(frozen=True)
class Innovations:
    """Estimates for each replica.

    Attributes
    ----------
    knots, body, tails : arrays of shape (B,), (R, B), (R, 2, 2)
        As in `simgan.recipe.blueprints.state_space.StateSpace`.
    fits : list of (losses, gains), one per replica
        The tail estimates with their intervals; None where the history is too short for one.
    """

    knots: Float32Array
    body: Float32Array
    tails: Float32Array
    fits: list[tuple[GeneralisedPareto | None, GeneralisedPareto | None]]


def estimate(residuals: FloatArray, share: float) -> Innovations:
    """Estimate the innovations of each replica from its residuals (R, days), brought to mean 0; a tail holds `share` of the days."""
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
        knots.astype(np.float32), bodies.astype(np.float32), np.array(tails, np.float32), fits
    )


def set_innovations(
    generator: StateSpaceGenerator, series: TrainingSeries, days: int
) -> Innovations:
    """Estimate the innovations of a generator as it stands from the first `days` days, and set them."""
    picked = slice(series.first_day, days)
    memories = generator.of_history(tf.constant(series.memories[picked]))
    location, spread = (
        part(memories).numpy().astype(np.float64) for part in (generator.location, generator.spread)
    )  # (R, days)
    found = estimate((series.scaled[picked] - location) / spread, series.settings.tail_share)
    generator.assign({"knots": found.knots, "body": found.body, "tails": found.tails})
    return found


def _smooth_quantiles(sample: FloatArray, probabilities: FloatArray) -> FloatArray:
    width = _BANDWIDTH * 1.06 * sample.std() * len(sample) ** -0.2
    return np.asarray(np.quantile(sample[:, None] + width * _KERNEL, probabilities, method="hazen"))


def _fit_tail(losses: FloatArray, threshold: float) -> GeneralisedPareto | None:
    beyond = losses[losses > threshold] - threshold
    return (
        fit_generalised_pareto(beyond, max_shape=_MOST_SHAPE)
        if len(beyond) >= FEWEST_EXCEEDANCES
        else None
    )


def _row(
    losses: FloatArray, threshold: float, fit: GeneralisedPareto | None
) -> tuple[float, float]:
    """Shape and scale; an exponential tail of the same mean excess where the estimate would end or cannot be made."""
    if fit is not None and fit.shape >= _LEAST_SHAPE:
        return fit.shape, fit.scale
    beyond = losses[losses > threshold] - threshold
    mean = float(beyond.mean()) if len(beyond) else 0.0
    return _LEAST_SHAPE, max(
        mean * (1 - _LEAST_SHAPE), _LEAST_SCALE
    )  # the mean excess is scale / (1 − shape)
