"""The multi-layer perceptron as a Keras model. Its formulas stand with its blueprint."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.gan.architectures import ReplicaMoments, VolatilityMemory
from simgan.gan.architectures.standardised import Autoregressive, dense
from simgan.recipe.blueprints.mlp import MEMORY_FLOOR, PIECES, Mlp
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed

_QUIET = 0.1


class MlpGenerator(Autoregressive):
    """G(z, memory) → the next scaled return, by dense layers."""

    def __init__(self, blueprint: Mlp, seed: Seed) -> None:
        super().__init__(blueprint, seed)
        self._volatility = VolatilityMemory(blueprint.memory)

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        return self._volatility.levels(memory, scaled)

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """Weights that read little of the past.

        Almost independent returns have moments that can be set.
        """
        value = super().start_value(name, shape, rng)
        if name == "kernel_0":
            value[self.blueprint.latent :] *= _QUIET
        return value

    def output(self, memory: Tensor, noise: Tensor) -> Tensor:
        gain = self.table["gain"]
        squares = 0.5 * tf.math.log(self._volatility.squares(memory) / gain**2 + MEMORY_FLOOR)
        hidden = tf.concat([noise, squares, tf.asinh(self._volatility.trends(memory) / gain)], -1)
        for number in range(len(self.blueprint.hidden)):
            hidden = self._activated(
                dense(hidden, self.table[f"kernel_{number}"], self.table[f"bias_{number}"])
            )
        return dense(hidden, self.table["kernel_out"][:, None], self.table["bias_out"])[..., 0]

    def remember(self, memory: Tensor, scaled: Tensor) -> Tensor:
        return self._volatility.next(memory, scaled)

    def correct(
        self, found: ReplicaMoments, wanted: ReplicaMoments, pool: Float32Array
    ) -> Float32Array:
        """Correct as every network. The memories get the new variance, so the run continues."""
        pool = super().correct(found, wanted, pool)
        factor = wanted.variance / found.variance[0]
        rescaled: Float32Array = self.blueprint.memory.rescaled(pool, factor[:, None])
        return rescaled

    def _activated(self, values: Tensor) -> Tensor:
        return _ACTIVATIONS[self.blueprint.activation](values)


def _mixed(values: Tensor) -> Tensor:
    half = values.shape[-1] // 2
    return tf.concat([tf.nn.relu(values[..., :half]), tf.sigmoid(values[..., half:])], -1)


def _maxout(values: Tensor) -> Tensor:
    return tf.reduce_max(tf.reshape(values, (*values.shape[:-1], -1, PIECES)), -1)


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "leaky": lambda values: tf.nn.leaky_relu(values, 0.2),
    "relu": tf.nn.relu,
    "sigmoid": tf.sigmoid,
    "relu-sigmoid": _mixed,
    "maxout": _maxout,
}
