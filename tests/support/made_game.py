"""A small game: a linear critic against a generator that adds one number."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from simgan.gan.game import Game
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.training import GameRules


class LinearCritic:
    """D(x) = w x₁, whose features are x itself. It notes the number of batches of each call."""

    width = 2

    def __init__(self, weight: float) -> None:
        self.weight = tf.Variable(weight)
        self.trainable_variables = [self.weight]
        self.groups: list[int] = []

    def judged(self, values: Any, groups: int = 1) -> tuple[Any, Any]:
        self.groups.append(groups)
        return values, self.weight * values[:, :1]


def made(values: object) -> Any:
    return tf.constant(values, tf.float32)


REAL, FAKE = made([[1, 2], [3, 4]]), made([[0, 0], [0, 2]])
MIXING = made([[0.5], [0.5]])


def made_game(
    remedies: Remedies = NONE,
    objective: str = "non-saturating",
    weight: float = 0.0,
    penalty: float = 0.0,
) -> tuple[Game, Any, Any]:
    """A game of a linear critic against a generator that adds a number to FAKE."""
    critic, shift = LinearCritic(weight), tf.Variable(0.0)
    rules = GameRules(OBJECTIVES.build(objective, {"penalty_weight": penalty}), remedies)
    return Game([shift], critic, rules, (0.01, 0.01)), critic, shift
