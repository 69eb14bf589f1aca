"""Two-sample tests: windows of the history beside windows of the paths."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray, IntArray
from simgan.report.samples import RESAMPLES, SINGLES, Distance, Prepared, Samples, in_the_mean
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Row, Section
from simgan.seeds import Seed
from simgan.stats.classifiers import (
    kernel_features,
    logistic_auc,
    ridge_auc,
    window_features,
)
from simgan.stats.energy import BLOCK, FEWEST_BLOCKS, energy_distance, energy_test
from simgan.stats.intervals import (
    block_length,
    pivotal_interval,
    stationary_resamples,
    wider,
)
from simgan.stats.regime_score import REGIMES, RegimeClassifier, RegimeScore
from simgan.stats.windows import FOLDS, Windows, of_history, of_paths

Features = Callable[[Windows], FloatArray]
# features of real windows, of generated ones, folds, overlap → AUC
Auc = Callable[[FloatArray, FloatArray, int, int], float]

CLASSIFIED, COMPARED, REGIME_DAYS = (20, 60, 250), (20, 60), 60
FLOOR_SINGLES = 2  # histories of each law: a classifier costs more than other statistics
MOST_WINDOWS = 300  # that a classifier learns from and is tested on, real ones and generated ones
_LEAST_SPANS = 10  # windows without a common day that the history must hold
_LN = float(np.log(REGIMES))

_AUC = (
    "cross-validated AUC, 0.5 is ideal. Real, and the floor: median and 95 % quantile of a history "
    "against others of one law, for laws that the real one allows, with as many windows. Blind to "
    "copies. They lie far below 0.5, since the classifier has met them as real, but so does a "
    "model whose history looks different in each block of time. "
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
    "between windows of summed returns and summed sizes. Real, and the floor: median and 95 % "
    "quantile of a history against others of one law. Blind to signs and to the "
    "direction of time, weak against single extreme days, and blind to copies"
)
_PERMUTED = (
    f"shown, not judged: share of permutations of blocks of {BLOCK} days with a larger energy "
    "distance. It judges one set of paths, and a small value says nothing about size"
)


@dataclass(frozen=True)
class TwoSample(SectionMaker):
    """Classifiers, regimes, and energy distance."""

    kind: ClassVar[str] = "two-sample"
    title: ClassVar[str] = "Two-sample tests"

    def make(self, samples: Samples) -> Section:
        return section_of(
            self,
            [
                *(_Classified(samples, days) for days in CLASSIFIED),
                _InRegimes(samples, REGIME_DAYS),
                *(_Energy(samples, days) for days in COMPARED),
            ],
        )


def section_of(maker: SectionMaker, parts: Sequence[OfWindows]) -> Section:
    """Return the rows of the parts that can be computed, and the reasons of the others."""
    rows: list[Row] = []
    skipped: list[str] = []
    for part in parts:
        if reason := part.missing():
            skipped += [f"{name}, {part.days} days: {reason}" for name in part.names]
        else:
            rows += part.rows()
    return Section(maker.kind, maker.title, tuple(rows), tuple(skipped))


@dataclass(frozen=True)
class OfWindows(ABC):
    """Rows about windows of one length."""

    samples: Samples
    days: int
    names: ClassVar[tuple[str, ...]]
    days_of_history: ClassVar[int] = 0
    days_of_paths: ClassVar[int] = 0
    least_paths: ClassVar[int] = 1
    spans: ClassVar[float] = 0.0  # of the history, that a part of the paths must hold

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
        if min(len(paths) for paths in samples.fakes.values()) < self.least_paths:
            return f"{self.least_paths} paths of each model are needed"
        return ""

    def beside_floor(
        self, name: str, statistic: Distance, unit: str, perfect: float, blind_to: str
    ) -> Row:
        """Compare by a statistic that takes as many windows of few paths as of many.

        So its mean over parts of the paths is less noisy and no larger. Real, and the floor, are
        median and 95 % quantile of histories against others of their law.
        """
        middle, floor = np.quantile(self.samples.of_laws(statistic, FLOOR_SINGLES), (0.5, 0.95))
        values = self.samples.values(partial(statistic, self.samples.real), self.spans)
        return Row(
            name=name,
            **values,
            unit=unit,
            perfect=perfect,
            blind_to=blind_to,
            horizon=self.days,
            real=float(middle),
            floor=float(floor),
        )


class _Classified(OfWindows):
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
            self.beside_floor(
                name, self._auc_of(features, auc), unit="AUC", perfect=0.5, blind_to=note
            )
            for (name, features, auc), note in zip(makers, notes, strict=True)
        ]

    def _auc_of(self, features: Features, auc: Auc) -> Prepared:
        """Return the AUC of a classifier of real and generated windows."""

        def windows(real: FloatArray) -> Windows:
            return of_history(real, self.days, MOST_WINDOWS)

        def prepare(real: FloatArray, paths: FloatArray) -> FloatArray:
            return features(of_paths(paths, self.days, len(windows(real))))

        def score(real: FloatArray, fakes: FloatArray) -> float:
            own = windows(real)
            return auc(features(own), fakes, FOLDS, own.overlap)

        return Prepared(prepare, score)


class _InRegimes(OfWindows):
    """Inception score of a classifier of regimes, and its two parts."""

    names = ("regimes: inception score, quality and diversity",)

    def rows(self) -> list[Row]:
        samples = self.samples
        windows = of_history(samples.real, self.days, MOST_WINDOWS)
        classifier = RegimeClassifier.learn(windows.values, windows.overlap)
        real = RegimeScore.of(classifier.held_out)
        orders = orders_of(samples, len(windows), len(samples.real) / len(windows))
        drawn = [RegimeScore.of(classifier.held_out[order]) for order in orders]

        def scored(windows: Windows) -> RegimeScore:
            return RegimeScore.of(classifier.predict(windows.values))

        of_laws = [
            [scored(of_history(one, self.days, MOST_WINDOWS)) for one in law[:SINGLES]]
            for law in samples.histories
        ]
        fakes = {
            name: [scored(of_paths(part, self.days, MOST_WINDOWS)) for part in samples.parts(paths)]
            for name, paths in samples.fakes.items()
        }
        units = {"inception score": ("", 3.0), "quality": ("", 1.0), "diversity": ("nats", _LN)}
        rows = []
        for name, (unit, most) in units.items():
            key = name.rpartition(" ")[2]
            values = {model: [getattr(one, key) for one in found] for model, found in fakes.items()}
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
                    **in_the_mean(values),
                    horizon=self.days,
                    unit=unit,
                    real=own,
                    low=low,
                    high=most if key == "diversity" else min(high, most),
                    blind_to=_REGIMES,
                    is_judged=key != "score",
                )
            )
        return rows


class _Energy(OfWindows):
    """Energy distance, and its p-value.

    The permutations are always the same: no seed decides about a p-value.
    """

    names = ("energy distance",)
    days_of_history = FEWEST_BLOCKS * BLOCK
    days_of_paths = BLOCK
    spans = 2.0  # as many blocks as the distance takes

    def rows(self) -> list[Row]:
        samples = self.samples
        p_values = {
            name: energy_test(
                samples.real, paths, self.days, Seed().stream("noise-floor", 2, self.days)
            ).p_value
            for name, paths in samples.fakes.items()
        }
        return [
            self.beside_floor(
                self.names[0],
                partial(energy_distance, length=self.days),
                unit="σ",
                perfect=0.0,
                blind_to=_ENERGY,
            ),
            Row(
                name=f"{self.names[0]}, p-value",
                models=p_values,
                horizon=self.days,
                blind_to=_PERMUTED,
                is_judged=False,
            ),
        ]


def orders_of(samples: Samples, n: int, step: float) -> IntArray:
    """Resample the numbers of n windows in blocks as long as those of the history's resamples.

    A window begins `step` days after the one before it.
    """
    drawn = stationary_resamples(
        np.arange(n, dtype=np.float64),
        RESAMPLES,
        samples.seed.stream("bootstrap"),
        max(1.0, block_length(samples.real) / step),
    )
    return drawn.astype(np.int64)
