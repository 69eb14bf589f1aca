"""The temporal convolutional generator as a Keras model; `simgan.recipe.blueprints.tcn` has its formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from simgan.gan.architectures.standardised import Standardised, dense
from simgan.seeds import Seed

Tensor = Any
_SLOPE = 0.25  # of a fresh PReLU, for negative numbers


class TcnGenerator(Standardised):
    """G(z of the last days) → the next scaled return, by dilated causal convolutions."""

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
        return _SLOPE if "slope" in name else super().start_value(name, shape, rng)

    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        w, (steps, _, paths, latent) = self.table, noise.shape
        known = tf.reshape(memory, (paths, -1, latent))
        window = tf.concat(
            [known, tf.transpose(noise[:, 0], (1, 0, 2))], 1
        )  # (paths, run-in + steps, latent)
        hidden = _prelu(dense(window, w["entry"], w["entry_bias"]), w["entry_slope"])
        total = hidden[:, -steps:]
        for block, dilation in enumerate(self.blueprint.dilations):
            inner = hidden
            for layer, kernel in enumerate(tf.unstack(w["kernels"][block])):
                pairs = tf.concat([inner[:, :-dilation], inner[:, dilation:]], -1)
                inner = _prelu(
                    dense(pairs, kernel, w["biases"][block, layer]), w["slopes"][block, layer]
                )
            hidden = hidden[:, -inner.shape[1] :] + inner
            total += inner[:, -steps:]
        output = dense(total, w["out"][:, None], w["out_bias"])[..., 0]  # (paths, steps)
        after = tf.reshape(window[:, steps:], memory.shape)
        return self.standardised(output)[None], after

    def tomorrow(self, memories: Tensor, count: int) -> Tensor:
        """The same law for every day: it knows none."""
        shape = (self.blueprint.run_in + 1, 1, count, self.blueprint.latent)
        noise = Seed(0).stream("validation").standard_normal(shape, dtype=np.float32)
        drawn = self.roll(tf.zeros((1, count, self.blueprint.width)), tf.constant(noise))[0][
            :, :, -1
        ]
        return tf.tile(drawn[:, None], (1, memories.shape[1], 1))


def _prelu(values: Tensor, slope: Tensor) -> Tensor:
    return tf.maximum(values, 0.0) + slope * tf.minimum(values, 0.0)
