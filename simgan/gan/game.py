"""The one train step: two players and their rules, whoever makes the fakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import tensorflow as tf

from simgan.gan.averaging import PastMean
from simgan.gan.classifier import Classifier
from simgan.gan.critics.base import Critic
from simgan.gan.noise import normal
from simgan.gan.power import PowerBalance
from simgan.gan.spectral import SpectralNorm
from simgan.recipe.rules import Rules

Tensor = Any
_GENERATOR, _CRITIC = 0, 1


class Game:
    """Takes turns: the critic learns to tell real from fake, the generator to be taken for real.

    Parameters
    ----------
    weights : sequence of variables
        What the generator learns.
    critic : Critic
        Windows or points (batch, …) → features and scores (batch, 1); built with the same remedies.
    rules : Rules
        Objective, remedies, and what labels are.
    rates : pair of float
        Learning rates of generator and critic.
    betas : pair of float
        Adam's decay of the mean and of the mean square of gradients.

    Attributes
    ----------
    heat : variable
        Share of the noise that is left, 1 at first; the caller lets it fall.
    """

    def __init__(
        self,
        weights: Sequence[tf.Variable],
        critic: Critic,
        rules: Rules,
        rates: tuple[float, float],
        betas: tuple[float, float] = (0.0, 0.99),
    ) -> None:
        objective, remedies, self.weights, self.critic = (
            rules.objective,
            rules.remedies,
            list(weights),
            critic,
        )
        self.objective, self.remedies = objective, remedies
        self._classifier = (
            [Classifier(rules.condition, critic.width, rules.regimes)] if rules.condition else []
        )
        self.critic_weights = [
            *critic.trainable_variables,
            *(v for part in self._classifier for v in part.variables),
        ]
        self.optimizers = [
            keras.optimizers.Adam(rate, beta_1=betas[0], beta_2=betas[1]) for rate in rates
        ]
        for optimizer, trained in zip(
            self.optimizers, (self.weights, self.critic_weights), strict=True
        ):
            optimizer.build(trained)
        self.balance, self.heat = (tf.Variable(value, trainable=False) for value in (0.0, 1.0))
        self._fresh = [
            (variable, variable.numpy())
            for optimizer in self.optimizers
            for variable in optimizer.variables
        ]
        both = (self.weights, self.critic_weights)
        self._past = (
            [PastMean(trained) for trained in both] if remedies.historical_averaging else []
        )
        self._norm = (
            [SpectralNorm(critic.trainable_variables, remedies.spectral_norm)]
            if remedies.spectral_norm
            else []
        )
        self._power = (
            [PowerBalance(remedies.critic_ceiling, remedies.critic_floor)]
            if remedies.balances_power
            else []
        )

    @property
    def series_names(self) -> tuple[str, ...]:
        """Names of what a round returns: the losses of critic and generator, the penalty, and what objective and remedies tell."""
        strength = ("critic strength",) if self._power else ()
        accuracy = Classifier.told if self._classifier else ()
        return (
            "critic loss",
            "generator loss",
            "gradient penalty",
            *self.objective.told,
            *strength,
            *accuracy,
        )

    def variables(self) -> list[tf.Variable]:
        """Everything that a round changes, in a fixed order, but for the generator's weights."""
        own = [v for optimizer in self.optimizers for v in optimizer.variables]
        return [
            *self.critic_weights,
            *own,
            self.balance,
            *(v for part in self._parts for v in part.variables),
        ]

    def restart(self) -> None:
        """Forget the moments of the gradients, the balance and what remedies remember; both players' weights are as they are."""
        for variable, value in self._fresh:
            variable.assign(value)
        self.balance.assign(0.0)
        for part in (*self._classifier, *self._parts):  # remedies look at what players begin with
            part.restart()

    def critic_turn(
        self, real: Tensor, fake: Tensor, mixing: Tensor, labels: Tensor = None
    ) -> tuple[Tensor, Tensor]:
        """Move the critic; return its loss and the penalty.

        `mixing` (batch, 1) is noise from U[0, 1); `labels` (batch, regimes) are those of the real and the fake ones, if the rules know any.
        """
        weights = self.critic_weights
        for norm in self._norm:
            norm.follow()
        with tf.GradientTape() as tape:
            features, scores = self._judged(real, fake, labels)
            loss = self._critic_loss(*scores)
            for classifier in self._classifier:
                loss += classifier.critic_loss(*features, labels)
            penalty = self._penalty(real, fake, mixing, labels)
            total = self._held(_CRITIC, loss + penalty)
        self._move(_CRITIC, tape.gradient(total, weights), weights)
        self.objective.constrain(weights)
        self.balance.assign(self.objective.next_balance(self.balance, *scores))
        self._follow(_CRITIC, *scores)
        return loss, penalty

    def generator_turn(
        self, real: Tensor, make: Callable[[], Tensor], labels: Tensor = None
    ) -> tuple[Tensor, ...]:
        """Move the generator, whose fakes `make` returns; return its loss and what objective, remedies and classifier tell."""
        with tf.GradientTape() as tape:
            features, scores = self._judged(real, make(), labels)
            loss = self._generator_loss(features, scores)
            for classifier in self._classifier:
                loss += classifier.generator_loss(features[1], labels)
            total = self._held(_GENERATOR, loss)
        self._move(_GENERATOR, tape.gradient(total, self.weights), self.weights)
        self._follow(_GENERATOR, *scores)
        strength = (power.strength for power in self._power)
        accuracy = (
            told for classifier in self._classifier for told in classifier.tell(*features, labels)
        )
        return loss, *self.objective.tell(*scores, self.balance), *strength, *accuracy

    def score(self, values: Tensor) -> Tensor:
        """Scores (n, 1) of the critic as it plays, of values that are one batch and have no labels."""
        batch = int(values.shape[0])
        return self._scorer(
            batch, tf.zeros((batch, self._classifier[0].regimes)) if self._classifier else None
        )(values)

    def classes(self, values: Tensor) -> Tensor:
        """Outputs (n, regimes) of the critic as it plays, of values that are one batch; the largest is that of the regime."""
        with self._normalised():
            return self._classifier[0].classes(self.critic.judged(values)[0])

    def blurred(self, values: Tensor, key: Tensor, place: int) -> Tensor:
        """Values with instance noise at an address of `simgan.gan.noise`."""
        if not self.remedies.noise:
            return values
        return values + self.remedies.noise * self.heat * normal(tuple(values.shape), key, place)

    @property
    def _parts(self) -> tuple[PastMean | SpectralNorm | PowerBalance, ...]:
        """The remedies that remember something."""
        return *self._past, *self._norm, *self._power

    def _critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """With smoothed labels −(1 − s) log D(x) − s log(1 − D(x)) = −log D(x) + s v, where v is the score and D(x) = σ(v)."""
        loss, smoothing = (
            self.objective.critic_loss(real, fake, self.balance),
            self.remedies.label_smoothing,
        )
        return loss + smoothing * tf.reduce_mean(real) if smoothing else loss

    def _generator_loss(
        self, features: tuple[Tensor, Tensor], scores: tuple[Tensor, Tensor]
    ) -> Tensor:
        """The objective's, or in part or as a whole ‖E f(x) − E f(G(z))‖² (Salimans et al. 2016, section 3.1)."""
        loss, share = self.objective.generator_loss(*scores), self.remedies.feature_matching
        if not share:
            return loss
        real, fake = (tf.reduce_mean(some, axis=0) for some in features)
        return (1.0 - share) * loss + share * tf.reduce_sum((real - fake) ** 2)

    def _penalty(self, real: Tensor, fake: Tensor, mixing: Tensor, labels: Tensor) -> Tensor:
        """The penalty with its weight; one that weighs nothing is not computed, for a gradient of a gradient is dear."""
        weight = self.objective.penalty_weight
        if not weight:
            return tf.constant(0.0)
        return weight * self.objective.penalty(
            self._scorer(int(real.shape[0]), labels), real, fake, mixing
        )

    def _held(self, player: int, loss: Tensor) -> Tensor:
        """The loss and what holds a player back from leaving its past."""
        return (
            loss + self.remedies.historical_averaging * self._past[player].distance()
            if self._past
            else loss
        )

    def _move(
        self, player: int, gradients: Sequence[Tensor], weights: Sequence[tf.Variable]
    ) -> None:
        """Take a step, or rest: then weights and moments of the gradients stay as they are."""
        optimizer = self.optimizers[player]
        changed = [*weights, *optimizer.variables]
        kept = [tf.identity(variable) for variable in changed] if self._power else []
        optimizer.apply(gradients, weights)
        for power in self._power:
            may = power.may_move()[player]
            for variable, value in zip(changed, kept, strict=True):
                variable.assign(tf.where(may, variable, value))

    def _follow(self, player: int, real: Tensor, fake: Tensor) -> None:
        """Let the remedies see what a player's turn has given."""
        for past in self._past[player : player + 1]:
            past.follow()
        for power in self._power:
            power.follow(real, fake)

    def _judged(
        self, real: Tensor, fake: Tensor, labels: Tensor
    ) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Features and scores, each of real and of fake ones, in one pass; each of the two is a batch."""
        features, scores = self._labelled(tf.concat([real, fake], 0), 2, labels)
        return tuple(tf.split(features, 2)), tuple(tf.split(scores, 2))

    def _scorer(self, batch: int, labels: Tensor) -> Callable[[Tensor], Tensor]:
        """Return what scores values that are one or more batches of a size."""
        return lambda values: self._labelled(values, int(values.shape[0]) // batch, labels)[1]

    def _labelled(self, values: Tensor, groups: int, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Features and scores of so many batches, all of which have the same labels."""
        with self._normalised():
            features, scores = self.critic.judged(values, groups)
        for classifier in self._classifier:
            scores = classifier.score(scores, features, labels)
        return features, scores

    def _normalised(self) -> AbstractContextManager[Any]:
        return self._norm[0].scope() if self._norm else nullcontext()
