"""Classical scenario models, compared with the GAN in every table. Each is fitted in seconds."""

from __future__ import annotations

from dataclasses import fields

from simgan.baselines.base import Baseline, FittedBaseline
from simgan.errors import UnknownNameError
from simgan.registry import Entry, Registry

BASELINES: Registry[Baseline] = Registry(
    "baseline",
    {
        "historical": Entry("simgan.baselines.resampling:HistoricalSimulation"),
        "iid-bootstrap": Entry("simgan.baselines.resampling:IidBootstrap"),
        "stationary-bootstrap": Entry("simgan.baselines.stationary_bootstrap:StationaryBootstrap"),
        "ewma-normal": Entry("simgan.baselines.ewma:EwmaNormal"),
        "ewma-fhs": Entry("simgan.baselines.ewma:EwmaFhs"),
        "garch-normal": Entry("simgan.baselines.garch:GarchNormal"),
        "garch-t": Entry("simgan.baselines.garch:GarchT"),
        "gjr-t": Entry("simgan.baselines.garch:GjrT"),
        "gjr-skew-t": Entry("simgan.baselines.garch:GjrSkewT"),
        "gjr-fhs": Entry("simgan.baselines.garch:GjrFhs"),
        "egarch-fhs": Entry("simgan.baselines.garch:EgarchFhs"),
    },
)


def baseline(name: str) -> Baseline:
    """Return a baseline by its name. A number at the end is a window in days: ``historical-250``.

    Raises
    ------
    UnknownNameError
        There is no such baseline, or it has no window.
    ConfigError
        The window is not possible.
    """
    kind, _, days = name.rpartition("-")
    if kind in BASELINES and days.isdecimal() and "window" in _settings(kind):
        return BASELINES.build(kind, {"window": int(days)})
    if name not in BASELINES:
        raise UnknownNameError("model", name, BASELINES, "historical-N draws from the last N days")
    return BASELINES.build(name)


def _settings(kind: str) -> set[str]:
    return {field.name for field in fields(BASELINES.load(kind))}


__all__ = ["BASELINES", "Baseline", "FittedBaseline", "baseline"]
