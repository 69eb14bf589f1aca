"""Classical scenario models that stand beside the GAN in every table: a table of members, each fitted in seconds."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from simgan.baselines.base import Baseline, FittedBaseline
from simgan.errors import UnknownNameError
from simgan.registry import Entry, Registry

BASELINES: Registry[Baseline] = Registry(
    "baseline",
    {
        "historical": Entry("simgan.baselines.historical:Historical"),
        "iid-bootstrap": Entry("simgan.baselines.iid_bootstrap:IidBootstrap"),
        "stationary-bootstrap": Entry("simgan.baselines.stationary_bootstrap:StationaryBootstrap"),
        "ewma-normal": Entry("simgan.baselines.ewma_normal:EwmaNormal"),
        "ewma-fhs": Entry("simgan.baselines.ewma_fhs:EwmaFhs"),
        "garch-normal": Entry("simgan.baselines.garch_normal:GarchNormal"),
        "garch-t": Entry("simgan.baselines.garch_t:GarchT"),
        "gjr-t": Entry("simgan.baselines.gjr_t:GjrT"),
        "gjr-skew-t": Entry("simgan.baselines.gjr_skew_t:GjrSkewT"),
        "gjr-fhs": Entry("simgan.baselines.gjr_fhs:GjrFhs"),
        "egarch-fhs": Entry("simgan.baselines.egarch_fhs:EgarchFhs"),
    },
)


def baseline(name: str) -> Baseline:
    """Return a baseline by its name, where ``-N`` at the end is a window of N days: ``historical-250``.

    Raises
    ------
    UnknownNameError
        There is no such baseline, or it has no window.
    ConfigError
        The window is not possible.
    """
    kind, _, days = name.rpartition("-")
    if kind in BASELINES and days.isdecimal():
        member: Any = BASELINES.build(kind)
        if "window" in {field.name for field in fields(member)}:
            return replace(member, window=int(days))  # type: ignore[no-any-return]
    if name not in BASELINES:
        raise UnknownNameError("model", name, BASELINES, "historical-N looks back N days")
    return BASELINES.build(name)


__all__ = ["BASELINES", "Baseline", "FittedBaseline", "baseline"]
