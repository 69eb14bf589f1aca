"""The one-day likelihood of the volatility, by Student's t: what is learned from before, and beside, any critic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from simgan.gan.architectures.state_space import StateSpaceGenerator

Tensor = Any
_START = {"drift": 0.03, "freedom": 4.0}  # freedom: degrees of freedom beyond 2


class StudentLikelihood:
    r"""Quasi-likelihood of days under σ_t of each replica, with drift and degrees of freedom of its own.

    .. math:: -\log p = \log σ_t + \tfrac{ν+1}{2} \log\Big(1 + \frac{z_t^2}{ν-2}\Big) - \log Γ(\tfrac{ν+1}{2}) + \log Γ(\tfrac ν2)
              + \tfrac12 \log(ν-2), \qquad z_t = (r_t - μ_t) / σ_t

    up to the constant ½ log π (Bollerslev 1987, "A conditionally heteroskedastic time series model for speculative prices and rates
    of return"). The law of the innovations themselves is estimated afterwards, from what the volatility leaves.
    """

    def __init__(self, generator: StateSpaceGenerator) -> None:
        self._generator = generator
        replicas = (generator.blueprint.replicas,)
        self.variables = [
            tf.Variable(tf.fill(replicas, np.float32(value)), name=name)
            for name, value in _START.items()
        ]

    def __call__(self, memories: Tensor, realized: Tensor, weights: Tensor) -> Tensor:
        """Weighted mean loss, summed over replicas, of days (days, W) and (days,) with weights (R, days)."""
        drift, freedom = (variable[:, None] for variable in self.variables)
        seen = self._generator.of_history(memories)
        excess = tf.nn.softplus(freedom) + 0.05  # ν − 2
        log_sigma = tf.math.log(self._generator.spread(seen))  # (R, days)
        z = (realized - drift - self._generator.trend(seen)) * tf.exp(-log_sigma)
        constant = (
            tf.math.lgamma(0.5 * excess + 1.0)
            - tf.math.lgamma(0.5 * excess + 1.5)
            + 0.5 * tf.math.log(excess)
        )
        loss = log_sigma + 0.5 * (excess + 3.0) * tf.math.log1p(z * z / excess) + constant
        return tf.reduce_sum(tf.reduce_sum(weights * loss, 1) / tf.reduce_sum(weights, 1))
