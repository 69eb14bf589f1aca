"""Family of scalings: invertible maps of log returns before training."""

from __future__ import annotations

from simgan.market.scalings.base import Scaling
from simgan.registry import Entry, Registry

SCALINGS: Registry[Scaling] = Registry(
    "scaling",
    {
        "standard": Entry("simgan.market.scalings.standard:Standard"),
        "lambert-w": Entry("simgan.market.scalings.lambert_w:LambertW"),
    },
)

__all__ = ["SCALINGS", "Scaling"]
