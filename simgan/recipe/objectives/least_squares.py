"""Least squares instead of logarithms: even convincing fakes are pulled to the border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class LeastSquares(Objective):
    """LSGAN with a = −1, b = 1, c = 0, and an R1 penalty.

    With these numbers the generator minimises the Pearson χ² divergence of p + q from 2q. The
    penalty is not in the original, and ``penalty_weight=0`` leaves it out.

    References
    ----------
    Mao, Li, Xie, Lau, Wang & Smolley (2017), "Least squares generative adversarial networks",
    equations 2 and 8.
    """

    kind: ClassVar[str] = "lsgan"

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return 0.5 * tf.reduce_mean((real - 1.0) ** 2) + 0.5 * tf.reduce_mean((fake + 1.0) ** 2)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return 0.5 * tf.reduce_mean(fake**2)
