"""Energy with a margin: fakes need not be worse than so much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import tensorflow as tf

from simgan.errors import ConfigError
from simgan.gan.objectives.base import Objective, Tensor


@dataclass(frozen=True, kw_only=True)
class EnergyBased(Objective):
    """EBGAN; the energy is the reconstruction error of an auto-encoder, the score its negative.

    A penalty is not in the original, and none is the default; a weight gives R1. The pulling-away term is left out.

    References
    ----------
    Zhao, Mathieu & LeCun (2017), "Energy-based generative adversarial networks", equations 1 and 2.
    """

    kind: ClassVar[str] = "ebgan"
    critic: ClassVar[str] = "auto-encoder"
    penalty_weight: float = field(
        default=0.0, metadata={"help": "weight γ of the gradient penalty; ≥ 0"}
    )
    margin: float = field(
        default=1.0, metadata={"help": "energy m beyond which fakes are left alone; > 0"}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.margin > 0:
            raise ConfigError("objective", "margin", self.margin, "above 0")

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        return tf.reduce_mean(-real) + tf.reduce_mean(
            tf.nn.relu(self.margin + fake)
        )  # E(x) + [m − E(G(z))]⁺

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return tf.reduce_mean(-fake)  # E(G(z))
