"""Noise inside compiled steps: a function of (user seed, step, place) without hidden state."""

from __future__ import annotations

import tensorflow as tf

from simgan.recipe.tensors import Tensor

# Draws within one step under one seed. Later ones have another seed, so that they differ from
# those of the next step.
_PLACES = 64
_APART = 0x5BD1E995  # between these seeds
# The choice of XLA. Left to XLA, large arrays take thirty times as long.
_ALGORITHM = "philox"


def normal(shape: tuple[int, ...], key: Tensor, place: int) -> Tensor:
    """Return standard normals at the address (key[0], key[1], place). The key is (seed, step)."""
    return tf.random.stateless_normal(shape, _address(key, place), alg=_ALGORITHM)


def uniform(shape: tuple[int, ...], key: Tensor, place: int) -> Tensor:
    """Return numbers from U[0, 1) at an address."""
    return tf.random.stateless_uniform(shape, _address(key, place), alg=_ALGORITHM)


def _address(key: Tensor, place: int) -> Tensor:
    beyond, within = divmod(place, _PLACES)
    seed = tf.bitwise.bitwise_xor(key[0], beyond * _APART % 2**31) if beyond else key[0]
    return tf.stack([seed, key[1] * _PLACES + within])
