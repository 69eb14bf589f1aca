"""The part of a critic that knows labels: one linear output per regime."""

from __future__ import annotations

import tensorflow as tf

from simgan.recipe.conditions.base import Conditioning, accuracy
from simgan.recipe.tensors import Tensor


class Classifier:
    """The outputs c(x) = V f(x) of a critic with features f, and their use by a condition.

    Parameters
    ----------
    condition : Conditioning
    width, regimes : int
        Number of features, and number of different labels.
    """

    def __init__(self, condition: Conditioning, width: int, regimes: int) -> None:
        self.condition, self.regimes = condition, regimes
        self.kernel = tf.Variable(tf.zeros((width, regimes)))
        self.variables = [self.kernel]

    def restart(self) -> None:
        """Set all outputs to 0."""
        self.kernel.assign(tf.zeros_like(self.kernel))

    def classes(self, features: Tensor) -> Tensor:
        """Return outputs (n, regimes) for features (n, width)."""
        return features @ self.kernel

    def score(self, scores: Tensor, features: Tensor, labels: Tensor) -> Tensor:
        """Return scores (n, 1) under labels of one batch, which each group of the n samples has."""
        groups = scores.shape[0] // labels.shape[0]
        return self.condition.score(scores, self.classes(features), tf.tile(labels, (groups, 1)))

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        """Return the term of the critic's loss for features of real and fake samples."""
        return self.condition.critic_loss(self.classes(real), self.classes(fake), labels)

    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        """Return the term of the generator's loss for features of fakes."""
        return self.condition.generator_loss(self.classes(fake), labels)

    def metrics(self, real: Tensor, fake: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Return how often the largest output is that of the label."""
        return {
            "accuracy, real": accuracy(self.classes(real), labels),
            "accuracy, fake": accuracy(self.classes(fake), labels),
        }
