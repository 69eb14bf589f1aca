"""The critic that is an auto-encoder: it takes for real the windows that it can reconstruct."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import keras
from keras import layers, ops

from simgan.gan.critics import ViewsCritic, he_normals, leaky
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed

Kernel = Callable[[], keras.Initializer]
CHANNELS, CODE = (24, 32, 32), 32


class AutoEncoderCritic(ViewsCritic):
    """The score is the negative energy of a window's views v.

    The energy is ‖v − Dec(Enc(v))‖² divided by the number of entries of v.

    References
    ----------
    Zhao, Mathieu & LeCun (2017), "Energy-based generative adversarial networks",
    equation 3.
    Berthelot, Schumm & Metz (2017), "BEGAN: boundary equilibrium generative
    adversarial networks" (there with η = 2).
    """

    kind: ClassVar[str] = "auto-encoder"

    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        kernel = he_normals(seed, 200)
        there = _there(self.shape, kernel)
        return there, _back(self.shape, kernel)

    @property
    def width(self) -> int:
        return CODE

    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        there, back = self.nets
        seen = self.seen(values)
        code = there(seen)
        return code, -ops.mean(ops.square(seen - back(code)), axis=(1, 2))[:, None]


def _there(shape: tuple[int, ...], kernel: Kernel) -> keras.Model:
    """Return the encoder: views (days, assets · count) → a code of 32 numbers."""
    seen = hidden = layers.Input(shape)
    for channels in CHANNELS:
        hidden = _convolved(hidden, channels, 2, kernel)
    return keras.Model(
        seen, layers.Dense(CODE, kernel_initializer=kernel())(layers.Flatten()(hidden))
    )


def _back(shape: tuple[int, ...], kernel: Kernel) -> keras.Model:
    """Return the decoder: a code → views."""
    days, count = shape
    short = -(-days // 2 ** len(CHANNELS)), CHANNELS[-1]  # strides round up
    code = layers.Input((CODE,))
    hidden = layers.Reshape(short)(
        leaky(layers.Dense(short[0] * short[1], kernel_initializer=kernel())(code))
    )
    for channels in reversed(CHANNELS):
        hidden = _convolved(layers.UpSampling1D(2)(hidden), channels, 1, kernel)
    return keras.Model(
        code, layers.Conv1D(count, 5, padding="same", kernel_initializer=kernel())(hidden[:, :days])
    )


def _convolved(tensor: Tensor, channels: int, strides: int, kernel: Kernel) -> Tensor:
    return leaky(
        layers.Conv1D(channels, 5, strides=strides, padding="same", kernel_initializer=kernel())(
            tensor
        )
    )
