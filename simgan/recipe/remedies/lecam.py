"""LeCam regularisation: the scores of the critic stay near those of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.remedies import Effect, Judged, Player, Players, Remedy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting

DECAY = 0.99  # γ of the moving averages, as in the paper


@dataclass(frozen=True, kw_only=True)
class LeCam(Remedy):
    """The critic's loss has λ (E (D(x) − α_F)² + E (D(G(z)) − α_R)²).

    α_R and α_F are moving averages of the mean scores of real and fake samples. The term keeps a
    critic from growing ever more certain of a few samples: with the Wasserstein objective, the
    generator then lowers the LeCam divergence of real and fake. The averages are plain means for
    the first hundred steps and exponential ones thereafter, so they forget their first values.

    References
    ----------
    Tseng, Jiang, Liu, Yang & Yang (2021), "Regularizing generative adversarial networks under
    limited data", section 3.
    """

    kind: ClassVar[str] = "lecam"
    lecam: float = setting(
        0.0,
        "weight, in the critic's loss, of squared distances of scores to the other side's mean",
        low=0,
        high=100,
    )

    def effect(self, players: Players) -> Effect:
        return AnchoredScores(self.lecam)


class AnchoredScores(Effect):
    """Moving averages of mean scores, which hold the scores of the other side."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self._weight = weight
        self.of_real, self.of_fake, self._count = (
            tf.Variable(0.0, trainable=False) for _ in range(3)
        )
        self.variables = [self.of_real, self.of_fake, self._count]

    def restart(self) -> None:
        for variable in self.variables:
            variable.assign(0.0)

    def critic_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        of_real = tf.reduce_mean((real.scores - self.of_fake) ** 2)
        of_fake = tf.reduce_mean((fake.scores - self.of_real) ** 2)
        return loss + self._weight * (of_real + of_fake)

    def after_step(self, player: Player, real: Judged, fake: Judged) -> None:
        if player != "critic":
            return
        decay = tf.minimum(self._count / (self._count + 1.0), DECAY)
        for average, judged in ((self.of_real, real), (self.of_fake, fake)):
            mean = tf.reduce_mean(judged.scores)
            average.assign(decay * average + (1.0 - decay) * mean)
        self._count.assign_add(1.0)
