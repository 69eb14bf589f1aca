"""Energy with a margin: the critic ignores fakes whose energy is beyond it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class EnergyBased(Objective):
    """EBGAN, where the energy E is the reconstruction error of an auto-encoder.

    The score is −E. The original has no penalty. A weight above 0 adds R1. The pulling-away term
    is left out.

    References
    ----------
    Zhao, Mathieu & LeCun (2017), "Energy-based generative adversarial networks", equations 1
    and 2.
    """

    kind: ClassVar[str] = "ebgan"
    critic: ClassVar[str] = "auto-encoder"
    penalty_weight: float = setting(0.0, "weight γ of the gradient penalty", low=0)
    margin: float = setting(1.0, "energy m beyond which fakes are left alone", above=0)

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        beyond = tf.nn.relu(self.margin + fake)  # [m − E(G(z))]⁺
        return tf.reduce_mean(-real) + tf.reduce_mean(beyond)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return tf.reduce_mean(-fake)  # E(G(z))
