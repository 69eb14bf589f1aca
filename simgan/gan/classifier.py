"""The part of a critic that knows labels: one linear output of its features per regime."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from simgan.recipe.conditions.base import Condition, accuracy

Tensor = Any


class Classifier:
    """c(x) = V f(x), and what a condition makes of it.

    Parameters
    ----------
    condition : Condition
    width, regimes : int
        Numbers of the features, and of different labels.
    """

    told = ("accuracy, real", "accuracy, fake")

    def __init__(self, condition: Condition, width: int, regimes: int) -> None:
        self.condition, self.regimes = condition, regimes
        self.kernel = tf.Variable(tf.zeros((width, regimes)))
        self.variables = [self.kernel]

    def restart(self) -> None:
        """Know nothing: all outputs are 0."""
        self.kernel.assign(tf.zeros_like(self.kernel))

    def classes(self, features: Tensor) -> Tensor:
        """Outputs (n, regimes) for features (n, width)."""
        return features @ self.kernel

    def score(self, scores: Tensor, features: Tensor, labels: Tensor) -> Tensor:
        """Scores (n, 1) under labels of one batch (n / groups, regimes), which each group of the n has."""
        groups = scores.shape[0] // labels.shape[0]
        return self.condition.score(scores, self.classes(features), tf.tile(labels, (groups, 1)))

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        """From the features of real and fake ones."""
        return self.condition.critic_loss(self.classes(real), self.classes(fake), labels)

    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        """From the features of fakes."""
        return self.condition.generator_loss(self.classes(fake), labels)

    def tell(self, real: Tensor, fake: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """How often the largest output is that of the label, for real and fake ones."""
        return accuracy(self.classes(real), labels), accuracy(self.classes(fake), labels)
