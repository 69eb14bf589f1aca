"""Past weights against the oscillation of adversarial training: a moving average that follows, and a mean that holds back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

Tensor = Any


class MovingAverage:
    """Exponential moving average a ← ρ a + (1 − ρ) w; not in the loss, as in Yazıcı et al. (2019).

    Where the weights at the start are random numbers, the average has to forget them: after t steps ρ is then at most
    (1 + t) / (10 + t), as in `tf.train.ExponentialMovingAverage`. With ρ = .999 three quarters of an average after 300 steps would still
    be what it began with.
    """

    def __init__(
        self, weights: Sequence[tf.Variable], decay: float, *, forgets_start: bool = False
    ) -> None:
        self._weights, self._decay = list(weights), decay
        self._averages = [tf.Variable(w, trainable=False) for w in weights]
        self._count = [tf.Variable(0.0, trainable=False)] if forgets_start else []
        self.variables = [*self._averages, *self._count]

    def follow(self) -> None:
        """One step of the average; part of a compiled step."""
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
        """Swap weights and average: to look at the average and come back."""
        for average, weight in zip(self._averages, self._weights, strict=True):
            kept = tf.identity(weight)
            weight.assign(average)
            average.assign(kept)


class PastMean:
    """Historical averaging: ‖θ − (1/t) Σ θ[i]‖², i from 1 to t, the weights θ of a player against the mean of all that it had.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs", section 3.3.
    """

    def __init__(self, weights: Sequence[tf.Variable]) -> None:
        self._weights = list(weights)
        self._means = [tf.Variable(w, trainable=False) for w in weights]
        self._count = tf.Variable(1.0, trainable=False)  # t; the weights at the start are θ[1]
        self.variables = [*self._means, self._count]

    def distance(self) -> Tensor:
        """The square; its gradient is that to θ, the mean being held."""
        return tf.add_n(
            [
                tf.reduce_sum((w - mean) ** 2)
                for w, mean in zip(self._weights, self._means, strict=True)
            ]
        )

    def follow(self) -> None:
        """Take the weights as they are into the mean; part of a compiled step."""
        self._count.assign_add(1.0)
        for mean, weight in zip(self._means, self._weights, strict=True):
            mean.assign(mean + (weight - mean) / self._count)

    def restart(self) -> None:
        """Forget the past but for the weights as they are."""
        self._count.assign(1.0)
        for mean, weight in zip(self._means, self._weights, strict=True):
            mean.assign(weight)
