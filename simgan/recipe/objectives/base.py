"""The contract of an objective: two losses, a penalty, and how often the critic moves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.tensors import Tensor, tf
from simgan.settings import Settings, setting

Scorer = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Objective(Settings, ABC):
    """What both players minimise; scores are those of the critic before any squashing, shape (paths, 1).

    Attributes
    ----------
    critic : str
        The kind of critic that it plays with.
    has_labels : bool
        The critic's loss is the cross-entropy of σ(score) with the labels 1 for real and 0 for fake.
    """

    kind: ClassVar[str]
    critic: ClassVar[str] = "windows"
    has_labels: ClassVar[bool] = False
    penalty_weight: float = setting(10.0, "weight γ of the gradient penalty", low=0)
    critic_steps: int = setting(1, "critic steps per generator step", low=1, high=20)

    @classmethod
    def owner(cls) -> str:
        return "objective"

    @abstractmethod
    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        """Loss of the critic, to be minimised: scalar from the scores of real and fake windows.

        `balance` is a number that an objective may carry from step to step, 0 at first.
        """

    @abstractmethod
    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Loss of the generator, to be minimised."""

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        """Gradient penalty without its weight, by default R1 / 2; `uniform` (paths, 1) is noise from U[0, 1]."""
        return 0.5 * tf.reduce_mean(squared_gradient(critic, real))

    def next_balance(self, balance: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """The number carried on after a step of the critic whose scores were these."""
        return balance

    def metrics(self, real: Tensor, fake: Tensor, balance: Tensor) -> Mapping[str, Tensor]:
        """Return numbers of its own for the training history, by name."""
        return {}

    def constrain(self, weights: Sequence[tf.Variable]) -> None:
        """Bring the critic's weights back to where they may be, after each of its steps; most objectives leave them."""
        return  # AutoGraph cannot convert a body that is a docstring only


def squared_gradient(critic: Scorer, windows: Tensor) -> Tensor:
    """‖∇ₓ D(x)‖² of each window, shape (paths,)."""
    with tf.GradientTape() as tape:
        tape.watch(windows)
        total = tf.reduce_sum(critic(windows))
    return tf.reduce_sum(tape.gradient(total, windows) ** 2, axis=1)
