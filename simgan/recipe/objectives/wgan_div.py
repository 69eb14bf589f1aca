"""The Wasserstein divergence: a power of the gradient holds the critic back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective, Scorer, between, squared_gradient
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class WassersteinDivergence(Objective):
    """WGAN-div: the penalty is E ‖∇D‖^p between real and fake samples, with k = 2 and p = 6.

    The critic need not be Lipschitz.

    References
    ----------
    Wu, Huang, Thoma, Acharya & Van Gool (2018), "Wasserstein divergence for GANs", sections 3
    and 4.
    """

    kind: ClassVar[str] = "wgan-div"
    penalty_weight: float = setting(2.0, "k, weight of the gradient penalty", low=0)
    power: float = setting(6.0, "p, the power of the norm of the gradient", low=2, high=10)

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(fake) - tf.reduce_mean(real)  # E D(G(z)) − E D(x)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(fake)

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        mixed = between(real, fake, uniform)
        return tf.reduce_mean(squared_gradient(critic, mixed) ** (self.power / 2))  # E ‖∇D‖^p
