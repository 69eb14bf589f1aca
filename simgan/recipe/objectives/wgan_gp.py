"""The Wasserstein critic with a gradient penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective, Scorer, between, squared_gradient
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class WassersteinGP(Objective):
    """The critic estimates the 1-Wasserstein distance.

    A penalty holds its gradient between real and fake at norm 1.

    References
    ----------
    Gulrajani, Ahmed, Arjovsky, Dumoulin & Courville (2017), "Improved training of Wasserstein
    GANs", algorithm 1.
    """

    kind: ClassVar[str] = "wgan-gp"
    critic_steps: int = setting(5, "critic steps per generator step", low=1, high=20)

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(fake) - tf.reduce_mean(real)  # E D(G(z)) − E D(x)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(fake)

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        mixed = between(real, fake, uniform)  # ε ~ U[0, 1], one per path: not normal
        norm = tf.sqrt(squared_gradient(critic, mixed) + 1e-12)  # √0 has an infinite gradient
        return tf.reduce_mean((norm - 1.0) ** 2)
