"""The temporal convolutional generator as a Keras model. Its formulas stand with its blueprint."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from simgan.gan.architectures.standardised import Standardised, dense
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed

_SLOPE = 0.25  # of a fresh PReLU, for negative numbers


class TcnGenerator(Standardised):
    """G(z of the last days) → the next scaled return, by dilated causal convolutions."""

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        return _SLOPE if "slope" in name else super().start_value(name, shape, rng)

    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        w, (steps, _, paths, normals), assets = self.table, noise.shape, memory.shape[2]
        latent = normals // assets  # of each asset
        known = tf.reshape(memory, (paths * assets, -1, latent))
        news = tf.reshape(noise[:, 0], (steps, paths * assets, latent))
        # (paths · assets, run-in + steps, latent)
        window = tf.concat([known, tf.transpose(news, (1, 0, 2))], 1)
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
        output = dense(total, w["out"][:, None], w["out_bias"])[..., 0]
        after = tf.reshape(window[:, steps:], memory.shape)
        scaled = self.standardised(output)  # (paths · assets, steps)
        paths_of = tf.transpose(tf.reshape(scaled, (paths, assets, steps)), (0, 2, 1))
        return paths_of[None], after

    def tomorrow(self, memories: Tensor, count: int) -> Tensor:
        """Return the same draws for every day, because the network sees no history."""
        shape = (self.blueprint.run_in + 1, 1, count, self.blueprint.latent)
        noise = Seed(0).stream("validation").standard_normal(shape, dtype=np.float32)
        memory = tf.zeros((1, count, memories.shape[2], self.blueprint.width))
        drawn = self.roll(memory, tf.constant(noise))[0][:, None, :, -1]  # (1, 1, count, assets)
        return tf.tile(drawn, (1, memories.shape[1], 1, 1))


def _prelu(values: Tensor, slope: Tensor) -> Tensor:
    return tf.maximum(values, 0.0) + slope * tf.minimum(values, 0.0)
