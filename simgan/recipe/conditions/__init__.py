"""Family of conditions: the uses that both players make of regime labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.tensors import Tensor, tf
from simgan.registry import Entry, Registry
from simgan.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class Conditioning(Settings, ABC):
    """A use of labels, by which a generator can be asked for a regime.

    Beside its score, the critic has one linear output per regime: c(x) = V f(x) for features f.
    Labels are one-hot vectors (n, regimes), and zero where they are unknown. A fake has the label
    of the real window beside it, for the generator was asked for that regime.
    """

    kind: ClassVar[str]
    labelled: float = setting(1.0, "share of the windows whose label is known", above=0, high=1)

    @classmethod
    def owner(cls) -> str:
        return "condition"

    @abstractmethod
    def score(self, score: Tensor, classes: Tensor, labels: Tensor) -> Tensor:
        """Return the score (n, 1) under labels.

        Parameters
        ----------
        score : tensor of shape (n, 1)
            The critic's score without labels.
        classes : tensor of shape (n, regimes)
            The critic's outputs c.
        labels : tensor of shape (n, regimes)
        """

    @abstractmethod
    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        """Return the term of the critic's loss, from its outputs for real and fake samples."""

    @abstractmethod
    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        """Return the term of the generator's loss, from the critic's outputs for fakes."""


def cross_entropy(classes: Tensor, labels: Tensor) -> Tensor:
    """Return −E log softmax(c)_label over samples that have a label, or 0 without any."""
    count = tf.maximum(tf.reduce_sum(labels), 1.0)
    return -tf.reduce_sum(labels * tf.nn.log_softmax(classes)) / count


def accuracy(classes: Tensor, labels: Tensor) -> Tensor:
    """Return the share of labelled samples whose largest output is that of the label.

    Without any label it is 0.
    """
    hits = tf.reduce_sum(labels * tf.one_hot(tf.argmax(classes, 1), labels.shape[1]))
    return hits / tf.maximum(tf.reduce_sum(labels), 1.0)


CONDITIONS: Registry[Conditioning] = Registry(
    "condition",
    {
        "cgan": Entry("simgan.recipe.conditions.cgan:ConditionalGan"),
        "acgan": Entry("simgan.recipe.conditions.acgan:AuxiliaryClassifier"),
        "semi-supervised": Entry("simgan.recipe.conditions.semi_supervised:SemiSupervised"),
    },
)
