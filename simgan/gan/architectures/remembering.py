"""The volatility memory of `simgan.market.memory` inside compiled steps."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from simgan.market.memory import Memory

Tensor = Any
_TINY = 1e-12  # keeps the gradient of a root at zero finite


class Remembering:
    """A memory whose constants are tensors."""

    def __init__(self, memory: Memory) -> None:
        self._kinds = len(memory.half_lives), len(memory.trends)
        self._guard, self._squares, self._fast = memory.guard, memory.squares, memory.fast
        self._decay = tf.constant(memory.decay)  # (W,)
        self._trend_scale = tf.constant(memory.trend_scale)  # (J,)

    def squares(self, memory: Tensor) -> Tensor:
        """The part (…, 2K) of a memory that holds squares."""
        return memory[..., : self._squares]

    def trends(self, memory: Tensor) -> Tensor:
        """M / c, the part (…, J) that holds signed returns, in standard deviations."""
        return memory[..., self._squares :] / self._trend_scale

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Mean of the faster half of the q_k before each day of paths (R, paths, steps), from memories (R, paths, W) on."""
        replicas, paths, steps = scaled.shape
        found = tf.TensorArray(tf.float32, steps, element_shape=(replicas, paths))

        def body(t: Tensor, memory: Tensor, found: Any) -> tuple[Tensor, Tensor, Any]:
            return (
                t + 1,
                self.next(memory, scaled[..., t]),
                found.write(t, tf.reduce_mean(memory[..., : self._fast], -1)),
            )

        _, _, found = tf.while_loop(
            lambda t, *_: t < steps, body, (0, memory, found), maximum_iterations=steps
        )
        return tf.transpose(found.stack(), (1, 2, 0))

    def next(self, memory: Tensor, scaled: Tensor) -> Tensor:
        """Memory (…, W) after one more scaled return (…), as `simgan.market.memory.Memory.next`."""
        count, trends = self._kinds
        guard = self._guard * tf.reduce_mean(memory[..., count // 2 : count], -1)
        news = tf.minimum(scaled * scaled, guard)[..., None]
        fallen = 2.0 * news * tf.cast(scaled < 0, tf.float32)[..., None]
        signed = tf.sign(scaled)[..., None] * tf.sqrt(news + _TINY)
        arriving = tf.concat(
            [news * tf.ones(count), fallen * tf.ones(count), signed * tf.ones(trends)], -1
        )
        return self._decay * memory + (1.0 - self._decay) * arriving
