"""Classical scenario models that every report sets beside the GAN: a table of members, each fitted in a second."""

from __future__ import annotations

from simgan.baselines.base import Baseline, FittedBaseline
from simgan.registry import Entry, Registry

BASELINES: Registry[Baseline] = Registry(
    "baseline",
    {
        "stationary-bootstrap": Entry("simgan.baselines.stationary_bootstrap:StationaryBootstrap"),
        "gjr-t": Entry("simgan.baselines.gjr_t:GjrT"),
        "gjr-t-fhs": Entry("simgan.baselines.gjr_t_fhs:GjrTFhs"),
    },
)

__all__ = ["BASELINES", "Baseline", "FittedBaseline"]
