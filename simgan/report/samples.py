"""Samples of a comparison: a history, the paths of models, and the rows that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import count
from typing import TypedDict

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines.plausible import plausible_histories
from simgan.report.verdict import Row
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
MOST_LAGS, DAYS_PER_LAG = 250, 4  # a stretch must hold so many times the largest lag
OF_LEVELS = 8  # histories of each plausible law behind an interval
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
    """The samples of a comparison: the history (days,) and each model's paths (paths, horizon).

    A day may be a vector of numbers, on a last axis of all arrays (`simgan.report.ranged`).
    """

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
        days = [len(paths) * paths.shape[1] for paths in self.fakes.values()]
        return float(min(days) / len(self.real))

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
        With fewer than 16 spans of fakes, it is that against as many days as the model has. From 64
        spans on, the value of a model is the mean over four parts of its paths.
        A statistic that costs much takes fewer singles of each law.
        """
        floor = float(np.quantile(self.of_laws(statistic, singles or SINGLES), 0.95))
        drawn = self.values(partial(statistic, self.real), POOL)
        row = Row(name=name, **drawn, **details)  # type: ignore[arg-type]
        return replace(row, floor=floor, perfect=0.0)

    def of_laws(self, statistic: Distance, singles: int = SINGLES) -> FloatArray:
        """Return a distance of histories from others of their law, for plausible laws.

        The others are 16, or as few as the spans of the model with the fewest days.
        """
        alike = statistic if self.spans >= POOL else _of_fewer(statistic, max(int(self.spans), 1))
        of_each = min(singles, SINGLES)
        return distances_in_laws(alike, self.histories[:, SINGLES - of_each :], of_each)

    def values(self, statistic: Level, least: float = 0.0) -> InTheMean:
        """Return a number of each model, in the mean over parts of its paths, and its error.

        A number that is larger for fewer days needs parts with `least` spans of the history. Where
        they have fewer, it is that of all paths, and the error is still that of the parts.
        """
        drawn = in_the_mean(
            {name: [*map(statistic, self.parts(paths))] for name, paths in self.fakes.items()}
        )
        if self.spans >= _MOST_PARTS * least:
            return drawn
        whole = {name: statistic(paths) for name, paths in self.fakes.items()}
        return InTheMean(models=whole, errors=drawn["errors"])

    def parts(self, paths: FloatArray) -> list[FloatArray]:
        """Deal paths (paths, horizon) to four parts, so that the error of a number is known.

        A part holds two paths at least, and fewer paths make fewer parts. One path is one part.
        """
        count = max(1, min(_MOST_PARTS, len(paths) // 2))
        return [paths[first::count] for first in range(count)]

    def parts_and_others(self, paths: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
        """Return each part with the paths outside of it. Two or three paths make halves."""
        parts = self.parts(paths)
        if len(parts) == 1:
            half = len(paths) // 2
            return [(paths[:half], paths[half:])]
        which = np.arange(len(paths)) % len(parts)
        return [(part, paths[which != number]) for number, part in enumerate(parts)]

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
            real=scale * statistic(cut(self.real[None], self.horizon)),
            low=scale * float(low[0]),
            high=scale * float(high[0]),
            **details,  # type: ignore[arg-type]
        )

    def limits(self, curve: Curve, rule: Rule) -> tuple[FloatArray, FloatArray]:
        """Lower and upper 95 % limits of a curve of the history, each point by a rule of levels."""

        def of(series: FloatArray) -> FloatArray:
            return curve(cut(series[None], self.horizon))

        of_laws = np.array([[*map(of, law[:OF_LEVELS])] for law in self.histories])
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
        """Group paths into sets (sets, windows, horizon) of as many stretches as the history has.

        Samples of another size have other biases.
        """
        stretches = cut(paths, self.horizon)
        n_windows = stretches_of(len(self.real), self.horizon)
        n_sets = len(stretches) // n_windows
        if n_sets == 0:
            return stretches[None]
        shape = (n_sets, n_windows, *stretches.shape[1:])
        return stretches[: n_sets * n_windows].reshape(shape)


class Prepared:
    """A distance whose work on the paths is done once for the same paths.

    A noise floor compares several histories with one set of paths. A set is known by its place in
    memory, which it keeps while it is held here.

    Parameters
    ----------
    prepare : function from a history (days,) and paths (paths, horizon) to an array
    score : function from a history (days,) and this array to float
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


def cut(returns: FloatArray, horizon: int) -> FloatArray:
    """Cut series (days,) or (paths, days, …) into stretches (windows, horizon, …).

    All days are in some. They are as few as can be and lie evenly, and overlap where the days are
    no multiple of the horizon: without overlap, up to a half of the history would be left out.
    Shorter series stay whole.
    """
    series = np.atleast_2d(returns)
    days, length = series.shape[1], min(horizon, series.shape[1])
    if days % length == 0:
        return series.reshape(-1, length, *series.shape[2:])
    starts = np.linspace(0, days - length, stretches_of(days, length)).astype(np.intp)
    stretches = np.stack([series[:, s : s + length] for s in starts], axis=1)
    return stretches.reshape(-1, *stretches.shape[2:])


def stretches_of(days: int, horizon: int) -> int:
    """Return the number of stretches of a series."""
    return -(-days // min(horizon, days))


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
