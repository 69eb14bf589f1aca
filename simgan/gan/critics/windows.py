"""The critic that scores: convolutions over a window of returns seen at several time scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
from keras import layers

from simgan.gan.critics.base import ViewsCritic
from simgan.gan.critics.batch import batch_layers, head, with_batch
from simgan.gan.critics.layers import kernels, leaky
from simgan.seeds import Seed

Tensor = Any
CHANNELS, FEATURES = (24, 32, 32, 32), 64


class WindowCritic(ViewsCritic):
    """D(window) → score, by strided convolutions."""

    kind: ClassVar[str] = "windows"

    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        kernel = kernels(seed, 100)
        body = _convolutions(self.shape, kernel)
        last = head(self.remedies, FEATURES, kernel())
        return body, *batch_layers(self.remedies, FEATURES, seed.integer("weights", 300)), last

    @property
    def width(self) -> int:
        return FEATURES

    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        body, *beside, last = self.nets
        features = body(self.seen(values))
        return features, last(with_batch(features, beside, groups))


def _convolutions(shape: tuple[int, ...], kernel: Callable[[], keras.Initializer]) -> keras.Model:
    """Views (days, count) → features."""
    seen = hidden = layers.Input(shape)
    for channels in CHANNELS:
        convolution = layers.Conv1D(
            channels, 5, strides=2, padding="same", kernel_initializer=kernel()
        )
        hidden = leaky(convolution(hidden))
    flat = leaky(layers.Dense(32, kernel_initializer=kernel())(layers.Flatten()(hidden)))
    pooled = layers.GlobalAveragePooling1D()(hidden)
    return keras.Model(
        seen,
        leaky(
            layers.Dense(FEATURES, kernel_initializer=kernel())(
                layers.Concatenate()([pooled, flat])
            )
        ),
    )
