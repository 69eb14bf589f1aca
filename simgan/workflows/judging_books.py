"""Judging of books: long-run paths of several assets beside those of the joint baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simgan.arrays import Float32Array
from simgan.baselines import BASELINES, FittedBaseline
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, TrainingError
from simgan.market.history import History
from simgan.market.panel import on_common_days
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.report.aspects import forecasts_in
from simgan.report.book.judged import BookJudgement
from simgan.report.book.portfolios import Portfolios
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections import SECTIONS_OF_BOOKS, compare, compare_asset
from simgan.report.risk.results import JOINT_REFERENCE
from simgan.report.verdict import Comparison, verdict
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.judging import PATHS, doubts_about, expect_enough

RIVALS = (JOINT_REFERENCE, "gjr-fhs-vectors", "stationary-bootstrap")
_AT_ONCE = 480  # days of long-run paths whose noise is in memory, eight blocks


class Histories(NamedTuple):
    """The history that a model learned from, and another one to judge on, if there is one."""

    learned_from: History
    against: History | None = None


class BookContestant(NamedTuple):
    """A model of several assets, and whether it has learned from the history that judges it."""

    bundle: Bundle
    has_learned: bool


def judge_book(
    bundle: Bundle,
    histories: Histories,
    portfolios: Portfolios,
    n_paths: int = PATHS,
    stop: Stop | None = None,
    progress: Progress = SILENT,
) -> BookJudgement:
    """Compare long-run paths of several assets with their history, or with another one.

    The baselines are fitted to the days of the history that the model learned from on which all
    assets traded. One that cannot be fitted is named as unusable and not compared.

    Raises
    ------
    PriceError
        The history is too short to judge on.
    """
    own = {Model(bundle).kind: BookContestant(bundle, histories.against is None)}
    return judge_books(own, histories, portfolios, n_paths, stop, progress)


def judge_books(
    contestants: Mapping[str, BookContestant],
    histories: Histories,
    portfolios: Portfolios,
    n_paths: int = PATHS,
    stop: Stop | None = None,
    progress: Progress = SILENT,
) -> BookJudgement:
    """Compare paths of several models, by name, with a history of the same assets, as `judge_book`.

    Raises
    ------
    PriceError
        The history is too short to judge on.
    ConfigError
        A model has the name of a baseline.
    """
    history = histories.against or histories.learned_from
    expect_enough(next(iter(contestants.values())).bundle.manifest.name, history)
    if clash := set(contestants).intersection(RIVALS):
        raise ConfigError("compare", "names", ", ".join(clash), "no names of baselines")
    steps = _BookSteps(len(contestants), len(history.assets), stop or Stop(), progress)
    fakes = {}
    for name, one in contestants.items():
        fakes[name] = _paths_of(one.bundle, history, n_paths, steps.stop)
        steps.next()
    fitted, unusable = _fitted(histories.learned_from, steps.next)
    for name, rival in fitted.items():
        paths = rival.simulate_long_run(len(history), _seed_of(contestants), 0, n_paths)
        fakes[name] = paths.astype(np.float32)
        steps.next()
    samples = BookSamples(
        history.log_returns,
        fakes,  # type: ignore[arg-type]  # in float32, which is half of the memory
        Seed(),
        history.assets,
        portfolios,
    )
    learned = {name: one.has_learned for name, one in contestants.items()}
    whole = _side_by_side(compare(samples, next(iter(learned.values())), steps.next), learned)
    doubts = {name: doubts_about(one.bundle.manifest) for name, one in contestants.items()}
    forecasts = {
        name: forecasts_in(one.bundle.manifest.verdict) for name, one in contestants.items()
    }
    comparison = replace(whole, unusable=unusable, doubts=doubts, forecasts=forecasts)
    told = verdict(comparison)
    models = (*contestants, *((told.against,) if told.against else ()))
    assets = {}
    for column, asset in enumerate(history.assets):
        alone = compare_asset(samples, column, models, whole.in_sample)
        assets[asset] = _side_by_side(alone, learned)
        steps.next()
    return BookJudgement(samples, comparison, told, assets)


def _paths_of(bundle: Bundle, history: History, n: int, stop: Stop) -> Float32Array:
    """Return long-run paths (n, days, assets) of a model, as long as a history of its assets.

    The assets stand in the order of the history.
    """
    model, seed = Model(bundle), Seed(bundle.manifest.recipe.seed)
    paths = long_run_together(model, len(history), seed, n, stop)
    columns = [bundle.manifest.assets.index(asset) for asset in history.assets]
    return paths if columns == sorted(columns) else paths[..., columns]


def _seed_of(contestants: Mapping[str, BookContestant]) -> Seed:
    """Return the seed of the baselines' paths: that of the first model."""
    return Seed(next(iter(contestants.values())).bundle.manifest.recipe.seed)


def _side_by_side(comparison: Comparison, learned: Mapping[str, bool]) -> Comparison:
    """Judge all models of a comparison, beside the joint rival where it can be used.

    Elsewhere the best of the other baselines takes its place.
    """
    rival = JOINT_REFERENCE if JOINT_REFERENCE in comparison.models else ""
    return replace(comparison, beside=tuple(learned)[1:], learned=learned, rival=rival)


def long_run_together(
    model: Model, days: int, seed: Seed, n: int, stop: Stop | None = None
) -> Float32Array:
    """Draw n long-run paths (n, days, assets) of a model of several assets.

    They are not the scenarios of `simgan sample`, of which 2,048 are computed at a time.
    """
    runtime, pool = model.runtime, model.bundle.pool
    replicas = runtime.blueprint.replicas
    own = model.seed_of(seed)
    states = own.stream("report").integers(len(pool) // replicas, size=n)
    memory = pool[states * replicas + np.arange(n) % replicas]
    parts = []
    for number, first in enumerate(range(0, days, _AT_ONCE)):
        if stop is not None:
            stop.check()
        shape = (min(_AT_ONCE, days - first), n, runtime.blueprint.latent)
        noise = own.stream("report", 1 + number).standard_normal(shape, dtype=np.float32)
        scaled, memory = runtime.roll(memory, noise)
        parts.append(model.unscaled(scaled, np.float32))
    return np.concatenate(parts, axis=1)


class _BookSteps:
    """The steps of a judgement: draws, fits, sections, and each asset."""

    def __init__(self, models: int, assets: int, stop: Stop, progress: Progress) -> None:
        self.stop = stop
        self._progress = progress
        self._done = 0
        self._total = models + 2 * len(RIVALS) + len(SECTIONS_OF_BOOKS) + assets

    def next(self) -> None:
        """Tell that a step is done. Here the work can be stopped."""
        self.stop.check()
        self._done += 1
        self._progress.step(Step("judging beside the joint baselines", self._done, self._total))


def _fitted(
    history: History, after_each: Callable[[], None]
) -> tuple[Mapping[str, FittedBaseline], Mapping[str, str]]:
    """Fit the joint baselines to the days on which all assets trade."""
    whole = on_common_days(history).log_returns
    fitted: dict[str, FittedBaseline] = {}
    unusable: dict[str, str] = {}
    for name in RIVALS:
        try:
            fitted[name] = BASELINES.build(name).fit(whole)
        except (ConfigError, TrainingError) as error:
            unusable[name] = str(error)
        after_each()
    return fitted, unusable
