"""A few labels, and many windows without: the critic is a classifier with a class of fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.conditions import Conditioning, cross_entropy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class SemiSupervised(Conditioning):
    """A classifier of K + 1 classes, the last of which is the fakes, with the output −D(x).

    The score is then D(x) + log Σ exp c_k, the log odds of a real window.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs", section 5, where the output
    of the fakes is held at 0.
    Odena (2016), "Semi-supervised learning with generative adversarial networks".
    """

    kind: ClassVar[str] = "semi-supervised"
    labelled: float = setting(0.05, "share of the windows whose label is known", above=0, high=1)

    def score(self, score: Tensor, classes: Tensor, labels: Tensor) -> Tensor:
        return score + tf.reduce_logsumexp(classes, 1, keepdims=True)

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(real, labels)  # L_supervised

    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        return tf.constant(0.0)
