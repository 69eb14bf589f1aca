"""Family of blueprints: the architectures of a generator, apart from any way to compute them.

Training (Keras) and sampling (NumPy) both build their generator from a blueprint.
"""

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
