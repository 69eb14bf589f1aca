"""Tails: what histograms and kernels cannot see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.report.rows import Row, Section
from simgan.report.sections.base import Samples, SectionMaker
from simgan.risk.measures import expected_shortfall
from simgan.stats.aggregation import sums
from simgan.stats.tails import hill_tail_index

SHARE = 0.05
_LEAST_DAYS = 400


@dataclass(frozen=True)
class Tails(SectionMaker):
    """Hill index of losses and gains, expected shortfall, and days far beyond anything in history."""

    kind: ClassVar[str] = "tails"
    title: ClassVar[str] = "Tails"

    def make(self, samples: Samples) -> Section:
        rows: list[Row] = []
        skipped: tuple[str, ...] = ()
        if len(samples.real) >= _LEAST_DAYS:
            rows = [
                samples.level(f"Hill index of losses, {SHARE:.0%} tail", lambda r: hill_tail_index(-r, SHARE).value),
                samples.level(f"Hill index of gains, {SHARE:.0%} tail", lambda r: hill_tail_index(r, SHARE).value),
                samples.level("ES 99 %", lambda r: expected_shortfall(r, 0.99).item(), scale=100, unit="%"),
                samples.level("ES 99 %", lambda r: expected_shortfall(sums(r, 10), 0.99).item(), scale=100, unit="%", horizon=10),
            ]
        else:
            skipped = (f"Hill index and ES: {len(samples.real)} days are too few, {_LEAST_DAYS} are needed",)
        return Section(self.kind, self.title, (*rows, _far_days(samples)), skipped)


def _far_days(samples: Samples) -> Row:
    """Count generated days beyond three times the largest move in history; none is ever dropped."""
    bound = 3 * np.abs(samples.real).max()
    models = {name: 1e6 * float(np.mean(np.abs(paths) > bound)) for name, paths in samples.fakes.items()}
    note = f"shown, not judged: days with |r| > {bound:.3f}, which history can say nothing about"
    return Row(name="days beyond 3 × the largest move, per million", models=models, real=0.0, blind_to=note, is_judged=False)
