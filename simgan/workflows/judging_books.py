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
from simgan.report.book.judged import BookJudgement
from simgan.report.book.portfolios import Portfolios
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections import SECTIONS_OF_BOOKS, compare, compare_asset
from simgan.report.risk.results import JOINT_REFERENCE
from simgan.report.verdict import COPIES, Comparison, Verdict, verdict
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.judging import PATHS, doubts_about, expect_enough

RIVALS = (JOINT_REFERENCE, "gjr-fhs-vectors", "stationary-bootstrap")
_AT_ONCE = 500  # days of long-run paths whose noise is in memory


class Histories(NamedTuple):
    """The history that a model learned from, and another one to judge on, if there is one."""

    learned_from: History
    against: History | None = None


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
    history, manifest = histories.against or histories.learned_from, bundle.manifest
    expect_enough(manifest.name, history)
    steps = _BookSteps(len(manifest.assets), stop or Stop(), progress)
    model, seed = Model(bundle), Seed(manifest.recipe.seed)
    fakes = {model.kind: long_run_together(model, len(history), seed, n_paths, steps.stop)}
    steps.next()
    fitted, unusable = _fitted(histories.learned_from, steps.next)
    for name, rival in fitted.items():
        paths = rival.simulate_long_run(len(history), seed, 0, n_paths)
        fakes[name] = paths.astype(np.float32)
        steps.next()
    samples = BookSamples(
        history.log_returns,
        fakes,  # type: ignore[arg-type]  # in float32, which is half of the memory
        Seed(),
        manifest.assets,
        portfolios,
    )
    in_sample = histories.against is None
    compared = compare(samples, in_sample, steps.next)
    doubts = {model.kind: doubts_about(manifest)}
    comparison = replace(compared, unusable=unusable, doubts=doubts)
    told = joint_verdict(comparison)
    beside = (model.kind, *((told.against,) if told.against else ()))
    assets = {}
    for column, asset in enumerate(manifest.assets):
        assets[asset] = compare_asset(samples, column, beside, in_sample)
        steps.next()
    return BookJudgement(samples, comparison, told, assets)


def joint_verdict(comparison: Comparison) -> Verdict:
    """Return the verdict on the first model against the joint rival, by the rule for one asset.

    Where the rival cannot be used, the best of the other baselines takes its place.
    """
    if JOINT_REFERENCE not in comparison.models:
        return verdict(comparison)
    kept = (*comparison.judged, JOINT_REFERENCE, *COPIES)
    beside = tuple(name for name in comparison.models if name in kept)
    return verdict(replace(comparison, models=beside))


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

    def __init__(self, assets: int, stop: Stop, progress: Progress) -> None:
        self.stop = stop
        self._progress = progress
        self._done = 0
        self._total = 1 + 2 * len(RIVALS) + len(SECTIONS_OF_BOOKS) + assets

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
