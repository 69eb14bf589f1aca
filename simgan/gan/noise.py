"""Noise inside compiled steps: a function of (user seed, step, place), never of hidden state."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

Tensor = Any
_PLACES = 64  # draws within one step under one seed; those beyond have another seed, lest they be those of the next step
_APART = 0x5BD1E995  # between these seeds
_ALGORITHM = "philox"  # what XLA would choose; where the choice is left to it, large arrays take thirty times as long


def normal(shape: tuple[int, ...], key: Tensor, place: int) -> Tensor:
    """Standard normals at address (key[0], key[1], place); key is (seed, step)."""
    return tf.random.stateless_normal(shape, _address(key, place), alg=_ALGORITHM)


def uniform(shape: tuple[int, ...], key: Tensor, place: int) -> Tensor:
    """U[0, 1) numbers at an address."""
    return tf.random.stateless_uniform(shape, _address(key, place), alg=_ALGORITHM)


def _address(key: Tensor, place: int) -> Tensor:
    beyond, within = divmod(place, _PLACES)
    seed = tf.bitwise.bitwise_xor(key[0], beyond * _APART % 2**31) if beyond else key[0]
    return tf.stack([seed, key[1] * _PLACES + within])
