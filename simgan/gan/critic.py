"""The critic: convolutions over a window of returns seen at several time scales."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from simgan.seeds import Seed

Tensor = Any
CHANNELS = (24, 32, 32, 32)


class WindowCritic(keras.Model):
    """D(window) → score, for windows (paths, days) of scaled returns; it has the first so many of the views."""

    def __init__(self, days: int, count: int) -> None:
        super().__init__(name="critic")
        self.shape = days, count
        self.net = _convolutions(self.shape, Seed(0))

    def restart(self, seed: Seed) -> None:
        """Set the weights to fresh ones."""
        self.net.set_weights(_convolutions(self.shape, seed).get_weights())

    def call(self, windows: Tensor) -> Tensor:
        """Score each window, shape (paths, 1)."""
        return self.net(views(windows)[..., : self.shape[1]])


def views(windows: Tensor) -> Tensor:
    """What the critic sees, shape (paths, days, 5).

    Returns and their size, sums over 5 and 20 days, and the log of the 20-day mean of |r|: without the longer scales the critic cannot
    tell paths whose aggregated returns or clusters of volatility are wrong.
    """
    size = ops.absolute(windows)
    return ops.stack(
        [
            ops.arcsinh(windows),
            ops.arcsinh(2.0 * size) - 1.0,
            ops.arcsinh(5.0**0.5 * _trailing_mean(windows, 5)),
            ops.arcsinh(20.0**0.5 * _trailing_mean(windows, 20)),
            2.0 * ops.log(_trailing_mean(size, 20) + 0.05) + 1.0,
        ],
        axis=-1,
    )


def _trailing_mean(values: Tensor, days: int) -> Tensor:
    padded = ops.pad(values, [[0, 0], [days - 1, 0]])
    return ops.average_pool(padded[..., None], days, 1, "valid")[..., 0]


def _convolutions(shape: tuple[int, int], seed: Seed) -> keras.Model:
    number = iter(range(100, 200))

    def kernel() -> keras.Initializer:
        return keras.initializers.HeNormal(seed.integer("weights", next(number)))

    def leaky(tensor: Tensor) -> Tensor:
        return layers.LeakyReLU(negative_slope=0.2)(tensor)

    seen = hidden = layers.Input(shape)
    for channels in CHANNELS:
        convolution = layers.Conv1D(channels, 5, strides=2, padding="same", kernel_initializer=kernel())
        hidden = leaky(convolution(hidden))
    flat = leaky(layers.Dense(32, kernel_initializer=kernel())(layers.Flatten()(hidden)))
    pooled = layers.GlobalAveragePooling1D()(hidden)
    hidden = leaky(layers.Dense(64, kernel_initializer=kernel())(layers.Concatenate()([pooled, flat])))
    return keras.Model(seen, layers.Dense(1, kernel_initializer=kernel())(hidden))
