"""What labels of regimes can be to a game."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.gan.conditions.base import Condition

CONDITIONS: Registry[Condition] = Registry(
    "condition",
    {
        "cgan": Entry("simgan.gan.conditions.cgan:ConditionalGan"),
        "acgan": Entry("simgan.gan.conditions.acgan:AuxiliaryClassifier"),
        "semi-supervised": Entry("simgan.gan.conditions.semi_supervised:SemiSupervised"),
    },
)
