"""Family of sections of a report, in the order of the page.

`compare` makes all sections of a real history and models' paths.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError
from simgan.registry import Entry, Registry
from simgan.report.ranged import RangedSamples, Shapes
from simgan.report.samples import Samples
from simgan.report.verdict import COLUMNS, MARKED, Comparison, Section
from simgan.report.yardstick import Yardstick
from simgan.seeds import Seed


class SectionMaker(ABC):
    """A maker of the rows of one section."""

    kind: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def make(self, samples: Samples) -> Section:
        """Compare. Rows that need more days are left out, with the reason."""


FEWEST = 100  # days of a history that can be compared

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
SECTIONS_OF_RANGES: Registry[SectionMaker] = Registry(
    "section of ranges", {"ranges": Entry("simgan.report.sections.ranges:Ranges")}
)  # of days with shapes. No baseline has a part in them, and no count.


def compare(
    real: AnyFloatArray,
    fakes: Mapping[str, AnyFloatArray],
    *,
    seed: Seed | None = None,
    in_sample: bool | None = None,
    after_each: Callable[[], None] = lambda: None,
    shapes: Shapes | None = None,
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
    shapes : Shapes, optional
        Of the days of the history, and of the models whose days have some.

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
        expect_free(name)
        _expect_enough(name, paths, samples)
    sections = [*_made(SECTIONS, samples, after_each)]
    judged = sum(row.is_judged for section in sections for row in section.rows)
    yardstick = Yardstick.of(len(samples.real), judged)
    if shapes is not None:
        sections += _made(SECTIONS_OF_RANGES, RangedSamples.of(samples, shapes), after_each)
    return Comparison(
        tuple(sections),
        tuple(fakes),
        in_sample,
        yardstick=yardstick,
        days=len(samples.real),
        horizon=samples.horizon,
        spans=samples.spans,
    )


def expect_free(name: str) -> None:
    """Refuse a model with the name of a column of the tables.

    Raises
    ------
    ConfigError
    """
    if name in COLUMNS or name.endswith(MARKED):
        raise ConfigError("compare", "name", name, "another one: it is a column of the table")


def _made(
    makers: Registry[SectionMaker], samples: Samples, after_each: Callable[[], None]
) -> Iterator[Section]:
    for name in makers:
        yield makers.build(name).make(samples)
        after_each()


def _series(real: AnyFloatArray) -> FloatArray:
    values = np.asarray(real, np.float64)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) < FEWEST:
        raise ConfigError("compare", "real", values.shape, f"(days,) with at least {FEWEST} days")
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
