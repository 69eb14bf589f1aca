"""The moving average of the generator, which damps the oscillation of adversarial training."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from simgan.recipe.tensors import Tensor


class WeightAverage:
    """Exponential moving average a ← ρ a + (1 − ρ) w, outside of the loss (Yazıcı et al. 2019).

    With ρ = .999, the first weights are still three quarters of the average after 300 steps. If
    they are random numbers, the average has to forget them. After t steps ρ is then at most
    (1 + t) / (10 + t), as in `tf.train.ExponentialMovingAverage`.
    """

    def __init__(
        self, weights: Sequence[tf.Variable], decay: float, *, forgets_start: bool = False
    ) -> None:
        self._weights, self._decay = list(weights), decay
        self._averages = [tf.Variable(w, trainable=False) for w in weights]
        self._count = [tf.Variable(0.0, trainable=False)] if forgets_start else []
        self.variables = [*self._averages, *self._count]

    def follow(self) -> None:
        """Take one step of the average."""
        decay: Tensor = self._decay
        for count in self._count:
            count.assign_add(1.0)
            decay = tf.minimum(self._decay, (1.0 + count) / (10.0 + count))
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign(decay * average + (1.0 - decay) * weight)

    def restart(self) -> None:
        """Set the average to the weights."""
        for count in self._count:
            count.assign(0.0)
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign(weight)

    def copy_to_weights(self) -> None:
        """Set the weights to the average."""
        for average, weight in zip(self._averages, self._weights, strict=True):
            weight.assign(average)

    def exchange(self) -> None:
        """Swap weights and average. A second call swaps them back."""
        for average, weight in zip(self._averages, self._weights, strict=True):
            kept = tf.identity(weight)
            weight.assign(average)
            average.assign(kept)
