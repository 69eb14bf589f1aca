"""Quantiles of daily returns on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.samples import Samples
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Section

PROBABILITIES = (0.001, 0.005, 0.01, 0.99, 0.995, 0.999)
_LEAST_BEYOND = 3  # days beyond a quantile, or it says nothing


@dataclass(frozen=True)
class Quantiles(SectionMaker):
    """0.1, 0.5, 1, 99, 99.5 and 99.9 % quantiles."""

    kind: ClassVar[str] = "quantiles"
    title: ClassVar[str] = "Quantiles of daily log returns"

    def make(self, samples: Samples) -> Section:
        days = len(samples.real)
        usable = [p for p in PROBABILITIES if min(p, 1 - p) * days >= _LEAST_BEYOND]
        rows = [
            samples.level(
                f"{100 * p:g} % quantile", partial(_quantile, probability=p), scale=100, unit="%"
            )
            for p in usable
        ]
        left = ", ".join(f"{100 * p:g}" for p in PROBABILITIES if p not in usable)
        skipped = (
            (f"the quantiles at {left} %: {days} days hold fewer than {_LEAST_BEYOND} beyond them",)
            if left
            else ()
        )
        return Section(self.kind, self.title, tuple(rows), skipped)


def _quantile(returns: FloatArray, probability: float) -> float:
    return float(np.quantile(returns, probability))
