"""The critic that is an auto-encoder: what it cannot reconstruct it does not take for real."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import layers, ops

from simgan.gan.critics.base import Critic
from simgan.gan.critics.layers import kernels, leaky
from simgan.seeds import Seed

Tensor = Any
CHANNELS, CODE = (24, 32, 32), 32


class AutoEncoderCritic(Critic):
    """The score is the negative energy −‖v − Dec(Enc(v))‖² / (days · count) of the views v of a window.

    References
    ----------
    Zhao, Mathieu & LeCun (2017), "Energy-based generative adversarial networks", equation 3.
    Berthelot, Schumm & Metz (2017), "BEGAN: boundary equilibrium generative adversarial networks" (there with η = 2).
    """

    kind: ClassVar[str] = "auto-encoder"

    def build_net(self, seed: Seed) -> keras.Model:
        return _there_and_back(self.shape, seed)

    def call(self, windows: Tensor) -> Tensor:
        seen = self.seen(windows)
        return -ops.mean(ops.square(seen - self.net(seen)), axis=(1, 2))[:, None]


def _there_and_back(shape: tuple[int, int], seed: Seed) -> keras.Model:
    """Views (days, count) through a code of 32 numbers and back."""
    kernel = kernels(seed, 200)

    def convolved(tensor: Tensor, channels: int, strides: int) -> Tensor:
        return leaky(layers.Conv1D(channels, 5, strides=strides, padding="same", kernel_initializer=kernel())(tensor))

    seen = hidden = layers.Input(shape)
    for channels in CHANNELS:
        hidden = convolved(hidden, channels, 2)
    short = hidden.shape[1:]
    code = layers.Dense(CODE, kernel_initializer=kernel())(layers.Flatten()(hidden))
    hidden = leaky(layers.Dense(short[0] * short[1], kernel_initializer=kernel())(code))
    hidden = layers.Reshape(short)(hidden)
    for channels in reversed(CHANNELS):
        hidden = convolved(layers.UpSampling1D(2)(hidden), channels, 1)
    days, count = shape
    hidden = hidden[:, :days]  # strides round up
    return keras.Model(seen, layers.Conv1D(count, 5, padding="same", kernel_initializer=kernel())(hidden))
