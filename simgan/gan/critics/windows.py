"""The critic that scores: convolutions over a window of returns seen at several time scales."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import layers

from simgan.gan.critics.base import Critic
from simgan.gan.critics.layers import kernels, leaky
from simgan.seeds import Seed

Tensor = Any
CHANNELS = (24, 32, 32, 32)


class WindowCritic(Critic):
    """D(window) → score, by strided convolutions."""

    kind: ClassVar[str] = "windows"

    def build_net(self, seed: Seed) -> keras.Model:
        return _convolutions(self.shape, seed)

    def call(self, windows: Tensor) -> Tensor:
        return self.net(self.seen(windows))


def _convolutions(shape: tuple[int, int], seed: Seed) -> keras.Model:
    kernel = kernels(seed, 100)
    seen = hidden = layers.Input(shape)
    for channels in CHANNELS:
        convolution = layers.Conv1D(channels, 5, strides=2, padding="same", kernel_initializer=kernel())
        hidden = leaky(convolution(hidden))
    flat = leaky(layers.Dense(32, kernel_initializer=kernel())(layers.Flatten()(hidden)))
    pooled = layers.GlobalAveragePooling1D()(hidden)
    hidden = leaky(layers.Dense(64, kernel_initializer=kernel())(layers.Concatenate()([pooled, flat])))
    return keras.Model(seen, layers.Dense(1, kernel_initializer=kernel())(hidden))
