"""Pieces that every critic is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from simgan.seeds import Seed

Tensor = Any


def kernels(seed: Seed, first: int) -> Callable[[], keras.Initializer]:
    """Return what gives a fresh He-normal initializer at each call, each by a stream of its own from number `first` on."""
    numbers = iter(range(first, first + 100))
    return lambda: keras.initializers.HeNormal(seed.integer("weights", next(numbers)))


def leaky(tensor: Tensor) -> Tensor:
    """Leaky ReLU of slope .2."""
    return layers.LeakyReLU(negative_slope=0.2)(tensor)
