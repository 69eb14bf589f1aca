"""The multi-layer perceptron as a Keras model; `simgan.bundle.blueprints.mlp` has its formula."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from simgan.bundle.blueprints.mlp import PIECES, Mlp
from simgan.gan.architectures.remembering import Remembering
from simgan.gan.architectures.standardised import Autoregressive
from simgan.seeds import Seed

Tensor = Any
_FLOOR = 0.01  # keeps the logarithm of a memory near zero finite


class MlpGenerator(Autoregressive):
    """G(z, memory) → the next scaled return, by dense layers."""

    def __init__(self, blueprint: Mlp, seed: Seed) -> None:
        super().__init__(blueprint, seed)
        self._remembering = Remembering(blueprint.memory)

    def output(self, memory: Tensor, noise: Tensor) -> Tensor:
        squares = 0.5 * tf.math.log(self._remembering.squares(memory) + _FLOOR)
        hidden = tf.concat([noise, squares, self._remembering.trends(memory)], -1)
        for number in range(len(self.blueprint.hidden)):
            hidden = self._activated(hidden @ self.table[f"kernel_{number}"] + self.table[f"bias_{number}"])
        return tf.linalg.matvec(hidden, self.table["kernel_out"]) + self.table["bias_out"]

    def remember(self, memory: Tensor, scaled: Tensor) -> Tensor:
        return self._remembering.next(memory, scaled)

    def _activated(self, values: Tensor) -> Tensor:
        match self.blueprint.activation:
            case "leaky":
                return tf.nn.leaky_relu(values, 0.2)
            case "relu":
                return tf.nn.relu(values)
            case "sigmoid":
                return tf.sigmoid(values)
            case "relu-sigmoid":
                half = values.shape[-1] // 2
                return tf.concat([tf.nn.relu(values[..., :half]), tf.sigmoid(values[..., half:])], -1)
            case _:  # maxout
                return tf.reduce_max(tf.reshape(values, (*values.shape[:-1], -1, PIECES)), -1)
