"""The contract of a remedy: its settings, and the hooks by which it changes a game."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from simgan.errors import ConfigError
from simgan.recipe.objectives.base import Objective
from simgan.recipe.tensors import Tensor, keras, tf
from simgan.settings import Settings

Player = Literal["generator", "critic"]


class Judged(NamedTuple):
    """Features (n, width) and scores (n, 1) that the critic gives to one batch."""

    features: Tensor
    scores: Tensor


@dataclass(frozen=True)
class Players:
    """The variables of a game that a remedy may read.

    Attributes
    ----------
    weights : mapping of player to variables
        The weights that each player learns.
    networks : sequence of variables
        The critic's weights without those of its classifier.
    remaining : variable
        Share of the training that remains: 1 at the first step, near 0 at the last.
    """

    weights: Mapping[Player, Sequence[tf.Variable]]
    networks: Sequence[tf.Variable]
    remaining: tf.Variable


class Effect:
    """The effect of a remedy on one game, with all that it remembers.

    A remedy overrides the hooks that it needs. By default, each hook changes nothing. The hooks
    are part of compiled steps, except for `restart`.

    Attributes
    ----------
    variables : list of variables
        The memory of the remedy. Checkpoints save it.
    """

    def __init__(self) -> None:
        self.variables: list[tf.Variable] = []

    def restart(self) -> None:
        """Forget the training so far. The players' weights have their first values already."""
        return  # AutoGraph cannot convert a body that is a docstring only

    def inputs(self, values: Tensor, normal: Callable[[], Tensor]) -> Tensor:
        """Return the values that the critic sees instead of these.

        `normal` draws standard normal numbers of their shape, the same ones for every remedy.
        """
        return values

    def judging(self) -> AbstractContextManager[object]:
        """Return the context in which the critic's networks judge."""
        return nullcontext()

    def before_step(self, player: Player) -> None:
        """Prepare for a step of a player."""
        return

    def critic_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        """Return the critic's loss with the term of the remedy."""
        return loss

    def generator_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        """Return the generator's loss with the term of the remedy."""
        return loss

    def regularised(self, loss: Tensor, player: Player) -> Tensor:
        """Return the loss with a term of the player's weights. The history does not show it."""
        return loss

    def may_move(self, player: Player) -> Tensor | None:
        """Return whether a player may move in this step, or None if it always may."""
        return None

    def after_step(self, player: Player, real: Judged, fake: Judged) -> None:
        """Take the features and scores of a player's step into account."""
        return

    def metrics(self) -> Mapping[str, Tensor]:
        """Return numbers of its own for the training history, by name."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Remedy(Settings, ABC):
    """A change of the plain game. With its default settings, a remedy does nothing.

    The fields of all remedies are keys of one flat mapping, ``remedies.KEY`` on the command line.
    No two remedies have a field of the same name.

    Attributes
    ----------
    kind : str
        Name in the table.
    allows_dropout : bool
        Whether the units that the critic leaves out may differ from step to step.
    """

    kind: ClassVar[str]
    allows_dropout: ClassVar[bool] = True

    @classmethod
    def owner(cls) -> str:
        return "remedies"

    @property
    def is_active(self) -> bool:
        """Whether a setting differs from its default."""
        return self != type(self)()

    def expect_fit(self, objective: Objective) -> None:
        """Refuse an objective with which the remedy makes no sense.

        Raises
        ------
        ConfigError
            Names the setting and the reason.
        """
        return

    def effect(self, players: Players) -> Effect:
        """Return the effect on a game of these players."""
        return Effect()


@dataclass(frozen=True, kw_only=True)
class BatchStatistic(Remedy):
    """A remedy by which the critic's last layer also sees the other members of a batch.

    If the generator makes one sample over and over, the fakes of a batch give themselves away.
    """

    @property
    @abstractmethod
    def count(self) -> int:
        """Numbers that the last layer sees in addition to the features."""

    @abstractmethod
    def statistic(self, features: Tensor, groups: int, kernel: Tensor | None) -> Tensor:
        """Return the numbers (n, count) for features (n, width).

        The features are of `groups` batches of equal size, one after the other. No statistic
        mixes two of them: real and fake samples in one batch would hide that the fakes are alike.
        """

    def kernel(self, width: int, seed: int) -> tuple[tuple[int, ...], keras.Initializer] | None:
        """Return shape and initializer of a kernel that the critic learns, or None for none."""
        return None

    def expect_fit(self, objective: Objective) -> None:
        if objective.critic == "auto-encoder":
            name, value = next(iter(vars(self).items()))
            allowed = (
                f"left out: the critic of {objective.kind} is an auto-encoder, "
                "whose score does not depend on features"
            )
            raise ConfigError("remedies", name, value, allowed)
