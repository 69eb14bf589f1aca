"""Rare moves in TensorFlow: Pareto tails and jumps of normal scores.

The formulas stand with `simgan.recipe.blueprints.state_space.StateSpace`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from simgan.recipe.blueprints.state_space import SIZES
from simgan.recipe.tensors import Tensor

_FAR = 10.0  # score
_NO_SHARE = 1e-30  # of a side without jumps


def excess(tail: Tensor, score: Tensor, top: Tensor) -> Tensor:
    """Return the excess over the outermost knot (R, n) in generalised Pareto tails (R, 2)."""
    beyond = tf.maximum(score, top)
    exponential = _log_survival(top) - _log_survival(beyond)
    shape, scale = tail[:, :1], tail[:, 1:]
    return scale * tf.math.expm1(shape * exponential) / shape


def jumps(side: Tensor, score: Tensor) -> Tensor:
    """Return the jumps (R, n) of one side (1 + SIZES,), 0 for the scores below them."""
    share, sizes = tf.maximum(side[0], _NO_SHARE), side[1:]
    rank = 1.0 - _survival(score) / share
    place = tf.maximum(rank, 0.0) * (SIZES - 1)
    left = tf.minimum(tf.cast(place, tf.int32), SIZES - 2)
    here = tf.gather(sizes, left)
    size = here + (place - tf.cast(left, tf.float32)) * (tf.gather(sizes, left + 1) - here)
    return tf.where(rank > 0.0, size, 0.0)


def _log_survival(score: Tensor) -> Tensor:
    """Return log Φ(−z), far out by the asymptotic series, where Φ(−z) is 0 in float32."""
    near, far = tf.minimum(score, _FAR), tf.maximum(score, _FAR)
    inverse = 1.0 / tf.square(far)
    series = tf.math.log1p(-inverse * (1.0 - 3.0 * inverse * (1.0 - 5.0 * inverse)))
    asymptotic = -0.5 * tf.square(far) - tf.math.log(far) - np.float32(0.5 * np.log(2 * np.pi))
    return tf.where(score < _FAR, tf.math.log(_survival(near)), asymptotic + series)


def _survival(score: Tensor) -> Tensor:
    return 0.5 * tf.math.erfc(score * np.float32(np.sqrt(0.5)))
