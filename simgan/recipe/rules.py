"""What is played: an objective, remedies, and what labels are to the players."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.errors import ConfigError
from simgan.recipe.conditions.base import Condition
from simgan.recipe.objectives.base import Objective
from simgan.recipe.remedies import NONE, Remedies


@dataclass(frozen=True)
class Rules:
    """The rules of a game.

    Attributes
    ----------
    objective : Objective
    remedies : Remedies
    condition : Condition, optional
        None where there are no labels.
    regimes : int
        Different labels.

    Raises
    ------
    ConfigError
        A remedy or a condition makes no sense with the objective.
    """

    objective: Objective
    remedies: Remedies = NONE
    condition: Condition | None = None
    regimes: int = 0

    def __post_init__(self) -> None:
        self.remedies.expect_fit(self.objective)
        if self.condition is not None and self.objective.critic == "auto-encoder":
            allowed = f"left out: the critic of {self.objective.kind} is an auto-encoder, whose score is no function of features"
            raise ConfigError("fit", "condition", self.condition.kind, allowed)
