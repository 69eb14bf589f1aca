"""The Wasserstein critic whose weights are clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective, Scorer
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class Wasserstein(Objective):
    """The critic estimates a multiple of the 1-Wasserstein distance, without a penalty.

    Weights within ±`clip` keep the critic Lipschitz. The original moves by RMSProp. On windows,
    simgan uses Adam without momentum, which differs in the correction of the first steps only.
    On points, every objective has the momentum .9 of the GAN tutorial, which the authors of WGAN
    advise against.

    References
    ----------
    Arjovsky, Chintala & Bottou (2017), "Wasserstein GAN", algorithm 1.
    """

    kind: ClassVar[str] = "wgan"
    penalty_weight: float = setting(0.0, "no penalty: wgan clips, wgan-gp has one", low=0, high=0)
    critic_steps: int = setting(5, "critic steps per generator step", low=1, high=20)
    clip: float = setting(0.01, "largest absolute weight of the critic", above=0, high=10)

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(fake) - tf.reduce_mean(real)  # E D(G(z)) − E D(x)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(fake)

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        return tf.constant(0.0)

    def constrain(self, weights: Sequence[tf.Variable]) -> None:
        for weight in weights:
            weight.assign(tf.clip_by_value(weight, -self.clip, self.clip))
