"""Two-sample tests and novelty: windows of the history beside windows of the paths."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray, IntArray
from simgan.report.sections import RESAMPLES, SINGLES, Prepared, Samples, SectionMaker
from simgan.report.verdict import Row, Section
from simgan.seeds import Seed
from simgan.stats.classifiers import (
    kernel_features,
    logistic_auc,
    ridge_auc,
    window_features,
)
from simgan.stats.energy import BLOCK, FEWEST_BLOCKS, energy_test
from simgan.stats.intervals import (
    block_length,
    pivotal_interval,
    stationary_resamples,
    wider,
)
from simgan.stats.novelty import NEIGHBOURS, Library, covered
from simgan.stats.regime_score import REGIMES, RegimeClassifier, RegimeScore
from simgan.stats.windows import FOLDS, Windows, distances, of_history, of_paths, standardised

Features = Callable[[Windows], FloatArray]
# features of real windows, of generated ones, folds, overlap → AUC
Auc = Callable[[FloatArray, FloatArray, int, int], float]

CLASSIFIED, NEAREST, REGIME_DAYS = (20, 60, 250), (20, 60), 60
FLOOR_SINGLES = 2  # histories of each law: a classifier costs more than other statistics
MOST_WINDOWS = 300  # that a classifier learns from and is tested on, real ones and generated ones
QUERIES = 600  # windows whose nearest neighbours are looked up
_LEAST_SPANS = 10  # windows without a common day that the history must hold
SPLITS, COVERED = 40, 600  # halves of the history, and its windows in both together
_LEAST_HALF = 0.03  # of a ratio: histories of one law move it by two percent by their tails
_SAME = 1e-6  # distance of standardised windows that are the same
_SIZE = 0.05  # of the test of the energy distance
_LN = float(np.log(REGIMES))

_AUC = (
    "cross-validated AUC, 0.5 is ideal. The floor is that of a history against others of one law, "
    "for laws that the real one allows, with as many windows. Far below 0.5, paths are copies: the "
    "classifier has met them as real. "
)
_OF_FEATURES = _AUC + (
    "Logistic regression on moments, extremes and short memory of a window: blind to rare events "
    "and to memory beyond a window"
)
_OF_KERNELS = _AUC + (
    "Ridge discriminant on MiniRocket's kernels over raw returns and their sizes: nearly blind to "
    "the sign and to the direction of time"
)
_REGIMES = (
    f"a classifier of calm, normal and turbulent windows of {REGIME_DAYS} days, on windows that it "
    "has not learned from. It sees how volatility is spread over windows, and is blind to signs, "
    "tails within a regime, and time"
)
_ENERGY = (
    f"share of permutations of blocks of {BLOCK} days with a larger energy distance of summed "
    "returns and summed sizes; below 0.05 the laws differ. Blind to signs and to the direction of "
    "time, weak against single extreme days, and blind to copies"
)
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
class TwoSample(SectionMaker):
    """Classifiers, regimes, energy distance, memorisation, repetition and coverage."""

    kind: ClassVar[str] = "two-sample"
    title: ClassVar[str] = "Two-sample tests and novelty"

    def make(self, samples: Samples) -> Section:
        rows: list[Row] = []
        skipped: list[str] = []
        for part in _parts(samples):
            if reason := part.missing():
                skipped += [f"{name}, {part.days} days: {reason}" for name in part.names]
            else:
                rows += part.rows()
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


def _parts(samples: Samples) -> list[_OfWindows]:
    return [
        *(_Classified(samples, days) for days in CLASSIFIED),
        _InRegimes(samples, REGIME_DAYS),
        *(_Energy(samples, days) for days in NEAREST),
        *(part(samples, days) for days in NEAREST for part in (_Memorised, _Repeated, _Covered)),
    ]


@dataclass(frozen=True)
class _OfWindows(ABC):
    """Rows about windows of one length."""

    samples: Samples
    days: int
    names: ClassVar[tuple[str, ...]]
    days_of_history: ClassVar[int] = 0
    days_of_paths: ClassVar[int] = 0
    paths: ClassVar[int] = 1

    @abstractmethod
    def rows(self) -> list[Row]:
        """Compare."""

    def missing(self) -> str:
        """Say why these rows cannot be computed, or nothing."""
        samples = self.samples
        days = max(self.days, self.days_of_paths)
        if samples.horizon < days:
            return f"{days} days are needed, and history or paths have {samples.horizon}"
        needed = max(_LEAST_SPANS * self.days, self.days_of_history)
        if len(samples.real) < needed:
            return f"{needed:,} days of history are needed, and there are {len(samples.real):,}"
        if min(len(paths) for paths in samples.fakes.values()) < self.paths:
            return f"{self.paths} paths of each model are needed"
        return ""


class _Classified(_OfWindows):
    """AUC of both classifiers."""

    names = ("C2ST, features", "C2ST, kernels")

    def rows(self) -> list[Row]:
        scale = float(self.samples.real.std())
        makers = (
            (self.names[0], lambda windows: window_features(windows.values), logistic_auc),
            (self.names[1], lambda windows: kernel_features(windows, scale), ridge_auc),
        )
        notes = (_OF_FEATURES, _OF_KERNELS)
        return [
            self.samples.distance(
                name,
                self._told(features, auc),
                singles=FLOOR_SINGLES,
                horizon=self.days,
                unit="AUC",
                perfect=0.5,
                blind_to=note,
            )
            for (name, features, auc), note in zip(makers, notes, strict=True)
        ]

    def _told(self, features: Features, auc: Auc) -> Prepared:
        """Return the AUC of a classifier of real and generated windows."""

        def windows(real: FloatArray) -> Windows:
            return of_history(real, self.days, MOST_WINDOWS)

        def prepare(real: FloatArray, paths: FloatArray) -> FloatArray:
            return features(of_paths(paths, self.days, len(windows(real))))

        def score(real: FloatArray, fakes: FloatArray) -> float:
            own = windows(real)
            return auc(features(own), fakes, FOLDS, own.overlap)

        return Prepared(prepare, score)


class _InRegimes(_OfWindows):
    """Inception score of a classifier of regimes, and its two parts."""

    names = ("regimes: inception score, quality and diversity",)

    def rows(self) -> list[Row]:
        samples = self.samples
        windows = of_history(samples.real, self.days, MOST_WINDOWS)
        classifier = RegimeClassifier.learn(windows.values, windows.overlap)
        real = RegimeScore.of(classifier.held_out)
        orders = _orders(samples, len(windows), len(samples.real) / len(windows))
        drawn = [RegimeScore.of(classifier.held_out[order]) for order in orders]

        def scored(windows: Windows) -> RegimeScore:
            return RegimeScore.of(classifier.predict(windows.values))

        of_laws = [
            [scored(of_history(one, self.days, MOST_WINDOWS)) for one in law[:SINGLES]]
            for law in samples.histories
        ]
        fakes = {
            name: scored(of_paths(paths, self.days, MOST_WINDOWS))
            for name, paths in samples.fakes.items()
        }
        units = {"inception score": "", "quality": "", "diversity": "nats"}
        rows = []
        for name, unit in units.items():
            key = name.rpartition(" ")[2]
            of_resamples = np.quantile([getattr(one, key) for one in drawn], [0.025, 0.975])
            differing = np.array([[getattr(one, key) for one in law] for law in of_laws])
            own = float(getattr(real, key))
            low, high = samples.widened(
                *wider(
                    pivotal_interval(own, differing),
                    (float(of_resamples[0]), float(of_resamples[1])),
                )
            )
            rows.append(
                Row(
                    name=f"regimes, {name}",
                    models={model: getattr(found, key) for model, found in fakes.items()},
                    horizon=self.days,
                    unit=unit,
                    real=own,
                    low=low,
                    high=max(high, _LN) if key == "diversity" else high,
                    blind_to=_REGIMES,
                    is_judged=key != "score",
                )
            )
        return rows


class _Energy(_OfWindows):
    """p-value of the energy distance, and the distance itself.

    The permutations are always the same: no seed decides about a p-value.
    """

    names = ("energy distance, p-value",)
    days_of_history = FEWEST_BLOCKS * BLOCK
    days_of_paths = BLOCK

    def rows(self) -> list[Row]:
        found = {
            name: energy_test(
                self.samples.real,
                paths,
                self.days,
                Seed().stream("noise-floor", 2, self.days),
            )
            for name, paths in self.samples.fakes.items()
        }
        apart = {name: test.distance for name, test in found.items()}
        values = {name: test.p_value for name, test in found.items()}
        row = partial(Row, horizon=self.days, blind_to=_ENERGY)
        return [
            row(name="energy distance", models=apart, unit="σ", is_judged=False),
            row(name=self.names[0], models=values, low=_SIZE, high=1.0),
        ]


class _Near(_OfWindows):
    """Distances to the nearest window, beside those between windows of the history."""

    days_of_history = 4 * BLOCK

    def missing(self) -> str:
        repeated = "half of the windows of the history repeat another one exactly"
        return super().missing() or ("" if np.median(self._between_real) > _SAME else repeated)

    def _row(self, name: str, medians: Mapping[str, float], note: str) -> Row:
        """Divide by the median of the history, whose error gives the interval about 1."""
        found = self._between_real
        orders = _orders(self.samples, len(found), len(self.samples.real) / len(found))
        middle = float(np.median(found))
        low, high = np.quantile(np.median(found[orders], axis=1) / middle, [0.025, 0.975])
        # the median of the model comes from as many windows, and has as large an error
        low, high = (1.0 + np.sqrt(2.0) * (bound - 1.0) for bound in (low, high))
        return Row(
            name=name,
            models={model: median / middle for model, median in medians.items()},
            horizon=self.days,
            real=1.0,
            low=min(float(low), 1.0 - _LEAST_HALF),
            high=max(float(high), 1.0 + _LEAST_HALF),
            blind_to=note,
        )

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
            model: library.nearest(of_paths(paths, self.days, QUERIES)).median
            for model, paths in self.samples.fakes.items()
        }
        return [self._row(self.names[0], medians, _MEMORISED)]


class _Repeated(_Near):
    """Distances from generated windows to the nearest of other paths."""

    names = ("repetition ratio",)
    paths = 2

    def rows(self) -> list[Row]:
        medians = {}
        for model, paths in self.samples.fakes.items():
            half = len(paths) // 2
            library = Library.of(paths[half:], self.days, len(self.samples.real))
            medians[model] = library.nearest(of_paths(paths[:half], self.days, QUERIES)).median
        return [self._row(self.names[0], medians, _REPEATED)]


class _Covered(_OfWindows):
    """Coverage of one half of the history by generated windows, and by its other half."""

    names = ("coverage",)
    days_of_history = 4 * BLOCK

    def rows(self) -> list[Row]:
        samples = self.samples
        real, halves = self._halves()
        own = distances(real, real)
        between = [
            covered(own[np.ix_(half, half)], own[np.ix_(half, ~half)].min(axis=1))
            for half in halves
        ]
        count = len(real) // 2
        models = {}
        for model, paths in samples.fakes.items():
            fake = standardised(of_paths(paths, self.days, count).values)
            nearest = distances(real, fake).min(axis=1)
            models[model] = float(
                np.mean([covered(own[np.ix_(half, half)], nearest[half]) for half in halves])
            )
        low, high = samples.widened(*np.quantile(between, [0.025, 0.975]))
        return [
            Row(
                name=self.names[0],
                models=models,
                horizon=self.days,
                real=float(np.mean(between)),
                low=low,
                high=min(high, 1.0),
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


def _orders(samples: Samples, n: int, step: float) -> IntArray:
    """Resample the numbers of n windows in blocks as long as those of the history's resamples."""
    drawn = stationary_resamples(
        np.arange(n, dtype=np.float64),
        RESAMPLES,
        samples.seed.stream("bootstrap"),
        max(1.0, block_length(samples.real) / step),
    )
    return drawn.astype(np.int64)
