"""The warm start: the volatility by one-day maximum likelihood, before any critic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.bundle.priors import Prior
from simgan.gan.series import Lesson
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import TrainingSettings

# Histories are padded to a multiple of this many days. The compiled step of a history then serves
# the next one, a year longer.
_PAGE = 1024
_DECAYING = ("volatility_in", "volatility_in_bias", "volatility_out", "volatility_out_bias")
_START = {"drift": 0.03, "freedom": 4.0}  # freedom: degrees of freedom beyond 2
# Usual deviations of a series from the prior.
_DEVIATIONS = {
    **{"mix": 1.0, "log_scale": 0.1, "trend": 0.1, "drift": 0.05, "freedom": 1.0},
    **dict.fromkeys(_DECAYING, 0.2),
}


class VolatilityModel(Protocol):
    """A generator with location and spread of the next day, as the warm start needs it."""

    table: Mapping[str, Tensor]

    @property
    def replicas(self) -> int:
        """Number R of models in the mixture."""
        ...

    def of_history(self, memories: Tensor) -> Tensor:
        """Return memories (days, assets, W) for each replica, (R, days, assets, W)."""
        ...

    def spread(self, memory: Tensor) -> Tensor:
        """Return σ (R, days, assets) after memories (R, days, assets, W)."""
        ...

    def trend(self, memory: Tensor) -> Tensor:
        """Return the location without drift (R, days, assets), after the same memories."""
        ...

    def assign(self, values: Mapping[str, Float32Array]) -> None:
        """Set weights by name."""
        ...


class StudentLikelihood:
    r"""Quasi-likelihood of days under σ_t, with drift and degrees of freedom of each replica.

    .. math:: -\log p = \log σ_t + \tfrac{ν+1}{2} \log\Big(1 + \frac{z_t^2}{ν-2}\Big)
              - \log Γ(\tfrac{ν+1}{2}) + \log Γ(\tfrac ν2) + \tfrac12 \log(ν-2),
              \qquad z_t = (r_t - μ_t) / σ_t

    up to the constant ½ log π (Bollerslev 1987, "A conditionally heteroskedastic time series model
    for speculative prices and rates of return"). The law of the innovations is estimated later,
    from the residuals.
    """

    def __init__(self, model: VolatilityModel) -> None:
        self._model = model
        self.variables = [
            tf.Variable(tf.fill((model.replicas,), np.float32(value)), name=name)
            for name, value in _START.items()
        ]

    def __call__(self, memories: Tensor, realized: Tensor, weights: Tensor) -> Tensor:
        """Return the weighted mean loss of days, summed over assets and replicas.

        Parameters
        ----------
        memories : tensor of shape (days, assets, W)
        realized : tensor of shape (days, assets)
        weights : tensor of shape (R, days)
        """
        drift, freedom = (variable[:, None, None] for variable in self.variables)
        memory = self._model.of_history(memories)
        excess = tf.nn.softplus(freedom) + 0.05  # ν − 2
        log_sigma = tf.math.log(self._model.spread(memory))  # (R, days, assets)
        z = (realized - drift - self._model.trend(memory)) * tf.exp(-log_sigma)
        constant = (
            tf.math.lgamma(0.5 * excess + 1.0)
            - tf.math.lgamma(0.5 * excess + 1.5)
            + 0.5 * tf.math.log(excess)
        )
        by_asset = log_sigma + 0.5 * (excess + 3.0) * tf.math.log1p(z * z / excess) + constant
        loss = tf.reduce_sum(by_asset, 2)  # (R, days)
        return tf.reduce_sum(tf.reduce_sum(weights * loss, 1) / tf.reduce_sum(weights, 1))


class WarmStart:
    r"""Maximum likelihood on all days and replicas at once.

    It has weight decay, and its learning rate falls to zero. With a prior θ₀ it has a pull towards
    it instead, the logarithm of a normal density about the prior:

    .. math:: -\frac1n \sum_{t=1}^n \log p(r_t) + \frac{κ}{2 n} \sum_i (θ_i - θ_{0,i})^2 / τ_i^2

    This is the loss. The density has deviations τ/√κ, so the pull weakens with the days n of the
    history. κ is a setting, and τ is the usual deviation of a series from the prior.
    """

    name = "warm start"

    def __init__(self, model: VolatilityModel, settings: TrainingSettings) -> None:
        self.model, self.settings = model, settings
        self.likelihood = StudentLikelihood(model)
        self._own = [
            variable
            for name, variable in model.table.items()
            if variable.trainable and name != "regime"
        ]
        self._trained = [*self._own, *self.likelihood.variables]
        rate = keras.optimizers.schedules.CosineDecay(
            self.settings.warm_rate, max(self.settings.warm_steps, 1)
        )
        self.optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.99)
        self.optimizer.build(self._trained)
        self._fresh = [
            (variable, variable.numpy())
            for variable in (*self.likelihood.variables, *self.optimizer.variables)
        ]
        self._days: tuple[Tensor, ...] = ()  # memories, scaled returns, weights
        self._decay, self._ridge = (tf.Variable(0.0, trainable=False) for _ in range(2))
        self._centres = [tf.Variable(tf.zeros_like(v), trainable=False) for v in self._trained]
        self._pulls = [tf.Variable(0.0, trainable=False) for _ in self._trained]

    @property
    def steps(self) -> int:
        return self.settings.warm_steps

    def variables(self) -> list[tf.Variable]:
        return [*self._trained, *self.optimizer.variables]

    def begin(self, lesson: Lesson) -> None:
        corrected = ("long_run", "factor")  # of the training before, together with the scale
        names = [v.name for v in self._own] + [name for name in corrected if name in lesson.start]
        self.model.assign({name: lesson.start[name] for name in names})
        for variable, value in self._fresh:
            variable.assign(value)
        series, days = lesson.series, len(lesson.series.scaled)
        after = -days % _PAGE
        weights = np.zeros((self.model.replicas, days + after), np.float32)
        weights[:, series.first_day : lesson.days] = 1.0
        moved = np.abs(series.scaled).max(axis=1) > 0
        if moved[series.first_day : lesson.days].any():
            weights[:, :days] *= moved  # a day without a move tells nothing about the size of moves
        padded = (
            np.pad(series.memories[:-1], ((0, after), (0, 0), (0, 0)), mode="edge"),
            np.pad(series.scaled, ((0, after), (0, 0))),
            weights,
        )
        self._days = tuple(map(tf.constant, padded))
        self._lean_on(series.prior, float(weights[0].sum()))

    def _lean_on(self, prior: Prior | None, days: float) -> None:
        """Set decay and ridge, or the pull towards a prior in their place."""
        self._decay.assign(0.0 if prior else self.settings.weight_decay)
        self._ridge.assign(0.0 if prior else self.settings.trend_ridge)
        weights = prior.of_replicas(self.model.replicas) if prior else {}
        names = [*(variable.name for variable in self._own), *_START]
        for name, centre, pull in zip(names, self._centres, self._pulls, strict=True):
            centre.assign(weights[name] if prior else tf.zeros_like(centre))
            precision = self.settings.prior_pull / _DEVIATIONS[name] ** 2
            pull.assign(0.5 * precision / days if prior else 0.0)
        if prior:
            for variable, centre in zip(self.likelihood.variables, self._centres[-2:], strict=True):
                variable.assign(centre)

    def step(self, number: int) -> dict[str, float]:
        return {"negative log-likelihood": float(self._step(*self._days))}

    @tf.function(jit_compile=True, autograph=False)
    def _step(self, memories: Tensor, scaled: Tensor, weights: Tensor) -> Tensor:
        table = self.model.table
        with tf.GradientTape() as tape:
            loss = self.likelihood(memories, scaled, weights)
            decay = tf.add_n([tf.reduce_sum(table[name] ** 2) for name in _DECAYING])
            ridge = tf.reduce_sum(table["trend"] ** 2)
            pulled = tf.add_n(
                [
                    pull * tf.reduce_sum((variable - centre) ** 2)
                    for variable, centre, pull in zip(
                        self._trained, self._centres, self._pulls, strict=True
                    )
                ]
            )
            total = loss + self._decay * decay + self._ridge * ridge + pulled
        self.optimizer.apply(tape.gradient(total, self._trained), self._trained)
        return loss / self.model.replicas

    def finish(self) -> None:
        """Put the location into the generator's drift."""
        self.model.table["drift"].assign(self.likelihood.variables[0])
