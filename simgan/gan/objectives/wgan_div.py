"""The Wasserstein divergence: a critic held back by a power of its gradient, without a bound that it should meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import tensorflow as tf

from simgan.errors import ConfigError
from simgan.gan.objectives.base import Objective, Scorer, Tensor, squared_gradient


@dataclass(frozen=True, kw_only=True)
class WassersteinDivergence(Objective):
    """WGAN-div: the penalty is E ‖∇D‖^p between real and fake ones, with k = 2 and p = 6; the critic need not be Lipschitz.

    References
    ----------
    Wu, Huang, Thoma, Acharya & Van Gool (2018), "Wasserstein divergence for GANs", sections 3 and 4.
    """

    kind: ClassVar[str] = "wgan-div"
    penalty_weight: float = field(
        default=2.0, metadata={"help": "k, weight of the gradient penalty; ≥ 0"}
    )
    power: float = field(
        default=6.0, metadata={"help": "p, the power of the gradient's norm; 2 to 10"}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.power <= 10:
            raise ConfigError("objective", "power", self.power, "from 2 to 10")

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(fake) - tf.reduce_mean(real)  # E D(G(z)) − E D(x)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(fake)

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        between = uniform * real + (1.0 - uniform) * fake
        return tf.reduce_mean(squared_gradient(critic, between) ** (self.power / 2))  # E ‖∇D‖^p
