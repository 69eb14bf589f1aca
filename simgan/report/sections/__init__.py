"""Family of sections of a report, in the order of the page, and the rows they are made of.

`compare` makes all sections of a real history and models' paths.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import count
from typing import ClassVar, TypedDict

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.baselines.plausible import plausible_histories
from simgan.errors import ConfigError
from simgan.registry import Entry, Registry
from simgan.report.verdict import COLUMNS, Comparison, Row, Section
from simgan.report.yardstick import Yardstick
from simgan.seeds import Seed
from simgan.stats.intervals import (
    LEVEL,
    LOCATION,
    MEMORY,
    POOL,
    Rule,
    block_length,
    distances_in_laws,
    stationary_resamples,
)

RESAMPLES = 100
SINGLES = 4  # histories of each plausible law that play the real one behind a noise floor
_OF_LEVELS = 8  # histories of each plausible law behind an interval
_MOST_PARTS = 4  # of a model's paths, to know how much a distance depends on them

Level = Callable[[FloatArray], float]  # (windows, horizon) → number
Distance = Callable[[FloatArray, FloatArray], float]  # (days,), (paths, horizon) → number
Curve = Callable[[FloatArray], FloatArray]  # (windows, horizon) → (points,)


class InTheMean(TypedDict):
    """A part of a row."""

    models: dict[str, float]
    errors: dict[str, float]


@dataclass(frozen=True)
class Samples:
    """The samples of a comparison: the history (days,) and each model's paths (paths, horizon)."""

    real: FloatArray
    fakes: Mapping[str, FloatArray]
    seed: Seed

    @cached_property
    def horizon(self) -> int:
        """Days of the shortest path, at most those of the history.

        Real and fake returns are compared in stretches of this length.
        """
        return int(min(len(self.real), *(paths.shape[1] for paths in self.fakes.values())))

    @cached_property
    def spans(self) -> float:
        """How many times the days of the history the model with the fewest days holds."""
        return min(paths.size for paths in self.fakes.values()) / len(self.real)

    @cached_property
    def resamples(self) -> FloatArray:
        """Stationary-bootstrap resamples (resamples, days) of the history for all intervals."""
        return stationary_resamples(
            self.real, RESAMPLES, self.seed.stream("bootstrap"), block_length(self.real)
        )

    @cached_property
    def histories(self) -> FloatArray:
        """Histories (laws, histories, days) from laws that the real one allows.

        They say how far a statistic of one history lies from that of its law.
        """
        return plausible_histories(self.real, SINGLES + POOL, self.seed.stream("plausible"))

    def level(self, name: str, statistic: Level, *, scale: float = 1.0, **details: object) -> Row:
        """Compare a number that the history has and that moves in proportion to itself.

        The value of a model is the mean over sets of paths with as many days as the history.

        The interval is the wider of two. One is the spread of the number over histories of
        plausible laws (`ratio_interval`). The other holds the percentiles of block resamples, which
        see features that no volatility model has, such as days without a move.
        """
        return self._level(name, statistic, LEVEL, scale, details)

    def memory_level(self, name: str, statistic: Level, **details: object) -> Row:
        """Compare a number about memory, such as an autocorrelation.

        The median of block resamples is moved to the real value, because joints weaken memory by
        (1 − 1/mean block)^lag.
        """
        return self._level(name, statistic, MEMORY, 1.0, details)

    def location_level(
        self, name: str, statistic: Level, *, scale: float = 1.0, **details: object
    ) -> Row:
        """Compare a number whose error does not grow with it, such as a mean."""
        return self._level(name, statistic, LOCATION, scale, details)

    def distance(
        self,
        name: str,
        statistic: Distance,
        *,
        singles: int | None = None,
        **details: object,
    ) -> Row:
        """Compare by a statistic of two samples, beside its noise floor.

        The floor is the statistic of one history against many of the same law, for plausible laws.
        With fewer than 16 spans of fakes, it is that against as many days as the model has.
        A statistic that costs much takes fewer singles of each law.
        """
        floor = float(np.quantile(self.of_laws(statistic, singles or SINGLES), 0.95))
        drawn = self.values(partial(statistic, self.real))
        if self.spans < _MOST_PARTS * POOL:  # a distance from fewer days is larger
            whole = {name: statistic(self.real, paths) for name, paths in self.fakes.items()}
            drawn = InTheMean(models=whole, errors=drawn["errors"])
        row = Row(name=name, **drawn, **details)  # type: ignore[arg-type]
        return replace(row, floor=floor, perfect=0.0)

    def of_laws(self, statistic: Distance, singles: int = SINGLES) -> FloatArray:
        """Return a distance of histories from others of their law, for plausible laws."""
        alike = statistic if self.spans >= POOL else _of_fewer(statistic, max(int(self.spans), 1))
        of_each = min(singles, SINGLES)
        return distances_in_laws(alike, self.histories[:, SINGLES - of_each :], of_each)

    def values(self, statistic: Level) -> InTheMean:
        """Return a number of each model, in the mean over parts of its paths."""
        return in_the_mean(
            {name: [*map(statistic, self.parts(paths))] for name, paths in self.fakes.items()}
        )

    def parts(self, paths: FloatArray) -> list[FloatArray]:
        """Deal paths (paths, horizon) to four parts, so that the error of a number is known.

        A part holds two paths at least. Fewer paths make fewer parts.
        """
        count = max(1, min(_MOST_PARTS, len(paths) // 2))
        return [paths[first::count] for first in range(count)]

    def _level(
        self,
        name: str,
        statistic: Level,
        rule: Rule,
        scale: float,
        details: Mapping[str, object],
    ) -> Row:
        def point(windows: FloatArray) -> FloatArray:
            return np.array([statistic(windows)])

        low, high = self.limits(point, rule)
        drawn = {
            model: [scale * statistic(one) for one in self.sets(paths)]
            for model, paths in self.fakes.items()
        }
        return Row(
            name=name,
            **in_the_mean(drawn),
            real=scale * statistic(cut(self.real, self.horizon)),
            low=scale * float(low[0]),
            high=scale * float(high[0]),
            **details,  # type: ignore[arg-type]
        )

    def limits(self, curve: Curve, rule: Rule) -> tuple[FloatArray, FloatArray]:
        """Lower and upper 95 % limits of a curve of the history, each point by a rule of levels."""

        def of(series: FloatArray) -> FloatArray:
            return curve(cut(series, self.horizon))

        of_laws = np.array([[*map(of, law[:_OF_LEVELS])] for law in self.histories])
        of_resamples = np.array([*map(of, self.resamples)])
        ends = [
            self.widened(*rule.interval(real, of_laws[:, :, i], of_resamples[:, i]))
            for i, real in enumerate(of(self.real).tolist())
        ]
        return np.array(ends)[:, 0], np.array(ends)[:, 1]

    def widened(self, low: float, high: float) -> tuple[float, float]:
        """Add the noise of the model's own mean over n spans.

        The variances add up to 1 + 1/n of that of the history.
        """
        middle, half = (low + high) / 2, (high - low) / 2 * np.sqrt(1 + 1 / self.spans)
        return float(middle - half), float(middle + half)

    def sets(self, paths: FloatArray) -> FloatArray:
        """Group paths into sets (sets, windows, horizon) with as many days as the history.

        Samples of another size have other biases.
        """
        stretches, n_windows = cut(paths, self.horizon), len(self.real) // self.horizon
        n_sets = len(stretches) // n_windows
        if n_sets == 0:
            return stretches[None]
        return stretches[: n_sets * n_windows].reshape(n_sets, n_windows, self.horizon)


class Prepared:
    """A distance whose work on the paths is done once for the same paths.

    A noise floor compares several histories with one set of paths. A set is known by its place in
    memory, which it keeps while it is held here.

    Parameters
    ----------
    prepare : function from a history (days,) and paths (paths, horizon) to what the score needs
    score : function from a history (days,) and this to float
    """

    def __init__(
        self,
        prepare: Callable[[FloatArray, FloatArray], FloatArray],
        score: Callable[[FloatArray, FloatArray], float],
    ) -> None:
        self._prepare, self._score = prepare, score
        self._paths: FloatArray | None = None
        self._prepared = np.empty(0)

    def __call__(self, real: FloatArray, fake: FloatArray) -> float:
        if self._paths is None or fake.__array_interface__ != self._paths.__array_interface__:
            self._paths, self._prepared = fake, self._prepare(real, fake)
        return self._score(real, self._prepared)


class SectionMaker(ABC):
    """A maker of the rows of one section."""

    kind: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def make(self, samples: Samples) -> Section:
        """Compare. Rows that need more days are left out, with the reason."""


def cut(returns: FloatArray, horizon: int) -> FloatArray:
    """Cut series (days,) or (paths, days) into stretches (windows, horizon) without overlap.

    Shorter series stay whole.
    """
    series = np.atleast_2d(returns)
    length = min(horizon, series.shape[1])
    n_days = series.shape[1] // length * length
    return series[:, -n_days:].reshape(-1, length)  # the last stretch ends on the last day


def _of_fewer(statistic: Distance, n: int) -> Distance:
    """Use n of the resampled series in place of the fakes, since few paths are noisy themselves."""
    turn = count()
    return lambda real, fake: statistic(
        real, np.take(fake, next(turn) + np.arange(n), axis=0, mode="wrap")
    )


def in_the_mean(drawn: Mapping[str, Sequence[float] | FloatArray]) -> InTheMean:
    """Return means over independent values of each model, and their standard errors.

    One value has no error.
    """
    return {
        "models": {name: float(np.mean(values)) for name, values in drawn.items()},
        "errors": {
            name: float(np.std(values, ddof=1) / np.sqrt(len(values)))
            for name, values in drawn.items()
            if len(values) > 1
        },
    }


SECTIONS: Registry[SectionMaker] = Registry(
    "section",
    {
        "moments": Entry("simgan.report.sections.moments:Moments"),
        "quantiles": Entry("simgan.report.sections.quantiles:Quantiles"),
        "tails": Entry("simgan.report.sections.tails:Tails"),
        "distances": Entry("simgan.report.sections.distances:Distances"),
        "dependence": Entry("simgan.report.sections.dependence:Dependence"),
        "paths": Entry("simgan.report.sections.paths:Paths"),
        "utility": Entry("simgan.report.sections.utility:Utility"),
        "two-sample": Entry("simgan.report.sections.two_sample:TwoSample"),
        "novelty": Entry("simgan.report.sections.novelty:Novelty"),
    },
)


def compare(
    real: AnyFloatArray,
    fakes: Mapping[str, AnyFloatArray],
    *,
    seed: Seed | None = None,
    in_sample: bool | None = None,
    after_each: Callable[[], None] = lambda: None,
) -> Comparison:
    """Compare a history with the paths of one or more models, the judged one first.

    Parameters
    ----------
    real : array of shape (days,) or (days, 1)
        Daily log returns.
    fakes : mapping of arrays of shape (paths, horizon) or (paths, horizon, 1)
        Long-run paths of each model, best as long as the history. Shorter paths are compared
        with stretches of the history of their length, and some rows are left out. The paths of
        a model together hold at least as many days as the history. With fewer than 16 times as
        many, their own noise widens intervals and floors.
    seed : Seed, optional
        Of the resamples behind intervals and floors.
    in_sample : bool, optional
        Whether the models have learned from this history. None means that nobody knows.
    after_each : callable
        Runs after each section. An error of it ends the comparison.

    Raises
    ------
    ConfigError
        A shape is wrong, a number is not finite, or a model gives too few days or constant days.
    """
    if not fakes:
        raise ConfigError("compare", "fakes", "no model", "at least one")
    samples = Samples(
        _series(real), {name: _paths(name, paths) for name, paths in fakes.items()}, seed or Seed(0)
    )
    for name, paths in samples.fakes.items():
        if name in COLUMNS:
            raise ConfigError("compare", "name", name, "another one: it is a column of the table")
        _expect_enough(name, paths, samples)
    sections = tuple(_made(samples, after_each))
    judged = sum(row.is_judged for section in sections for row in section.rows)
    yardstick = Yardstick.of(len(samples.real), judged)
    return Comparison(
        sections,
        tuple(fakes),
        in_sample,
        yardstick=yardstick,
        days=len(samples.real),
        horizon=samples.horizon,
    )


def _made(samples: Samples, after_each: Callable[[], None]) -> Iterator[Section]:
    for name in SECTIONS:
        yield SECTIONS.build(name).make(samples)
        after_each()


def _series(real: AnyFloatArray) -> FloatArray:
    values = np.asarray(real, np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) < 100:
        raise ConfigError("compare", "real", values.shape, "(days,) with at least 100 days")
    expect_finite(values, "compare: real")
    return values


def _paths(name: str, fake: AnyFloatArray) -> FloatArray:
    values = np.asarray(fake, np.float64)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim != 2 or 0 in values.shape:
        raise ConfigError(
            "compare", name, values.shape, "(paths, horizon) or (paths, horizon, 1), none of them 0"
        )
    expect_finite(values, f"compare: {name}")
    return values


def _expect_enough(name: str, paths: FloatArray, samples: Samples) -> None:
    days = len(samples.real)
    if paths.size < days:
        raise ConfigError(
            "compare",
            name,
            f"{paths.size} days",
            f"at least the {days} days of the history; draw more or longer paths",
        )
    still = np.count_nonzero(np.ptp(samples.sets(paths), axis=(1, 2)) == 0.0)
    if still:
        raise ConfigError(
            "compare",
            name,
            f"{still} paths without variation",
            "paths that vary; the model has collapsed",
        )
