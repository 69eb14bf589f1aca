"""Feature matching: the generator matches the mean features of real samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.remedies import Effect, Judged, Players, Remedy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class FeatureMatching(Remedy):
    """The generator's loss is (1 − s) L + s ‖E f(x) − E f(G(z))‖², with f the critic's features.

    References
    ----------
    Salimans, Goodfellow, Zaremba, Cheung, Radford & Chen (2016), "Improved techniques for training
    GANs", section 3.1, where s is 1.
    """

    kind: ClassVar[str] = "feature-matching"
    feature_matching: float = setting(
        0.0,
        "share of feature matching in the generator's loss, 1 for the critic's mean features alone",
        low=0,
        high=1,
    )

    def effect(self, players: Players) -> Effect:
        return _MatchedFeatures(self.feature_matching)


class _MatchedFeatures(Effect):
    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share

    def generator_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        of_real, of_fake = (tf.reduce_mean(one.features, axis=0) for one in (real, fake))
        distance = tf.reduce_sum((of_real - of_fake) ** 2)
        return (1.0 - self._share) * loss + self._share * distance
