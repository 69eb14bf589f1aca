"""Samples of days with their ranges: a history and the models whose days have shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgan.arrays import FloatArray, expect_finite
from simgan.baselines.plausible import plausible_shapes
from simgan.errors import ConfigError
from simgan.market.shapes import PARTS, range_variance
from simgan.readable import ByValue
from simgan.report.samples import DAYS_PER_LAG, MOST_LAGS, RESAMPLES, SINGLES, Samples
from simgan.stats.intervals import block_length, stationary_resamples
from simgan.stats.ranges import RANGE, VARIANCE, known, total_memory


@dataclass(frozen=True, eq=False)
class Shapes(ByValue):
    """Shapes of the days of a history, and of the paths of models.

    Attributes
    ----------
    real : array of shape (days, 3)
        Gap, upper and lower of each day (`simgan.market.shapes`). NaN where a day shows no range.
    fakes : mapping of arrays of shape (paths, horizon, 3)
        By model. Models that make closes alone are left out.
    """

    real: FloatArray
    fakes: Mapping[str, FloatArray]

    def only(self, models: Iterable[str]) -> Shapes:
        """Return the same history with these models."""
        return Shapes(self.real, {name: self.fakes[name] for name in models if name in self.fakes})


@dataclass(frozen=True)
class RangedSamples(Samples):
    """Samples whose days are vectors (…, 5) of `simgan.stats.ranges`.

    Attributes
    ----------
    of_returns : Samples
        The same history and paths by their returns.
    shapes : array of shape (days, 3)
        Of the history.
    """

    of_returns: Samples
    shapes: FloatArray

    @classmethod
    def of(cls, samples: Samples, shapes: Shapes) -> RangedSamples:
        """Join returns and shapes.

        Raises
        ------
        ConfigError
            Shapes are not those of the returns, or those of a model are not finite.
        """
        real = _days("real", samples.real, shapes.real)
        fakes = {}
        for name, parts in shapes.fakes.items():
            fakes[name] = _days(name, samples.fakes[name], parts)
            expect_finite(fakes[name], f"shapes: {name}")
        return cls(real, fakes, samples.seed, samples, shapes.real)

    @cached_property
    def resamples(self) -> FloatArray:
        """Block resamples (resamples, days, 5), in blocks that the memory of ranges needs."""
        numbers = stationary_resamples(
            np.arange(len(self.real), dtype=np.float64),
            RESAMPLES,
            self.seed.stream("bootstrap"),
            block_length(known(self.real)[:, RANGE]),
        )
        return self.real[numbers.astype(np.intp)]

    @cached_property
    def histories(self) -> FloatArray:
        """Histories (laws, histories, days, 5) of the laws that the returns allow, with shapes.

        Real ranges remember longer than those of the laws, so that a history says less about the
        level of its law. Each history gets a level of its own, with the variance that is missing.
        """
        histories = self.of_returns.histories
        rng = self.seed.stream("plausible", 1)
        shapes = plausible_shapes(self.of_returns.real, self.shapes, histories, rng)
        days = days_of(histories, shapes)
        levels = np.exp(self._missing(days) * rng.standard_normal(days.shape[:2]))[..., None]
        days[..., VARIANCE] *= levels
        days *= levels[..., None]
        return days

    def _missing(self, days: FloatArray) -> float:
        """Return the deviation of log levels that histories of the laws lack, by their memory."""
        lags = min(MOST_LAGS, len(self.real) // DAYS_PER_LAG)
        own = total_memory(self.real[None], lags)
        of_laws = np.mean([total_memory(law[:SINGLES], lags) for law in days])
        levels = np.log(np.nanmean(days[..., RANGE], axis=-1))  # (laws, histories)
        apart = np.square(levels - levels.mean(axis=1, keepdims=True)).mean()
        return float(np.sqrt(apart * max(own / of_laws - 1.0, 0.0)))


def _days(name: str, log_returns: FloatArray, shapes: FloatArray) -> FloatArray:
    if shapes.shape != (*log_returns.shape, PARTS):
        expected = (*log_returns.shape, PARTS)
        raise ConfigError("shapes", name, shapes.shape, f"{expected}, as the log returns have")
    return days_of(log_returns, np.asarray(shapes, np.float64))


def days_of(log_returns: FloatArray, shapes: FloatArray) -> FloatArray:
    """Return days (…, 5): return, range, range variance, gap, and low over the close before.

    With the parts of a shape (`simgan.market.shapes`) and the body b = x − γ of a log return x, the
    range is |b| + u + d. The low over the close before is γ + min(b, 0) − d.

    Parameters
    ----------
    log_returns : array of shape (…)
    shapes : array of shape (…, 3)
        Gap, upper and lower. NaN where a day has none.
    """
    gap, upper, lower = np.moveaxis(shapes, -1, 0)
    body = log_returns - gap
    parts = (
        log_returns,
        np.abs(body) + upper + lower,
        range_variance(log_returns, shapes),
        gap,
        gap + np.minimum(body, 0) - lower,
    )
    return np.stack(parts, axis=-1)
