"""The critic also classifies windows by their regime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.conditions import Conditioning, cross_entropy
from simgan.recipe.tensors import Tensor
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class AuxiliaryClassifier(Conditioning):
    """ACGAN: c classifies real and fake windows, and both players gain if it is right.

    References
    ----------
    Odena, Olah & Shlens (2017), "Conditional image synthesis with auxiliary classifier GANs",
    equations 2 and 3.
    """

    kind: ClassVar[str] = "acgan"
    weight: float = setting(
        0.5, "weight of the cross entropy of the labels in both losses", above=0, high=100
    )

    def score(self, score: Tensor, classes: Tensor, labels: Tensor) -> Tensor:
        return score

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        return self.weight * (cross_entropy(real, labels) + cross_entropy(fake, labels))  # −L_C

    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        return self.weight * cross_entropy(fake, labels)
