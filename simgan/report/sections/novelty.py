"""Novelty: generated windows are neither copies of the history nor of each other, and cover it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.report.samples import Samples, in_the_mean
from simgan.report.sections import SectionMaker
from simgan.report.sections.two_sample import OfWindows, orders_of, section_of
from simgan.report.verdict import Row, Section
from simgan.seeds import Seed
from simgan.stats.energy import BLOCK
from simgan.stats.novelty import NEIGHBOURS, Library, covered
from simgan.stats.windows import distances, of_history, of_paths, standardised

NEAREST = (20, 60)  # days of a window
QUERIES = 600  # windows whose nearest neighbours are looked up
SPLITS, COVERED = 40, 600  # halves of the history, and its windows in both together
_LEAST_HALF = 0.03  # of a ratio: histories of one law move it by two percent by their tails
_SAME = 1e-6  # distance of standardised windows that are the same

_MEMORISED = (
    "median distance from a generated window to the nearest real one, over that from a real window "
    "to the nearest other real one. 1 is right, near 0 is copying. Blind to the volatility of a "
    "window, which is taken out, and to a few copies among many windows"
)
_REPEATED = (
    "median distance from a generated window to the nearest one of other paths, over that between "
    "real windows. 1 is right, near 0 is a generator that repeats itself. Blind to the volatility "
    "of a window"
)
_COVERAGE = (
    f"share of real windows with a generated one nearer than their {NEIGHBOURS}th real neighbour, "
    "beside real against real: halves of the history, in blocks of 250 days. Blind to windows that "
    "reality does not have, and to the volatility of a window"
)


@dataclass(frozen=True)
class Novelty(SectionMaker):
    """Memorisation, repetition and coverage."""

    kind: ClassVar[str] = "novelty"
    title: ClassVar[str] = "Novelty"

    def make(self, samples: Samples) -> Section:
        kinds = (_Memorised, _Repeated, _Covered)
        return section_of(self, [kind(samples, days) for days in NEAREST for kind in kinds])


class _Near(OfWindows):
    """Distances to the nearest window, beside those between windows of the history."""

    days_of_history = 4 * BLOCK

    def missing(self) -> str:
        repeated = "half of the windows of the history repeat another one exactly"
        return super().missing() or ("" if np.median(self._between_real) > _SAME else repeated)

    def _row(self, medians: Mapping[str, Sequence[float]], note: str) -> Row:
        """Divide medians of distances by that of the history, whose error gives the interval.

        All parts of a model's paths together have 600 windows.
        """
        found = self._between_real
        orders = orders_of(self.samples, len(found), len(self.samples.real) / len(found))
        middle = float(np.median(found))
        low, high = np.quantile(np.median(found[orders], axis=1) / middle, [0.025, 0.975])
        # the median of the model comes from as many windows, and has as large an error
        low, high = (1.0 + np.sqrt(2.0) * (bound - 1.0) for bound in (low, high))
        return Row(
            name=self.names[0],
            **in_the_mean({name: np.array(every) / middle for name, every in medians.items()}),
            horizon=self.days,
            real=1.0,
            low=min(float(low), 1.0 - _LEAST_HALF),
            high=max(float(high), 1.0 + _LEAST_HALF),
            blind_to=note,
        )

    def _median(self, library: Library, paths: FloatArray, parts: int) -> float:
        """Median distance from windows of one of the parts of paths to those of a library."""
        return library.nearest(of_paths(paths, self.days, QUERIES // parts)).median

    def _library(self) -> Library:
        return Library.of(self.samples.real[None], self.days, len(self.samples.real))

    @cached_property
    def _between_real(self) -> FloatArray:
        queries = of_history(self.samples.real, self.days, QUERIES)
        return self._library().nearest(queries, are_own=True).distances


class _Memorised(_Near):
    """Distances from generated windows to the nearest of the history."""

    names = ("memorisation ratio",)

    def rows(self) -> list[Row]:
        library = self._library()
        medians = {
            model: [self._median(library, part, len(parts)) for part in parts]
            for model, paths in self.samples.fakes.items()
            for parts in (self.samples.parts(paths),)
        }
        return [self._row(medians, _MEMORISED)]


class _Repeated(_Near):
    """Distances from generated windows to the nearest of other paths."""

    names = ("repetition ratio",)
    least_paths = 2

    def missing(self) -> str:
        if reason := super().missing():
            return reason
        needed = len(self.samples.real) - self.days + 1
        for paths in self.samples.fakes.values():
            _, others = self.samples.parts_and_others(paths)[0]
            held = len(others) * (others.shape[1] - self.days + 1)
            if held < needed:
                return f"paths hold {held:,} windows beside those compared, the history {needed:,}"
        return ""

    def rows(self) -> list[Row]:
        days, medians = len(self.samples.real), {}
        for model, paths in self.samples.fakes.items():
            apart = self.samples.parts_and_others(paths)
            medians[model] = [
                self._median(Library.of(others, self.days, days), part, len(apart))
                for part, others in apart
            ]
        return [self._row(medians, _REPEATED)]


class _Covered(OfWindows):
    """Coverage of one half of the history by generated windows, and by its other half."""

    names = ("coverage",)
    days_of_history = 8 * BLOCK  # fewer blocks have few halves, and so too narrow limits

    def rows(self) -> list[Row]:
        samples = self.samples
        real, halves = self._halves()
        own = distances(real, real)
        between = [
            covered(own[np.ix_(half, half)], own[np.ix_(half, ~half)].min(axis=1))
            for half in halves
        ]
        count = len(real) // 2

        def coverage(paths: FloatArray) -> float:
            fake = standardised(of_paths(paths, self.days, count).values)
            nearest = distances(real, fake).min(axis=1)
            found = [covered(own[np.ix_(half, half)], nearest[half]) for half in halves]
            return float(np.mean(found))

        low, _ = samples.widened(*np.quantile(between, [0.025, 0.975]))
        return [
            Row(
                name=self.names[0],
                **samples.values(coverage),
                horizon=self.days,
                real=float(np.mean(between)),
                low=low,
                high=1.0,  # to cover all is no fault: copies do, and memorisation sees them
                blind_to=_COVERAGE,
            )
        ]

    def _halves(self) -> tuple[FloatArray, list[NDArray[np.bool_]]]:
        """Return standardised windows within blocks, and the ones of random halves of the blocks.

        No window of a half shares a day with one of the other.
        """
        windows = of_history(self.samples.real, self.days, COVERED)
        blocks, last = windows.starts // BLOCK, (windows.starts + self.days - 1) // BLOCK
        inside = blocks == last
        block, count = blocks[inside], len(self.samples.real) // BLOCK
        rng = Seed().stream("noise-floor", 3, self.days)
        halves = [np.isin(block, rng.permutation(count)[: count // 2]) for _ in range(SPLITS)]
        return standardised(windows.values[inside]), halves
