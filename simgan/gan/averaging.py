"""The moving average of weights that damps the oscillation of adversarial training."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


class MovingAverage:
    """Exponential moving average a ← ρ a + (1 − ρ) w; the "historical averaging" of Salimans et al. (2016), as in Yazıcı et al. (2019)."""

    def __init__(self, weights: Sequence[tf.Variable], decay: float) -> None:
        self._weights, self._decay = list(weights), decay
        self.variables = [tf.Variable(w, trainable=False) for w in weights]

    def follow(self) -> None:
        """One step of the average; part of a compiled step."""
        for average, weight in zip(self.variables, self._weights, strict=True):
            average.assign(self._decay * average + (1.0 - self._decay) * weight)

    def restart(self) -> None:
        """Set the average to the weights."""
        for average, weight in zip(self.variables, self._weights, strict=True):
            average.assign(weight)

    def copy_to_weights(self) -> None:
        """Set the weights to the average."""
        for average, weight in zip(self.variables, self._weights, strict=True):
            weight.assign(average)

    def exchange(self) -> None:
        """Swap weights and average: to look at the average and come back."""
        for average, weight in zip(self.variables, self._weights, strict=True):
            kept = tf.identity(weight)
            weight.assign(average)
            average.assign(kept)
