"""The uses of regime labels in a game."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.recipe.conditions.base import Conditioning

CONDITIONS: Registry[Conditioning] = Registry(
    "condition",
    {
        "cgan": Entry("simgan.recipe.conditions.cgan:ConditionalGan"),
        "acgan": Entry("simgan.recipe.conditions.acgan:AuxiliaryClassifier"),
        "semi-supervised": Entry("simgan.recipe.conditions.semi_supervised:SemiSupervised"),
    },
)
