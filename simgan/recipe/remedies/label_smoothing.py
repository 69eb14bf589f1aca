"""One-sided label smoothing: the critic is not asked to be certain of real samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.errors import ConfigError
from simgan.recipe.objectives import Objective
from simgan.recipe.remedies import Effect, Judged, Players, Remedy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class LabelSmoothing(Remedy):
    """The label of real samples is 1 − s, and that of fakes stays 0.

    For the score v, D(x) is σ(v). The cross-entropy with the smoothed label is then
    −(1 − s) log D(x) − s log(1 − D(x)) = −log D(x) + s v.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs", section 3.4.
    """

    kind: ClassVar[str] = "label-smoothing"
    label_smoothing: float = setting(
        0.0,
        "the label of real windows is 1 minus this (minimax and non-saturating only)",
        low=0,
        high=0.5,
    )

    def expect_fit(self, objective: Objective) -> None:
        if not objective.has_labels:
            allowed = (
                f"0: {objective.kind} has no label of 1 to smooth; minimax and non-saturating have"
            )
            raise ConfigError("remedies", "label_smoothing", self.label_smoothing, allowed)

    def effect(self, players: Players) -> Effect:
        return _SmoothedLabels(self.label_smoothing)


class _SmoothedLabels(Effect):
    def __init__(self, smoothing: float) -> None:
        super().__init__()
        self._smoothing = smoothing

    def critic_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        return loss + self._smoothing * tf.reduce_mean(real.scores)
