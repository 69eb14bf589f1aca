"""Generators as Keras models, one file per blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.gan.architectures.state_space import StateSpaceGenerator

ARCHITECTURES: Registry[StateSpaceGenerator] = Registry(
    "architecture", {"state-space": Entry("simgan.gan.architectures.state_space:StateSpaceGenerator")}
)
