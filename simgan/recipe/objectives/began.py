"""Energies in a boundary equilibrium: a weight balances real and fake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class BoundaryEquilibrium(Objective):
    """BEGAN, where the energy L is the reconstruction error of an auto-encoder.

    The score is −L. The critic lowers L(x) − k L(G(z)). The weight k begins at 0 and moves by
    λ (γ L(x) − L(G(z))) within [0, 1]. The history has k and the convergence measure
    M = L(x) + |γ L(x) − L(G(z))|. The original has no penalty. A weight above 0 adds R1.

    References
    ----------
    Berthelot, Schumm & Metz (2017), "BEGAN: boundary equilibrium generative adversarial
    networks", section 3.4.
    """

    kind: ClassVar[str] = "began"
    critic: ClassVar[str] = "auto-encoder"
    penalty_weight: float = setting(0.0, "weight of the gradient penalty", low=0)
    diversity: float = setting(
        0.5, "diversity ratio γ, energy of fakes over that of real ones", above=0, high=1
    )
    gain: float = setting(0.001, "λ, by which k moves", above=0, high=1)

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(-real) - balance * tf.reduce_mean(-fake)  # L(x) − k L(G(z))

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return tf.reduce_mean(-fake)  # L(G(z))

    def next_balance(self, balance: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        return tf.clip_by_value(balance + self.gain * self._lack(real, fake), 0.0, 1.0)

    def metrics(self, real: Tensor, fake: Tensor, balance: Tensor) -> Mapping[str, Tensor]:
        convergence = tf.reduce_mean(-real) + tf.abs(self._lack(real, fake))
        return {"balance k": balance, "convergence M": convergence}

    def _lack(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.diversity * tf.reduce_mean(-real) - tf.reduce_mean(-fake)  # γ L(x) − L(G(z))
