"""Relativistic pairing with zero-centred penalties on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective, Scorer, squared_gradient
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class Relativistic(Objective):
    """RpGAN + R1 + R2: each fake is judged against the real window beside it.

    References
    ----------
    Huang, Gokaslan, Kuleshov & Tompkin (2024), "The GAN is dead; long live the GAN! A modern GAN
    baseline".
    Jolicoeur-Martineau (2019), "The relativistic discriminator".
    """

    kind: ClassVar[str] = "relativistic"

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(tf.nn.softplus(-(real - fake)))  # E[log(1 + e^−(D(x) − D(G(z))))]

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return tf.reduce_mean(tf.nn.softplus(-(fake - real)))

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        gradients = squared_gradient(critic, tf.concat([real, fake], 0))  # (2·paths,)
        return tf.reduce_mean(gradients)  # ½ (R1 + R2) = ½ (E‖∇D(x)‖² + E‖∇D(G(z))‖²)
