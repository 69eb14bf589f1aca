"""Days of the history that lend their shapes to generated days.

The formulas stand with `simgan.recipe.blueprints.state_space.StateSpace`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.leaning import days_beside
from simgan.gan.series import TrainingSeries
from simgan.market.shapes import GARMAN_KLASS, PARTS
from simgan.recipe.blueprints.state_space import DAYS, LIKENESS
from simgan.recipe.tensors import Tensor


def kept_days(series: TrainingSeries, picked: slice, spread: FloatArray, laws: int) -> Float32Array:
    """Return the weight ``days`` (R, laws, DAYS, 4).

    The days of a law stand in the order of their return over their spread.

    Parameters
    ----------
    series : TrainingSeries
        It has shapes.
    picked : slice
        Days that may lend theirs.
    spread : array of shape (R, days · assets)
        Of each replica on these days.
    laws : int
        The days are divided among so many laws by their spread, the calmest first.
    """
    assert series.shapes is not None
    shapes = series.shapes[picked].reshape(-1, PARTS).astype(np.float64)
    is_known = np.isfinite(shapes).all(axis=-1)
    spread = spread[:, is_known, None]  # (R, days, 1)
    moved = series.scaled[picked].reshape(-1, 1)[is_known] / spread
    every = np.concatenate([moved, shapes[is_known] / spread], axis=-1)
    calmest = np.argsort(spread, axis=1, kind="stable")
    of_laws = np.array_split(np.take_along_axis(every, calmest, axis=1), laws, axis=1)
    joined = [
        np.concatenate([own, np.repeat(other[None], len(own), axis=0)], axis=1)
        for own, other in zip(of_laws, days_beside(series, laws), strict=True)
    ]
    return np.stack([_evenly_in_order(days) for days in joined], axis=1).astype(np.float32)


def _evenly_in_order(days: FloatArray) -> FloatArray:
    """Return DAYS of days (R, days, 4), evenly from the lowest return to the highest."""
    places = ((np.arange(DAYS) + 0.5) * days.shape[1] / DAYS).astype(int)
    order = np.argsort(days[..., 0], axis=1, kind="stable")[:, places]  # (R, DAYS)
    return np.take_along_axis(days, order[..., None], axis=1)


def lending_days(days: Tensor, scores: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """Return the days that lend their shapes.

    Parameters
    ----------
    days : tensor of shape (R, laws, DAYS, 4)
    scores, own : tensors of shape (steps, R, n)
        Normal scores z and s.

    Returns
    -------
    tensor of shape (steps, R, n, laws, 4)
        A day of each law.
    tensor of shape (steps, R, n)
        The least share of the law of wild days that makes it lend its day.
    """
    near = np.float32(np.sqrt(1 - LIKENESS**2)) * scores + np.float32(LIKENESS) * own
    place = DAYS * 0.5 * tf.math.erfc(-near * np.float32(np.sqrt(0.5)))
    row = tf.clip_by_value(tf.cast(place, tf.int32), 0, DAYS - 1)
    found = tf.gather(tf.transpose(days, (0, 2, 1, 3)), tf.transpose(row, (1, 0, 2)), batch_dims=1)
    return tf.transpose(found, (1, 0, 2, 3, 4)), place - tf.cast(row, tf.float32)


def chosen(days: Tensor, least: Tensor, share: Tensor) -> Tensor:
    """Return days (R, n, 4) out of those of each law (R, n, laws, 4) by the share of wild days."""
    return tf.where((least < share)[..., None], days[..., -1, :], days[..., 0, :])


def range_of(scaled: Tensor, spread: Tensor, days: Tensor) -> Tensor:
    """Return the range variances (R, n) of scaled returns (R, n) with lent shapes (R, n, 4)."""
    moved, (own, gap, upper, lower) = scaled / spread, tf.unstack(days, axis=-1)
    size = (1.0 + tf.abs(moved)) / (1.0 + tf.abs(own))
    gap, upper, lower = size * gap, size * upper, size * lower
    body = moved - gap
    high, low = tf.nn.relu(body) + upper, -tf.nn.relu(-body) - lower
    rogers_satchell = high * (high - body) + low * (low - body)
    garman_klass = 0.5 * (high - low) ** 2 - GARMAN_KLASS * body**2
    return spread**2 * (gap**2 + 0.5 * (rogers_satchell + garman_klass))
