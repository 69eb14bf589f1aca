"""The contract of a condition: what the critic makes of labels, and what both players lose by them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.tensors import Tensor, tf
from simgan.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class Condition(Settings, ABC):
    """The critic has one linear output per regime, c(x) = V f(x), beside its score; labels are one-hot (n, regimes), 0 where unknown.

    A fake has the label of the real window beside it: the generator was asked for that regime.
    """

    kind: ClassVar[str]
    labelled: float = setting(1.0, "share of the windows whose label is known", above=0, high=1)

    @classmethod
    def owner(cls) -> str:
        return "condition"

    @abstractmethod
    def score(self, score: Tensor, classes: Tensor, labels: Tensor) -> Tensor:
        """Score (n, 1) under labels (n, regimes), from that without and from the outputs c (n, regimes)."""

    @abstractmethod
    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        """What is added to the critic's loss, from its outputs for real and fake ones."""

    @abstractmethod
    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        """What is added to the generator's loss."""


def cross_entropy(classes: Tensor, labels: Tensor) -> Tensor:
    """−E log softmax(c)_label over those that have a label; 0 if none has."""
    count = tf.maximum(tf.reduce_sum(labels), 1.0)
    return -tf.reduce_sum(labels * tf.nn.log_softmax(classes)) / count


def accuracy(classes: Tensor, labels: Tensor) -> Tensor:
    """Share, among those that have a label, of whom the largest output is that of the label; 0 if none has."""
    hits = tf.reduce_sum(labels * tf.one_hot(tf.argmax(classes, 1), labels.shape[1]))
    return hits / tf.maximum(tf.reduce_sum(labels), 1.0)
