"""The objective that most GANs use in practice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives.base import Objective
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class NonSaturating(Objective):
    """The generator maximises log D(G(z)), whose gradient does not vanish where the critic is sure; R1 penalty.

    References
    ----------
    Goodfellow et al. (2014), "Generative adversarial nets", section 3.
    Mescheder, Geiger & Nowozin (2018), "Which training methods for GANs do actually converge?" (R1).
    """

    kind: ClassVar[str] = "non-saturating"
    has_labels: ClassVar[bool] = True

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(
            tf.nn.softplus(fake)
        )  # −E log D(x) − E log(1 − D(G(z)))

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return tf.reduce_mean(tf.nn.softplus(-fake))  # −E log D(G(z))
