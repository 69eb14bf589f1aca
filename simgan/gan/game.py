"""The one train step: two players and an objective, whoever makes the fakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from simgan.gan.objectives.base import Objective

Tensor = Any


class Game:
    """Takes turns: the critic learns to tell real from fake, the generator to be taken for real.

    Parameters
    ----------
    weights : sequence of variables
        What the generator learns.
    critic : keras.Model
        Windows or points (batch, …) → scores (batch, 1).
    objective : Objective
    rates : pair of float
        Learning rates of generator and critic.
    betas : pair of float
        Adam's decay of the mean and of the mean square of gradients.
    """

    def __init__(
        self,
        weights: Sequence[tf.Variable],
        critic: keras.Model,
        objective: Objective,
        rates: tuple[float, float],
        betas: tuple[float, float] = (0.0, 0.99),
    ) -> None:
        self.weights, self.critic, self.objective = list(weights), critic, objective
        self.optimizers = [keras.optimizers.Adam(rate, beta_1=betas[0], beta_2=betas[1]) for rate in rates]
        for optimizer, trained in zip(self.optimizers, (self.weights, critic.trainable_variables), strict=True):
            optimizer.build(trained)
        self.balance = tf.Variable(0.0, trainable=False)
        self._fresh = [(variable, variable.numpy()) for optimizer in self.optimizers for variable in optimizer.variables]

    @property
    def series_names(self) -> tuple[str, ...]:
        """Names of what a round returns: the losses of critic and generator, the penalty, and what the objective tells."""
        return ("critic loss", "generator loss", "gradient penalty", *self.objective.told)

    def variables(self) -> list[tf.Variable]:
        """Everything that a round changes, in a fixed order, but for the generator's weights."""
        return [*self.critic.trainable_variables, *(v for optimizer in self.optimizers for v in optimizer.variables), self.balance]

    def restart(self) -> None:
        """Forget the moments of the gradients and the balance."""
        for variable, value in self._fresh:
            variable.assign(value)
        self.balance.assign(0.0)

    def critic_turn(self, real: Tensor, fake: Tensor, mixing: Tensor) -> tuple[Tensor, Tensor]:
        """Move the critic; return its loss and the penalty. `mixing` (batch, 1) is noise from U[0, 1)."""
        weights = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            scores = self._scores(real, fake)
            loss = self.objective.critic_loss(*scores, self.balance)
            penalty = self._penalty(real, fake, mixing)
            total = loss + penalty
        self.optimizers[1].apply(tape.gradient(total, weights), weights)
        self.objective.constrain(weights)
        self.balance.assign(self.objective.next_balance(self.balance, *scores))
        return loss, penalty

    def generator_turn(self, real: Tensor, make: Callable[[], Tensor]) -> tuple[Tensor, ...]:
        """Move the generator, whose fakes `make` returns; return its loss and what the objective tells."""
        with tf.GradientTape() as tape:
            scores = self._scores(real, make())
            loss = self.objective.generator_loss(*scores)
        self.optimizers[0].apply(tape.gradient(loss, self.weights), self.weights)
        return loss, *self.objective.tell(*scores, self.balance)

    def _penalty(self, real: Tensor, fake: Tensor, mixing: Tensor) -> Tensor:
        """The penalty with its weight; one that weighs nothing is not computed, for a gradient of a gradient is dear."""
        weight = self.objective.penalty_weight
        return weight * self.objective.penalty(self.critic, real, fake, mixing) if weight else tf.constant(0.0)

    def _scores(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of real and fake ones, each (batch, 1), in one pass."""
        real_scores, fake_scores = tf.split(self.critic(tf.concat([real, fake], 0)), 2)
        return real_scores, fake_scores
