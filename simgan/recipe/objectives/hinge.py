"""The hinge: the critic stops where real and fake are a margin of 2 apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class Hinge(Objective):
    """The geometric GAN, with an R1 penalty.

    The penalty is not in the original, and ``penalty_weight=0`` leaves it out.

    References
    ----------
    Lim & Ye (2017), "Geometric GAN".
    Miyato, Kataoka, Koyama & Yoshida (2018), "Spectral normalization for generative adversarial
    networks", equations 16 and 17.
    """

    kind: ClassVar[str] = "hinge"

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(tf.nn.relu(1.0 - real)) + tf.reduce_mean(tf.nn.relu(1.0 + fake))

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(fake)
