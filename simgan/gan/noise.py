"""Noise inside compiled steps: a function of (user seed, step, place), never of hidden state."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

Tensor = Any
_PLACES = 64  # distinct draws within one step


def normal(shape: tuple[int, ...], key: Tensor, place: int) -> Tensor:
    """Standard normals at address (key[0], key[1], place); key is (seed, step)."""
    return tf.random.stateless_normal(shape, _address(key, place))


def uniform(shape: tuple[int, ...], key: Tensor, place: int) -> Tensor:
    """U[0, 1) numbers at an address."""
    return tf.random.stateless_uniform(shape, _address(key, place))


def _address(key: Tensor, place: Any) -> Tensor:
    return tf.stack([key[0], key[1] * _PLACES + place])
