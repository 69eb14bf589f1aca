"""The part of an order that asks for a training."""

from __future__ import annotations

import json
from typing import ClassVar, Literal, cast

from pydantic import Field, JsonValue

from simgan.errors import UnknownNameError
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import DEFAULT, NO_PRIOR, Recipe
from simgan.service.jobs.identity import sha256_of_file
from simgan.service.jobs.orders.order import OrderContext, Word
from simgan.service.jobs.orders.prices import OfPrices
from simgan.service.words import LARGEST
from simgan.settings import Table
from simgan.workspace import MANIFEST

RECIPE = "recipe.json"  # in the folder of the job
_OPTIONS = set(RecipeOptions.__annotations__)


class OfTraining(OfPrices):
    """An order that trains models. The settings are those of ``simgan fit``."""

    below: ClassVar[Table] = {}  # defaults of the command
    recipe: dict[str, JsonValue] = Field(
        default={}, description="settings, as `simgan models show NAME --recipe` prints them"
    )
    preset: Literal["quick", "standard", "thorough"] | None = None
    architecture: Word | None = None
    objective: Word | None = None
    prior: Word | None = None
    seed: int | None = Field(default=None, ge=0, le=LARGEST)
    settings: dict[str, JsonValue] = Field(
        default={}, description="single settings, such as `remedies.noise`"
    )

    @property
    def full_recipe(self) -> Recipe:
        """The recipe with all its settings.

        Raises
        ------
        SimganError
            A name is unknown, or a value is not possible.
        """
        given = self.model_dump(exclude_none=True, include=_OPTIONS)
        return recipe_of(cast(RecipeOptions, given), self.below)

    def checked_prior(self, context: OrderContext) -> dict[str, object]:
        """Return the model that the training leans on, if the recipe names one."""
        name = self.full_recipe.prior
        if name in (DEFAULT, NO_PRIOR):
            return {}
        if name not in (known := context.workspace.model_names()):
            raise UnknownNameError("prior", name, [DEFAULT, NO_PRIOR, *known])
        return {"prior": sha256_of_file(context.workspace.model(name) / MANIFEST)}

    def files(self) -> dict[str, str]:
        return {RECIPE: json.dumps(self.full_recipe.to_json(), indent=1)}
