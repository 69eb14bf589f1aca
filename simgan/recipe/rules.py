"""The rules of a game: its objective, its remedies, and the use of labels."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.errors import ConfigError
from simgan.recipe.conditions.base import Conditioning
from simgan.recipe.objectives.base import Objective
from simgan.recipe.remedies import NONE, Remedies


@dataclass(frozen=True)
class GameRules:
    """The rules of a game.

    Attributes
    ----------
    objective : Objective
    remedies : Remedies
    condition : Conditioning, optional
        None where there are no labels.
    regimes : int
        Number of different labels.

    Raises
    ------
    ConfigError
        A remedy or a condition makes no sense with the objective.
    """

    objective: Objective
    remedies: Remedies = NONE
    condition: Conditioning | None = None
    regimes: int = 0

    def __post_init__(self) -> None:
        self.remedies.expect_fit(self.objective)
        if self.condition is not None and self.objective.critic == "auto-encoder":
            allowed = (
                f"left out: the critic of {self.objective.kind} is an auto-encoder, "
                "whose score does not depend on features"
            )
            raise ConfigError("fit", "condition", self.condition.kind, allowed)
