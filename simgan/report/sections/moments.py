"""The first four moments of daily returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.report.samples import Samples
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Section
from simgan.stats.moments import moments, share_still


@dataclass(frozen=True)
class Moments(SectionMaker):
    """Mean, standard deviation, skewness, excess kurtosis, and days without a move if any."""

    kind: ClassVar[str] = "moments"
    title: ClassVar[str] = "Moments of daily log returns"

    def make(self, samples: Samples) -> Section:
        unusable = (
            "shown, not judged: it has no usable standard error at the tail index of returns; "
            "look at the tails instead"
        )
        still = samples.level("days without a move", share_still, scale=100, unit="%")
        return Section(
            self.kind,
            self.title,
            (
                samples.location_level("mean", lambda r: moments(r).mean, scale=100, unit="%"),
                samples.level(
                    "standard deviation",
                    lambda r: moments(r).standard_deviation,
                    scale=100,
                    unit="%",
                ),
                samples.location_level(
                    "skewness",
                    lambda r: moments(r).skewness,
                    blind_to="moves with single days, for the third moment barely exists",
                ),
                samples.level(
                    "excess kurtosis",
                    lambda r: moments(r).excess_kurtosis,
                    blind_to=unusable,
                    is_judged=False,
                ),
                *([still] if still.real else []),
            ),
        )
