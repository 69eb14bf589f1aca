"""The tail model: generalised Pareto tails of the innovations, fitted by likelihood, spliced onto the generator's own.

Scores such as CRPS hardly see a 1 % tail and a critic sees a handful of such days, so tails get an estimator of their own: peaks over
a threshold (Pickands 1975; McNeil & Frey 2000, "Estimation of tail-related risk measures for heteroscedastic financial time series").
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.series import TrainingSeries
from simgan.seeds import Seed
from simgan.stats.tails import FEWEST_EXCEEDANCES, fit_generalised_pareto

_DRAWS = 64  # innovations drawn per day of history
_LEAST_SHAPE, _MOST_SHAPE = 0.01, 0.3  # below 0 the tail would end where history happens to end
_LEAST_SCALE = 0.05


def tail_map(generator: StateSpaceGenerator, series: TrainingSeries, days: int, seed: Seed) -> Float32Array:
    """Rows of `simgan.bundle.blueprints.TAIL_ROW` for losses and gains, from the innovations of the first `days` days.

    Returns
    -------
    array of shape (2, 5)
        Threshold (positive, in units of innovations), then shape and scale of the generator's own tail and of the estimated one.
    """
    picked = slice(series.first_day, days)
    memory, realized = series.memories[picked], series.scaled[picked, None]
    drift, spread, _ = generator.parts(tf.constant(memory), tf.zeros((len(memory), generator.blueprint.latent)))
    real = ((realized - drift) / spread).numpy()[:, 0].astype(np.float64)  # (days,)
    latent = seed.stream("calibration", 0).standard_normal((len(memory) * _DRAWS, generator.blueprint.latent), dtype=np.float32)
    _, _, raw = generator.parts(tf.repeat(tf.constant(memory), _DRAWS, 0), tf.constant(latent))
    own = raw.numpy()[:, 0].astype(np.float64)  # (days · draws,)
    share = series.settings.tail_share
    return np.stack([_row(-real, -own, share), _row(real, own, share)]).astype(np.float32)


def _row(real: FloatArray, own: FloatArray, share: float) -> FloatArray:
    threshold = float(np.quantile(own, 1 - share))
    return np.array([threshold, *_shape_and_scale(own, threshold), *_shape_and_scale(real, threshold)])


def _shape_and_scale(innovations: FloatArray, threshold: float) -> tuple[float, float]:
    excesses = innovations[innovations > threshold] - threshold
    if len(excesses) < FEWEST_EXCEEDANCES:
        return _LEAST_SHAPE, max(float(excesses.mean()) if len(excesses) else 0.0, _LEAST_SCALE)
    fitted = fit_generalised_pareto(excesses, max_shape=_MOST_SHAPE)
    if fitted.shape >= _LEAST_SHAPE:
        return fitted.shape, fitted.scale
    return _LEAST_SHAPE, float(excesses.mean()) * (1 - _LEAST_SHAPE)  # the mean excess is scale / (1 − shape)
