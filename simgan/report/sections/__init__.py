"""The sections of a report, in the order of the page."""

from __future__ import annotations

from simgan.registry import Entry, Registry
from simgan.report.sections.base import SectionMaker

SECTIONS: Registry[SectionMaker] = Registry(
    "section",
    {
        "moments": Entry("simgan.report.sections.moments:Moments"),
        "quantiles": Entry("simgan.report.sections.quantiles:Quantiles"),
        "tails": Entry("simgan.report.sections.tails:Tails"),
        "distances": Entry("simgan.report.sections.distances:Distances"),
        "dependence": Entry("simgan.report.sections.dependence:Dependence"),
    },
)

__all__ = ["SECTIONS", "SectionMaker"]
