"""Fit: from prices to a trained model on disk, with its verdict against the baselines."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from simgan.bundle.blueprints import BLUEPRINTS, StateSpace
from simgan.bundle.manifest import DataFacts, Manifest
from simgan.bundle.store import Bundle, write_bundle
from simgan.errors import ConfigError, TrainingDiverged, UnknownNameError, WriteError
from simgan.files import expect_writable, no_empty_folders
from simgan.market.history import History, history_of
from simgan.market.price_cache import Download, PriceCache
from simgan.market.scalings.standard import Standard
from simgan.market.sources import SOURCES
from simgan.market.sources.base import PriceSource
from simgan.provenance import library_versions
from simgan.registry import build, record
from simgan.seeds import Seed
from simgan.workflows.judge import Judgement, judge
from simgan.workspace import Workspace, safe_name

Say = Callable[[str], None]
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
    seed: int = 0
    device: str = "auto"
    resume: bool = False
    download: Download = Download.IF_MISSING

    @property
    def model_name(self) -> str:
        """Name of the model in the workspace."""
        return safe_name(self.name or self.ticker)

    @property
    def price_source(self) -> PriceSource:
        """The source that the options name.

        Raises
        ------
        ConfigError
            A column was named for a source that has only one.
        """
        if self.prices is not None:
            return SOURCES.build("price_file", {"path": str(self.prices), "column": self.column})
        if self.column:
            raise ConfigError("fit", "column", self.column, "left out without --prices: downloads always give the adjusted close")
        return SOURCES.build(self.source)


@dataclass(frozen=True)
class Fitted:
    """What a fit gave: the manifest, where the model lies, and the judgement against the baselines."""

    manifest: Manifest
    path: Path
    judgement: Judgement

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of ``simgan fit --json``."""
        data, manifest = self.manifest.data, self.manifest
        return {
            "model": manifest.name,
            "path": str(self.path),
            "data": {"first": data.first, "last": data.last, "days": data.days, "sha256": data.sha256},
            "seconds": round(manifest.seconds, 1),
            "verdict": self.judgement.verdict.to_json(),
        }


@dataclass(frozen=True)
class Plan:
    """The typed settings of a fit, read from the request's text."""

    blueprint: StateSpace
    objective: Any
    training: Any


def plan(request: FitRequest) -> Plan:
    """Turn preset and ``--set`` options into typed settings: plain keys are training's, others have a prefix.

    Raises
    ------
    UnknownNameError, ConfigError
        A name is unknown or a value out of range.
    """
    from simgan.gan.objectives import OBJECTIVES
    from simgan.gan.settings import TrainingSettings, preset, training_fields

    parts: dict[str, dict[str, Any]] = {"training": dict(preset(request.preset)), "architecture": {}, "objective": {}}
    for key, value in request.settings.items():
        room, _, name = key.rpartition(".")
        if (room or "training") not in parts:
            raise UnknownNameError("setting", key, training_fields(), "`simgan fit --list-settings` shows all of them")
        parts[room or "training"][name] = value
    return Plan(
        BLUEPRINTS.build(request.architecture, parts["architecture"]),
        OBJECTIVES.build(request.objective, parts["objective"]),
        build(TrainingSettings, parts["training"]),
    )


def fit(request: FitRequest, say: Say = lambda _: None, listener: Callable[[Any], None] = lambda _: None) -> Fitted:
    """Fit a model and write it to the workspace, whole or not at all.

    Raises
    ------
    SimganError
        Of any kind: settings, prices, training, writing.
    """
    planned = plan(request)
    history = read_history(request, planned.training.least_days, say)
    say(f"{request.model_name}: {len(history)} daily log returns, {_day(history, 0)} to {_day(history, -1)}; loading TensorFlow")
    folder = request.workspace.model(request.model_name)
    expect_writable(folder.parent)
    with no_empty_folders(folder.parent), _checkpoint_removed(request):
        bundle = _train(request, planned, history, listener)
        say("comparing with the baselines")
        judgement = judge(bundle, history, VERDICT_PATHS)
        bundle = _with_verdict(bundle, judgement)
        write_bundle(bundle, folder)
    return Fitted(bundle.manifest, folder, judgement)


def read_history(request: FitRequest, least_days: int, say: Say) -> History:
    """Fetch the prices of a request and turn them into log returns; notes about the data are said."""
    prices = PriceCache(request.workspace, request.download).fetch(request.price_source, request.ticker)
    for note in prices.notes:
        say(f"{request.ticker}: {note}")
    return history_of(prices.between(request.start, request.end), least_days)


@contextmanager
def _checkpoint_removed(request: FitRequest) -> Iterator[None]:
    """Leave no checkpoint behind when training is over or has failed; one that was interrupted or refused stays."""
    try:
        yield
    except (TrainingDiverged, WriteError):
        shutil.rmtree(request.workspace.checkpoint(request.model_name), ignore_errors=True)
        raise
    shutil.rmtree(request.workspace.checkpoint(request.model_name), ignore_errors=True)


def _train(request: FitRequest, planned: Plan, history: History, listener: Callable[[Any], None]) -> Bundle:
    from simgan.gan.architectures import ARCHITECTURES
    from simgan.gan.checkpoint import Checkpoint
    from simgan.gan.device import use_device
    from simgan.gan.series import TrainingSeries
    from simgan.gan.training import Training

    device, seed = use_device(request.device), Seed(request.seed)
    scaling = Standard.fit(history.log_returns)
    scaled = scaling.apply(history.log_returns)[:, 0].astype(np.float32)
    series = TrainingSeries(scaled, planned.blueprint.memory, planned.training)
    checkpoint = Checkpoint(request.workspace.checkpoint(request.model_name), _identity(request, planned, history))
    generator = ARCHITECTURES.load(request.architecture)(planned.blueprint, seed)
    trained = Training(generator, planned.objective, series, seed).run(checkpoint, listener, resume=request.resume)
    manifest = Manifest(
        name=request.model_name,
        assets=history.assets,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        blueprint=planned.blueprint,
        scaling=scaling,
        data=DataFacts(
            first=_day(history, 0),
            last=_day(history, -1),
            days=len(history),
            sha256=history.sha256,
            source=record(request.price_source) | {"name": request.ticker},
        ),
        last_price=tuple(history.last_price.tolist()),
        seed=request.seed,
        settings=record(planned.training),
        objective=record(planned.objective),
        preset=request.preset,
        device=device,
        chosen_step=trained.chosen_step,
        seconds=trained.seconds,
        validation=trained.validation * scaling.scale[0],
        libraries=library_versions(),
    )
    return Bundle(manifest, trained.weights, series.memories[-1], trained.pool, trained.history, history)


def _identity(request: FitRequest, planned: Plan, history: History) -> dict[str, Any]:
    """Return all that decides the result of a training: an interrupted one goes on only under the same."""
    return {
        "data": history.sha256,
        "architecture": record(planned.blueprint),
        "objective": record(planned.objective),
        "settings": record(planned.training),
        "seed": request.seed,
    }


def _with_verdict(bundle: Bundle, judgement: Judgement) -> Bundle:
    return replace(bundle, manifest=replace(bundle.manifest, verdict=judgement.verdict.to_json()))


def _day(history: History, index: int) -> str:
    return str(history.dates[index].astype("datetime64[D]"))
