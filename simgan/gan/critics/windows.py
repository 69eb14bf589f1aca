"""The critic that scores: convolutions over a window of returns seen at several time scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import keras
from keras import layers

from simgan.gan.critics import ViewsCritic, he_normals, head, leaky, scored
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed

CHANNELS, FEATURES = (24, 32, 32, 32), 64


class WindowCritic(ViewsCritic):
    """D(window) → score, by strided convolutions."""

    kind: ClassVar[str] = "windows"

    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        kernel = he_normals(seed, 100)
        body = _convolutions(self.shape, kernel)
        return body, *head(self.remedies, FEATURES, seed.integer("weights", 300), kernel())

    @property
    def width(self) -> int:
        return FEATURES

    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        body, *last = self.nets
        features = body(self.seen(values))
        return features, scored(features, last, groups)


def _convolutions(shape: tuple[int, ...], kernel: Callable[[], keras.Initializer]) -> keras.Model:
    """Return the network from views (days, assets · count) to features."""
    seen = hidden = layers.Input(shape)
    for channels in CHANNELS:
        convolution = layers.Conv1D(
            channels, 5, strides=2, padding="same", kernel_initializer=kernel()
        )
        hidden = leaky(convolution(hidden))
    flat = leaky(layers.Dense(32, kernel_initializer=kernel())(layers.Flatten()(hidden)))
    pooled = layers.GlobalAveragePooling1D()(hidden)
    both = layers.Concatenate()([pooled, flat])
    return keras.Model(seen, leaky(layers.Dense(FEATURES, kernel_initializer=kernel())(both)))
