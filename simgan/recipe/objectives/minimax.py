"""The original two-player game."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class Minimax(Objective):
    """min_G max_D E log D(x) + E log(1 − D(G(z))), where D is σ(score).

    At the optimum, D is ½ and the value is −log 4. The R1 penalty is not in the original, and
    ``penalty_weight=0`` leaves it out.

    References
    ----------
    Goodfellow et al. (2014), "Generative adversarial nets", equation 1 and algorithm 1.
    """

    kind: ClassVar[str] = "minimax"
    has_labels: ClassVar[bool] = True

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        of_real = tf.reduce_mean(tf.nn.softplus(-real))  # −E log D(x)
        return of_real + tf.reduce_mean(tf.nn.softplus(fake))  # − E log(1 − D(G(z)))

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(tf.nn.softplus(fake))  # E log(1 − D(G(z)))
