"""The Wasserstein critic whose weights are clipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import tensorflow as tf

from simgan.errors import ConfigError
from simgan.gan.objectives.base import Objective, Scorer, Tensor


@dataclass(frozen=True, kw_only=True)
class Wasserstein(Objective):
    """The critic estimates a multiple of the 1-Wasserstein distance; weights within ±`clip` keep it Lipschitz, and there is no penalty.

    The original moves by RMSProp; on windows it is Adam without momentum here, which is the same but for the correction of the first steps.
    Games of points have the momentum of the texts for every objective, .9, which the authors advise against.

    References
    ----------
    Arjovsky, Chintala & Bottou (2017), "Wasserstein GAN", algorithm 1.
    """

    kind: ClassVar[str] = "wgan"
    penalty_weight: float = field(
        default=0.0, metadata={"help": "0: clipping takes the place of a penalty"}
    )
    critic_steps: int = field(
        default=5, metadata={"help": "critic steps per generator step; 1 to 20"}
    )
    clip: float = field(
        default=0.01, metadata={"help": "largest absolute weight of the critic; > 0, at most 10"}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.penalty_weight != 0:
            raise ConfigError(
                "objective",
                "penalty_weight",
                self.penalty_weight,
                "0: wgan clips; wgan-gp has a penalty",
            )
        if not 0 < self.clip <= 10:
            raise ConfigError("objective", "clip", self.clip, "above 0 and at most 10")

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(fake) - tf.reduce_mean(real)  # E D(G(z)) − E D(x)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(fake)

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        return tf.constant(0.0)

    def constrain(self, weights: Sequence[tf.Variable]) -> None:
        for weight in weights:
            weight.assign(tf.clip_by_value(weight, -self.clip, self.clip))
