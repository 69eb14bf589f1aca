"""The critic for points: dense layers, ReLU between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from simgan.gan.critics.base import Critic
from simgan.gan.critics.batch import batch_layers, head, with_batch
from simgan.gan.remedies import NONE, Remedies
from simgan.seeds import Seed

Tensor = Any
_NUMBER = 2  # of the critic's weights among the streams of that name; the generator's is 1


class PointCritic(Critic):
    """D(point) → score, for points (n, dimensions); the last hidden layer gives the features.

    Parameters
    ----------
    sizes : tuple of int
        Dimensions of a point and sizes of the hidden layers.
    seed : Seed
        Of the weights.
    remedies : Remedies
    """

    def __init__(self, sizes: tuple[int, ...], seed: Seed, remedies: Remedies = NONE) -> None:
        super().__init__(sizes, remedies)
        self.restart(seed)

    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        body = dense(self.shape, seed, _NUMBER)
        last = head(self.remedies, self.shape[-1], he_normal(seed, _NUMBER, len(self.shape) - 1))
        return body, *batch_layers(self.remedies, self.shape[-1], seed.integer("weights", _NUMBER, len(self.shape))), last

    @property
    def width(self) -> int:
        return self.shape[-1]

    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        body, *beside, last = self.nets
        features = body(values)
        return features, last(with_batch(features, beside, groups))


def dense(sizes: tuple[int, ...], seed: Seed, number: int) -> keras.Model:
    """Points of the first size → ReLU layers of the others."""
    seen = hidden = layers.Input((sizes[0],))
    for layer, size in enumerate(sizes[1:]):
        hidden = layers.Dense(size, "relu", kernel_initializer=he_normal(seed, number, layer))(hidden)
    return keras.Model(seen, hidden)


def he_normal(seed: Seed, number: int, layer: int) -> keras.Initializer:
    """Fresh weights of a layer of a network."""
    return keras.initializers.HeNormal(seed.integer("weights", number, layer))
