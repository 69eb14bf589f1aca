"""The one training step: two players and the rules of their game."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import keras
import tensorflow as tf

from simgan.gan.critics import Critic
from simgan.gan.noise import normal
from simgan.recipe.conditions import Conditioning, accuracy
from simgan.recipe.remedies import Judged, Player, Players
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import GameRules


class Game:
    """Steps of two players: the critic learns to tell real from fake, the generator to fool it.

    Parameters
    ----------
    weights : sequence of variables
        The weights that the generator learns.
    critic : Critic
        Windows or points (batch, …) → features and scores (batch, 1), built with the same remedies.
    rules : GameRules
        Objective, remedies, and the use of labels.
    rates : pair of float
        Learning rates of generator and critic.
    betas : pair of float
        Adam's decay of the mean and of the mean square of gradients.

    Attributes
    ----------
    remaining : variable
        Share of the training that remains, 1 at first. The caller lets it fall.
    """

    def __init__(
        self,
        weights: Sequence[tf.Variable],
        critic: Critic,
        rules: GameRules,
        rates: tuple[float, float],
        betas: tuple[float, float] = (0.0, 0.99),
    ) -> None:
        self.objective, self.weights, self.critic = rules.objective, list(weights), critic
        self._classifier = (
            Classifier(rules.condition, critic.width, rules.regimes) if rules.condition else None
        )
        of_labels = self._classifier.variables if self._classifier else []
        self.critic_weights = [*critic.trainable_variables, *of_labels]
        self._trained: dict[Player, list[tf.Variable]] = {
            "generator": self.weights,
            "critic": self.critic_weights,
        }
        self.optimizers: dict[Player, keras.Optimizer] = {
            player: keras.optimizers.Adam(rate, beta_1=betas[0], beta_2=betas[1])
            for player, rate in zip(self._trained, rates, strict=True)
        }
        for player, optimizer in self.optimizers.items():
            optimizer.build(self._trained[player])
        self.balance, self.remaining = (tf.Variable(value, trainable=False) for value in (0.0, 1.0))
        self._fresh = [(variable, variable.numpy()) for variable in self._moments]
        players = Players(self._trained, critic.trainable_variables, self.remaining)
        self.effects = [remedy.effect(players) for remedy in rules.remedies]

    def variables(self) -> list[tf.Variable]:
        """Return all that a step changes, in a fixed order, except for the generator's weights."""
        of_remedies = [variable for effect in self.effects for variable in effect.variables]
        return [*self.critic_weights, *self._moments, self.balance, *of_remedies]

    def restart(self) -> None:
        """Forget gradients' moments, balance, and the remedies' memory. The weights stay."""
        for variable, value in self._fresh:
            variable.assign(value)
        self.balance.assign(0.0)
        if self._classifier:
            self._classifier.restart()
        for effect in self.effects:  # some begin with the weights of the players
            effect.restart()

    def critic_step(
        self, real: Tensor, fake: Tensor, mixing: Tensor, labels: Tensor = None
    ) -> dict[str, Tensor]:
        """Move the critic and return its metrics.

        Parameters
        ----------
        real, fake : tensor of shape (batch, …)
        mixing : tensor of shape (batch, 1)
            Noise from U[0, 1).
        labels : tensor of shape (batch, regimes), optional
            Labels of real and fake samples, if the rules have any.
        """
        for effect in self.effects:
            effect.before_step("critic")
        with tf.GradientTape() as tape:
            judged = self._judged(real, fake, labels)
            features, scores = _both(judged)
            loss = self.objective.critic_loss(*scores, self.balance)
            for effect in self.effects:
                loss = effect.critic_loss(loss, *judged)
            if self._classifier:
                loss += self._classifier.critic_loss(*features, labels)
            penalty = self._penalty(real, fake, mixing, labels)
            total = self._regularised("critic", loss + penalty)
        self._move("critic", tape.gradient(total, self.critic_weights))
        self.objective.constrain(self.critic_weights)
        self.balance.assign(self.objective.next_balance(self.balance, *scores))
        for effect in self.effects:
            effect.after_step("critic", *judged)
        return {"critic loss": loss, "gradient penalty": penalty}

    def generator_step(
        self, real: Tensor, make: Callable[[], Tensor], labels: Tensor = None
    ) -> dict[str, Tensor]:
        """Move the generator, whose fakes `make` returns.

        Returns
        -------
        dict of scalar tensors
            Its loss, and the metrics of objective, remedies and classifier.
        """
        for effect in self.effects:
            effect.before_step("generator")
        with tf.GradientTape() as tape:
            judged = self._judged(real, make(), labels)
            features, scores = _both(judged)
            loss = self.objective.generator_loss(*scores)
            for effect in self.effects:
                loss = effect.generator_loss(loss, *judged)
            if self._classifier:
                loss += self._classifier.generator_loss(features[1], labels)
            total = self._regularised("generator", loss)
        self._move("generator", tape.gradient(total, self.weights))
        for effect in self.effects:
            effect.after_step("generator", *judged)
        metrics = {"generator loss": loss, **self.objective.metrics(*scores, self.balance)}
        for effect in self.effects:
            metrics |= effect.metrics()
        return metrics | (self._classifier.metrics(*features, labels) if self._classifier else {})

    def score(self, values: Tensor) -> Tensor:
        """Return the critic's scores (n, 1) of values that are one batch and have no labels."""
        batch = int(values.shape[0])
        labels = tf.zeros((batch, self._classifier.regimes)) if self._classifier else None
        return self._scorer(batch, labels)(values)

    def classes(self, values: Tensor) -> Tensor:
        """Return the critic's outputs (n, regimes) for values that are one batch.

        The largest output is that of the regime for which the critic takes a value.
        """
        assert self._classifier is not None
        with self._judging():
            return self._classifier.classes(self.critic.judged(values)[0])

    def blurred(self, values: Tensor, key: Tensor, place: int) -> Tensor:
        """Return the values as the critic sees them, with noise at an address of `gan.noise`."""
        shape = tuple(values.shape)
        for effect in self.effects:
            values = effect.inputs(values, lambda: normal(shape, key, place))
        return values

    @property
    def _moments(self) -> list[tf.Variable]:
        return [v for optimizer in self.optimizers.values() for v in optimizer.variables]

    def _penalty(self, real: Tensor, fake: Tensor, mixing: Tensor, labels: Tensor) -> Tensor:
        """Return the weighted penalty. Without weight, its costly second derivative is left out."""
        weight = self.objective.penalty_weight
        if not weight:
            return tf.constant(0.0)
        scorer = self._scorer(int(real.shape[0]), labels)
        return weight * self.objective.penalty(scorer, real, fake, mixing)

    def _regularised(self, player: Player, loss: Tensor) -> Tensor:
        for effect in self.effects:
            loss = effect.regularised(loss, player)
        return loss

    def _move(self, player: Player, gradients: Sequence[Tensor]) -> None:
        """Take a step, or rest. At rest, weights and moments of the gradients stay the same."""
        optimizer, weights = self.optimizers[player], self._trained[player]
        allowed = [effect.may_move(player) for effect in self.effects]
        verdicts = [one for one in allowed if one is not None]
        changed = [*weights, *optimizer.variables]
        kept = [tf.identity(variable) for variable in changed] if verdicts else []
        optimizer.apply(gradients, weights)
        if verdicts:
            may = tf.reduce_all(tf.stack(verdicts))
            for variable, value in zip(changed, kept, strict=True):
                variable.assign(tf.where(may, variable, value))

    def _judged(self, real: Tensor, fake: Tensor, labels: Tensor) -> tuple[Judged, Judged]:
        """Judge real and fake samples in one pass, each of the two as a batch."""
        features, scores = self._labelled(tf.concat([real, fake], 0), 2, labels)
        of_real, of_fake = zip(tf.split(features, 2), tf.split(scores, 2), strict=True)
        return Judged(*of_real), Judged(*of_fake)

    def _scorer(self, batch: int, labels: Tensor) -> Callable[[Tensor], Tensor]:
        """Return the function that scores values of one or more batches of a size."""
        return lambda values: self._labelled(values, int(values.shape[0]) // batch, labels)[1]

    def _labelled(self, values: Tensor, groups: int, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return features and scores of batches that all have the same labels."""
        with self._judging():
            features, scores = self.critic.judged(values, groups)
        if self._classifier:
            scores = self._classifier.score(scores, features, labels)
        return features, scores

    def _judging(self) -> ExitStack:
        stack = ExitStack()
        for effect in self.effects:
            stack.enter_context(effect.judging())
        return stack


class Classifier:
    """The outputs c(x) = V f(x) of a critic with features f, and their use by a condition.

    Parameters
    ----------
    condition : Conditioning
    width, regimes : int
        Number of features, and number of different labels.
    """

    def __init__(self, condition: Conditioning, width: int, regimes: int) -> None:
        self.condition, self.regimes = condition, regimes
        self.kernel = tf.Variable(tf.zeros((width, regimes)))
        self.variables = [self.kernel]

    def restart(self) -> None:
        """Set all outputs to 0."""
        self.kernel.assign(tf.zeros_like(self.kernel))

    def classes(self, features: Tensor) -> Tensor:
        """Return outputs (n, regimes) for features (n, width)."""
        return features @ self.kernel

    def score(self, scores: Tensor, features: Tensor, labels: Tensor) -> Tensor:
        """Return scores (n, 1) under labels of one batch, which each group of the n samples has."""
        groups = scores.shape[0] // labels.shape[0]
        return self.condition.score(scores, self.classes(features), tf.tile(labels, (groups, 1)))

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor) -> Tensor:
        """Return the term of the critic's loss for features of real and fake samples."""
        return self.condition.critic_loss(self.classes(real), self.classes(fake), labels)

    def generator_loss(self, fake: Tensor, labels: Tensor) -> Tensor:
        """Return the term of the generator's loss for features of fakes."""
        return self.condition.generator_loss(self.classes(fake), labels)

    def metrics(self, real: Tensor, fake: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Return how often the largest output is that of the label."""
        return {
            "accuracy, real": accuracy(self.classes(real), labels),
            "accuracy, fake": accuracy(self.classes(fake), labels),
        }


def _both(judged: tuple[Judged, Judged]) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return the features of real and fake samples, and their scores."""
    real, fake = judged
    return (real.features, fake.features), (real.scores, fake.scores)


class WeightAverage:
    """Exponential moving average a ← ρ a + (1 − ρ) w, outside of the loss (Yazıcı et al. 2019).

    With ρ = .999, the first weights are still three quarters of the average after 300 steps. If
    they are random numbers, the average has to forget them. After t steps ρ is then at most
    (1 + t) / (10 + t), as in `tf.train.ExponentialMovingAverage`.
    """

    def __init__(
        self, weights: Sequence[tf.Variable], decay: float, *, forgets_start: bool = False
    ) -> None:
        self._weights, self._decay = list(weights), decay
        self._averages = [tf.Variable(w, trainable=False) for w in weights]
        self._count = [tf.Variable(0.0, trainable=False)] if forgets_start else []
        self.variables = [*self._averages, *self._count]

    def follow(self) -> None:
        """Take one step of the average."""
        decay: Tensor = self._decay
        for count in self._count:
            count.assign_add(1.0)
            decay = tf.minimum(self._decay, (1.0 + count) / (10.0 + count))
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign(decay * average + (1.0 - decay) * weight)

    def restart(self) -> None:
        """Set the average to the weights."""
        for count in self._count:
            count.assign(0.0)
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign(weight)

    def copy_to_weights(self) -> None:
        """Set the weights to the average."""
        for average, weight in zip(self._averages, self._weights, strict=True):
            weight.assign(average)

    def exchange(self) -> None:
        """Swap weights and average. A second call swaps them back."""
        for average, weight in zip(self._averages, self._weights, strict=True):
            kept = tf.identity(weight)
            weight.assign(average)
            average.assign(kept)
