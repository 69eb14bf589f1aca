"""Any f-divergence, through the convex conjugate of f."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting

_LOG2 = float(np.log(2))


class FDivergence(NamedTuple):
    """D_f(P ‖ Q) = E_Q f(p/q), with u = p/q.

    Attributes
    ----------
    f : callable
        The convex function of the ratio u, f(1) = 0.
    activation : callable
        g_f: any score v → t in the domain of f*. It increases.
    conjugate : callable
        f*(t) = sup over u of ut − f(u).
    of_fake : callable
        f*(g_f(v)), simplified. In float32, the two in turn lose all digits of large scores.
    """

    f: Callable[[Tensor], Tensor]
    activation: Callable[[Tensor], Tensor]
    conjugate: Callable[[Tensor], Tensor]
    of_fake: Callable[[Tensor], Tensor]


# Nowozin et al., tables 1 and 2. The supremum of E_P t − E_Q f*(t) over t is the divergence. It is
# reached at t = f′(p/q).
DIVERGENCES = {
    "kl": FDivergence(
        f=lambda u: u * tf.math.log(u),
        activation=lambda v: v,
        conjugate=lambda t: tf.exp(t - 1.0),
        of_fake=lambda v: tf.exp(v - 1.0),
    ),
    "reverse-kl": FDivergence(
        f=lambda u: -tf.math.log(u),
        activation=lambda v: -tf.exp(-v),
        conjugate=lambda t: -1.0 - tf.math.log(-t),
        of_fake=lambda v: v - 1.0,
    ),
    "pearson": FDivergence(
        f=lambda u: (u - 1.0) ** 2,
        activation=lambda v: v,
        conjugate=lambda t: 0.25 * t**2 + t,
        of_fake=lambda v: 0.25 * v**2 + v,
    ),
    "squared-hellinger": FDivergence(
        f=lambda u: (tf.sqrt(u) - 1.0) ** 2,
        activation=lambda v: -tf.math.expm1(-v),
        conjugate=lambda t: t / (1.0 - t),
        of_fake=lambda v: tf.math.expm1(v),
    ),
    "jensen-shannon": FDivergence(
        f=lambda u: u * tf.math.log(u) - (u + 1.0) * tf.math.log((1.0 + u) / 2.0),
        activation=lambda v: _LOG2 - tf.nn.softplus(-v),
        conjugate=lambda t: -tf.math.log(2.0 - tf.exp(t)),
        of_fake=lambda v: tf.nn.softplus(v) - _LOG2,
    ),
}


@dataclass(frozen=True, kw_only=True)
class FGan(Objective):
    """The critic finds the variational bound on an f-divergence, and the generator lowers it.

    "jensen-shannon" is twice the divergence of that name, as in the paper's table 1. The generator
    lowers −E f*(t), the bound itself (algorithm 1). The R1 penalty is not in the original. It keeps
    scores small, since "kl" and "reverse-kl" overflow otherwise.

    References
    ----------
    Nowozin, Cseke & Tomioka (2016), "f-GAN: training generative neural samplers using variational
    divergence minimization".
    """

    kind: ClassVar[str] = "f-gan"
    divergence: str = setting("jensen-shannon", "the f-divergence", choices=DIVERGENCES)

    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        divergence = DIVERGENCES[self.divergence]
        return tf.reduce_mean(divergence.of_fake(fake)) - tf.reduce_mean(
            divergence.activation(real)
        )

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -tf.reduce_mean(DIVERGENCES[self.divergence].of_fake(fake))
