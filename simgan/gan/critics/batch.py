"""What a critic that scores sees of the other members of a batch: a generator that makes one thing over and over gives itself away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from simgan.recipe.remedies import Remedies

Tensor = Any
PER_KERNEL = 5  # C, the dimension of each kernel's space
_TINY = 1e-8  # keeps the gradient of a root at zero finite, as in the code of Karras et al.


class Closeness(layers.Layer):
    """Minibatch discrimination: o(xᵢ)_b = mean over j of exp(−‖M_ib − M_jb‖₁), with M_i = f(xᵢ) T in B × C.

    The paper has the sum over j; the mean is the same up to the scale of what multiplies it, and does not grow with the batch. Distances
    are about 1 at first.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs", section 3.2.
    """

    def __init__(self, kernels: int, seed: int) -> None:
        super().__init__()
        self.kernels = kernels
        self._initializer = keras.initializers.VarianceScaling(
            PER_KERNEL**-2.0, "fan_in", "untruncated_normal", seed
        )

    def build(self, shape: tuple[int, ...]) -> None:
        self.tensor = self.add_weight(
            shape=(shape[-1], self.kernels * PER_KERNEL), initializer=self._initializer
        )  # T

    def call(self, features: Tensor, groups: int) -> Tensor:
        placed = ops.reshape(
            ops.matmul(features, self.tensor), (groups, -1, self.kernels, PER_KERNEL)
        )  # M (groups, n, B, C)
        apart = ops.sum(
            ops.absolute(placed[:, :, None] - placed[:, None]), axis=-1
        )  # (groups, n, n, B)
        return ops.reshape(ops.mean(ops.exp(-apart), axis=2), (-1, self.kernels))


class Deviation(layers.Layer):
    """Minibatch standard deviation: that of each feature over the batch, averaged over the features: one number for all of a batch.

    References
    ----------
    Karras et al. (2018), "Progressive growing of GANs for improved quality, stability, and variation", section 3.
    """

    def call(self, features: Tensor, groups: int) -> Tensor:
        batches = ops.reshape(features, (groups, -1, features.shape[-1]))
        spread = ops.mean(ops.sqrt(ops.var(batches, axis=1) + _TINY), axis=-1)  # (groups,)
        return ops.repeat(spread, features.shape[0] // groups)[:, None]


def batch_layers(remedies: Remedies, width: int, seed: int) -> list[layers.Layer]:
    """Return the layers that the remedies ask for, built for features of a width."""
    asked: list[layers.Layer] = (
        [Closeness(remedies.minibatch_kernels, seed)] if remedies.minibatch_kernels else []
    )
    asked += [Deviation()] if remedies.minibatch_std else []
    for layer in asked:
        layer.build((None, width))
    return asked


def with_batch(features: Tensor, asked: Sequence[layers.Layer], groups: int) -> Tensor:
    """Features and what the layers say of the batch, shape (paths, width + …)."""
    return (
        ops.concatenate([features, *(layer(features, groups=groups) for layer in asked)], axis=1)
        if asked
        else features
    )


def head(remedies: Remedies, width: int, kernel: keras.Initializer) -> layers.Dense:
    """Return the last layer: features of a width, and what the batch adds to them → score."""
    dense = layers.Dense(1, kernel_initializer=kernel)
    dense.build((None, width + remedies.minibatch_kernels + remedies.minibatch_std))
    return dense
