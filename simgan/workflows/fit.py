"""Fit: from prices to a trained model on disk, with its verdict against the baselines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle, write_bundle
from simgan.errors import TrainingDiverged, WriteError
from simgan.files import expect_writable, no_empty_folders
from simgan.market.price_cache import Download
from simgan.progress import SILENT, Progress, Stop
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.report.training import training_verdict
from simgan.report.verdict import Aspect, of_paths
from simgan.sampling.long_run import spread_out
from simgan.stats.training.verdict import TrainingVerdict
from simgan.workflows.held_out import forecast_aspects
from simgan.workflows.judge import Judgement, judge
from simgan.workflows.prices import PriceOrder, Say
from simgan.workflows.regimes import number_of, recovered, regimes_of
from simgan.workflows.train import Assignment, train
from simgan.workspace import Workspace, safe_name

VERDICT_PATHS = 100


@dataclass(frozen=True, kw_only=True)
class FitRequest:
    """What `simgan fit` was asked for; the fields are the options of the command."""

    ticker: str
    workspace: Workspace
    prices: Path | None = None
    source: str = "yahoo"
    column: str = ""
    start: str | None = None
    end: str | None = None
    name: str | None = None
    architecture: str = "state-space"
    objective: str = "relativistic"
    preset: str = "standard"
    settings: Mapping[str, str] = field(default_factory=dict)
    regimes: int = 0
    labels: Path | None = None
    condition: str = "cgan"
    seed: int = 0
    device: str = "auto"
    resume: bool = False
    tensorboard: Path | None = None
    download: Download = Download.IF_MISSING

    @property
    def model_name(self) -> str:
        """Name of the model in the workspace."""
        return safe_name(self.name or self.ticker)

    @property
    def price_order(self) -> PriceOrder:
        """Where the prices come from, and which part of them."""
        return PriceOrder(
            ticker=self.ticker,
            file=self.prices,
            source=self.source,
            column=self.column,
            start=self.start,
            end=self.end,
            download=self.download,
        )

    @property
    def recipe(self) -> Recipe:
        """The typed settings of the training.

        Raises
        ------
        UnknownNameError, ConfigError
            A name is unknown or a value out of range.
        """
        asked = {
            "preset": self.preset,
            "seed": self.seed,
            "architecture": self.architecture,
            "objective": self.objective,
            "regimes": number_of(self.regimes, self.labels),
            "condition": self.condition,
        }
        return Recipe.parse(overlaid(asked, nested(self.settings)))


@dataclass(frozen=True)
class Fitted:
    """What a fit gave: manifest, where the model lies, judgement against the baselines, verdict by aspect, and verdict on the training."""

    manifest: Manifest
    path: Path
    judgement: Judgement
    aspects: tuple[Aspect, ...]
    training: TrainingVerdict

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of ``simgan fit --json``."""
        data, manifest = self.manifest.data, self.manifest
        return {
            "model": manifest.name,
            "path": str(self.path),
            "data": {
                "first": data.first,
                "last": data.last,
                "days": data.days,
                "sha256": data.sha256,
            },
            "seconds": round(manifest.seconds, 1),
            "verdict": manifest.verdict,
        }


def fit(
    request: FitRequest,
    say: Say = lambda _: None,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> Fitted:
    """Fit a model and write it to the workspace, whole or not at all.

    Raises
    ------
    SimganError
        Of any kind: settings, prices, training, writing.
    """
    recipe, order = request.recipe, request.price_order
    history = order.history(request.workspace, recipe.training.least_days, say)
    say(
        f"{request.model_name}: {len(history)} daily log returns, {history.day(0)} to {history.day(-1)}; loading TensorFlow"
    )
    folder = request.workspace.model(request.model_name)
    expect_writable(folder.parent)
    if request.tensorboard is not None:
        expect_writable(request.tensorboard)
    task = Assignment(
        name=request.model_name,
        history=history,
        source=order.record(),
        checkpoint=request.workspace.checkpoint(request.model_name),
        events=request.tensorboard,
        regimes=regimes_of(history, request.regimes, request.labels, recipe.training.ahead),
        device=request.device,
    )
    with no_empty_folders(folder.parent), _kept_until_over(task.checkpoint):
        learned = train(recipe, task, progress, stop, resume=request.resume)
        spread = spread_out(learned.bundle)
        say("comparing with the baselines")
        judgement = judge(spread, history, VERDICT_PATHS)
        forecasts = forecast_aspects(learned.selected, history, learned.first_held_out)
        aspects = tuple([*of_paths(judgement.comparison, judgement.verdict), *forecasts])
        training = training_verdict(spread.training, spread.manifest.chosen_step)
        more: dict[str, Any] = {
            "aspects": [aspect.to_json() for aspect in aspects],
            "training": training.to_json(),
        }
        if regimes := recovered(spread, history):
            more["regimes"] = regimes
        bundle = _with_verdict(spread, judgement.verdict.to_json() | more)
        write_bundle(bundle, folder)
    return Fitted(bundle.manifest, folder, judgement, aspects, training)


@contextmanager
def _kept_until_over(checkpoint: Path) -> Iterator[None]:
    """Remove the checkpoint when the model is written, or when training has diverged.

    Whatever else ends a fit leaves it: Ctrl-C, a kill, a full disk.

    Raises
    ------
    WriteError
        The sentence says how to continue, if there is a checkpoint to continue from.
    """
    try:
        yield
    except TrainingDiverged:
        shutil.rmtree(checkpoint, ignore_errors=True)
        raise
    except WriteError as error:
        if not checkpoint.exists():
            raise
        raise WriteError(
            f"{error}. The training so far is kept; the same command with --resume continues it"
        ) from error
    shutil.rmtree(checkpoint, ignore_errors=True)


def _with_verdict(bundle: Bundle, verdict: dict[str, Any]) -> Bundle:
    return replace(bundle, manifest=replace(bundle.manifest, verdict=verdict))
