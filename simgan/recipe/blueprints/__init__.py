"""The architectures of a generator, without saying how they are computed: training (Keras) and sampling (NumPy) both build from them."""

from __future__ import annotations

from simgan.recipe.blueprints.base import Blueprint
from simgan.registry import Entry, Registry

BLUEPRINTS: Registry[Blueprint] = Registry(
    "architecture",
    {
        "state-space": Entry("simgan.recipe.blueprints.state_space:StateSpace"),
        "mlp": Entry("simgan.recipe.blueprints.mlp:Mlp"),
        "recurrent": Entry("simgan.recipe.blueprints.recurrent:Recurrent"),
        "tcn": Entry("simgan.recipe.blueprints.tcn:Tcn"),
    },
)

__all__ = ["BLUEPRINTS", "Blueprint"]
