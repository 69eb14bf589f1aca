"""The relativistic average hinge: each sample is judged against the mean of the other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class RelativisticHinge(Objective):
    """RaHingeGAN, with an R1 penalty.

    Scores are relative: D̃(x) = D(x) − E D(G(z)), and D̃(G(z)) = D(G(z)) − E D(x). The critic loses
    E [1 − D̃(x)]⁺ + E [1 + D̃(G(z))]⁺. The generator loses the same with roles exchanged, so that
    real samples have to score lower, too. The penalty is not in the original, and
    ``penalty_weight=0`` leaves it out.

    References
    ----------
    Jolicoeur-Martineau (2019), "The relativistic discriminator: a key element missing from
    standard GAN", appendix D.
    """

    kind: ClassVar[str] = "ra-hinge"

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return _hinge(real, fake)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return _hinge(fake, real)


def _hinge(high: Tensor, low: Tensor) -> Tensor:
    """Return the loss that falls to 0 where `high` is at least 1 above the mean of `low`."""
    above = high - tf.reduce_mean(low)
    below = low - tf.reduce_mean(high)
    return tf.reduce_mean(tf.nn.relu(1.0 - above)) + tf.reduce_mean(tf.nn.relu(1.0 + below))
