"""The recurrent generator as a Keras model. Its formulas stand with its blueprint."""

from __future__ import annotations

import tensorflow as tf

from simgan.gan.architectures.standardised import Autoregressive, dense
from simgan.recipe.tensors import Tensor


class RecurrentGenerator(Autoregressive):
    """G(z, state) → the next scaled return, by a gated recurrent unit that reads the returns."""

    def output(self, memory: Tensor, noise: Tensor) -> Tensor:
        w = self.table
        hidden = tf.nn.leaky_relu(
            dense(tf.concat([memory, noise], -1), w["head"], w["head_bias"]), 0.2
        )
        return dense(hidden, w["out"][:, None], w["out_bias"])[..., 0]

    def remember(self, memory: Tensor, scaled: Tensor) -> Tensor:
        w, units = self.table, self.blueprint.units
        days = scaled / w["gain"]
        seen = tf.stack([tf.asinh(days), tf.asinh(tf.abs(days))], -1)
        gates = tf.sigmoid(dense(tf.concat([seen, memory], -1), w["gates"], w["gates_bias"]))
        update, reset = gates[..., :units], gates[..., units:]
        candidate = tf.tanh(
            dense(tf.concat([seen, reset * memory], -1), w["candidate"], w["candidate_bias"])
        )
        return (1.0 - update) * memory + update * candidate

    def after(self, memory: Tensor, past: Tensor) -> Tensor:
        """Read the days, from a state of zeros."""
        days = past.shape[2]
        found = tf.while_loop(
            lambda t, _: t < days,
            lambda t, state: (t + 1, self.remember(state, past[:, :, t])),
            (0, memory),
            maximum_iterations=days,
        )
        return found[1]

    @tf.function(autograph=False)
    def along(self, known: Tensor, scaled: Tensor) -> Tensor:
        later = tf.scan(self.remember, scaled, known[0])  # (days, assets, units)
        return tf.concat([known[:1], later], 0)
