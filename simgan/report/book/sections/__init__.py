"""Family of sections about a book, in the order of the page, and the comparison of all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np

from simgan.arrays import expect_finite
from simgan.errors import ConfigError, Words
from simgan.registry import Entry, Registry
from simgan.report.book.samples import AssetSamples, BookSamples
from simgan.report.book.words import OWN
from simgan.report.sections import FEWEST, SECTIONS
from simgan.report.verdict import Comparison, Section
from simgan.report.yardstick import Yardstick


class BookSectionMaker(ABC):
    """A maker of the rows of one section about several assets together."""

    kind: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def make(self, samples: BookSamples) -> Section:
        """Compare. Rows that need more days are left out, with the reason."""


SECTIONS_OF_BOOKS: Registry[BookSectionMaker] = Registry(
    "section of books",
    {
        "correlations": Entry("simgan.report.book.sections.correlations:Correlations"),
        "joint-tails": Entry("simgan.report.book.sections.joint_tails:JointTails"),
        "joint-volatility": Entry("simgan.report.book.sections.joint_volatility:JointVolatility"),
        "portfolios": Entry("simgan.report.book.sections.portfolios:OfPortfolios"),
        "day-vectors": Entry("simgan.report.book.sections.day_vectors:DayVectors"),
    },
)
# Of the report on one asset: those that are important, and cost little for each of many
OF_AN_ASSET = ("moments", "quantiles", "tails", "dependence")


def compare(
    samples: BookSamples, in_sample: bool | None, after_each: Callable[[], None] = lambda: None
) -> Comparison:
    """Make all sections about the assets together.

    Parameters
    ----------
    samples : BookSamples
    in_sample : bool, optional
        Whether the models have learned from this history. None means that nobody knows.
    after_each : callable
        Runs after each section. An error of it ends the comparison.

    Raises
    ------
    ConfigError
        There are too few days, a model gives paths of another shape, or a number is not finite.
    """
    expect_alike(samples)
    sections = []
    for name in SECTIONS_OF_BOOKS:
        sections.append(SECTIONS_OF_BOOKS.build(name).make(samples))
        after_each()
    sections = [part for section in sections for part in _own_apart(section)]
    counted = [section for section in sections if section.has_rival]
    judged = sum(row.is_judged for section in counted for row in section.rows)
    return Comparison(
        tuple(sections),
        tuple(samples.fakes),
        in_sample,
        yardstick=Yardstick.together(len(samples.real), judged),
        days=len(samples.real),
        horizon=samples.horizon,
        spans=samples.spans,
    )


def _own_apart(section: Section) -> list[Section]:
    """Put rows of the user's own shares into a section that is in no count.

    Otherwise the verdict on a model would hang on the shares that its user happens to hold.
    """
    own = tuple(row for row in section.rows if row.name.startswith(OWN))
    if not own:
        return [section]
    others = tuple(row for row in section.rows if not row.name.startswith(OWN))
    title = "Your portfolio, in no count"
    return [replace(section, rows=others), Section("own-shares", title, own, has_rival=False)]


def compare_asset(
    samples: BookSamples, column: int, models: tuple[str, ...], in_sample: bool | None
) -> Comparison:
    """Compare one asset of a book by itself. A history that is too short has no section."""
    of_asset = AssetSamples.of(samples, column, models)
    days = len(of_asset.real)
    made = (
        tuple(SECTIONS.build(kind).make(of_asset) for kind in OF_AN_ASSET) if days >= FEWEST else ()
    )
    return Comparison(
        made, models, in_sample, days=days, horizon=of_asset.horizon, spans=of_asset.spans
    )


def expect_alike(samples: BookSamples) -> None:
    """Refuse histories that are too short, and paths that do not fit them.

    Raises
    ------
    ConfigError
    """
    days, assets = samples.real.shape
    if not samples.fakes:
        raise ConfigError("compare", "models", Words("no model"), "at least one")
    if days < FEWEST or assets < 2 or not len(samples.pairs()[0]):
        allowed = f"{FEWEST} days or more that two assets have in common"
        raise ConfigError("compare", "history", Words(samples.real.shape), allowed)
    for name, paths in samples.fakes.items():
        if paths.ndim != 3 or paths.shape[1:] != (days, assets) or not len(paths):
            allowed = f"(paths, {days}, {assets}), as the history has, at least one"
            raise ConfigError("compare", name, Words(paths.shape), allowed)
        expect_finite(paths, f"compare: {name}")
        if (np.ptp(paths, axis=1) == 0).any():
            allowed = "paths that vary; the model has collapsed"
            raise ConfigError("compare", name, Words("paths without variation"), allowed)
