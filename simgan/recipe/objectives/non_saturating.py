"""The objective of most GANs in practice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf


@dataclass(frozen=True, kw_only=True)
class NonSaturating(Objective):
    """The generator maximises log D(G(z)), where D is σ(score). R1 penalty.

    Its gradient does not vanish if the critic is certain that a sample is fake.

    References
    ----------
    Goodfellow et al. (2014), "Generative adversarial nets", section 3.
    Mescheder, Geiger & Nowozin (2018), "Which training methods for GANs do actually converge?",
    for the R1 penalty.
    """

    kind: ClassVar[str] = "non-saturating"
    has_labels: ClassVar[bool] = True

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        of_real = tf.reduce_mean(tf.nn.softplus(-real))  # −E log D(x)
        return of_real + tf.reduce_mean(tf.nn.softplus(fake))  # − E log(1 − D(G(z)))

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return tf.reduce_mean(tf.nn.softplus(-fake))  # −E log D(G(z))
