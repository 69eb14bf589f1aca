"""The architectures of a generator, without saying how they are computed: training (Keras) and sampling (NumPy) both build from them."""

from __future__ import annotations

from simgan.bundle.blueprints.base import Blueprint
from simgan.registry import Entry, Registry

BLUEPRINTS: Registry[Blueprint] = Registry(
    "architecture",
    {
        "state-space": Entry("simgan.bundle.blueprints.state_space:StateSpace"),
        "mlp": Entry("simgan.bundle.blueprints.mlp:Mlp"),
        "recurrent": Entry("simgan.bundle.blueprints.recurrent:Recurrent"),
        "tcn": Entry("simgan.bundle.blueprints.tcn:Tcn"),
    },
)

__all__ = ["BLUEPRINTS", "Blueprint"]
