"""Train: from a history and typed settings to a bundle; TensorFlow is imported here, inside the functions that need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from simgan.arrays import Float32Array
from simgan.bundle.blueprints import BLUEPRINTS, Blueprint
from simgan.bundle.manifest import DataFacts, Manifest
from simgan.bundle.store import Bundle
from simgan.errors import UnknownNameError
from simgan.market.history import History
from simgan.provenance import library_versions, sha256_of_array
from simgan.registry import build, record
from simgan.seeds import Seed

Listener = Callable[[Any], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The typed settings of a training.

    Attributes
    ----------
    blueprint, objective, training, remedies
        Members of their families, the settings of the training itself, and what is added to the plain game.
    preset, seed, device
        As the command line names them.
    """

    blueprint: Blueprint
    objective: Any
    training: Any
    remedies: Any
    preset: str
    seed: int
    device: str


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What is to be trained on, and where it goes.

    Attributes
    ----------
    name : str
        Of the model.
    history : History
    source : mapping
        Record of where the prices came from.
    checkpoint : Path
        Folder that an interrupted training leaves.
    start : mapping of arrays, optional
        Weights of an earlier model that the warm start begins with, instead of fresh ones.
    events : Path, optional
        Folder for TensorBoard event files.
    """

    name: str
    history: History
    source: Mapping[str, Any]
    checkpoint: Path
    start: Mapping[str, Float32Array] = field(default_factory=dict)
    events: Path | None = None


def plan(*, architecture: str, objective: str, preset: str, settings: Mapping[str, str], seed: int, device: str) -> Plan:
    """Turn preset and ``--set`` options into typed settings: plain keys are training's, others have a prefix.

    Raises
    ------
    UnknownNameError, ConfigError
        A name is unknown, a value out of range, or a remedy makes no sense with the objective.
    """
    from simgan.gan.objectives import OBJECTIVES
    from simgan.gan.remedies import Remedies
    from simgan.gan.settings import TrainingSettings, training_fields
    from simgan.gan.settings import preset as values_of

    parts: dict[str, dict[str, Any]] = {"training": dict(values_of(preset)), "architecture": {}, "objective": {}, "remedies": {}}
    for key, value in settings.items():
        room, _, name = key.rpartition(".")
        if (room or "training") not in parts:
            raise UnknownNameError("setting", key, training_fields(), "`simgan fit --list-settings` shows all of them")
        parts[room or "training"][name] = value
    blueprint, training = BLUEPRINTS.build(architecture, parts["architecture"]), build(TrainingSettings, parts["training"])
    training.paths_of_each(blueprint.replicas)  # refuses a batch that cannot be divided
    played, remedies = OBJECTIVES.build(objective, parts["objective"]), build(Remedies, parts["remedies"])
    remedies.expect_fit(played)
    return Plan(
        blueprint=blueprint,
        objective=played,
        training=training,
        remedies=remedies,
        preset=preset,
        seed=seed,
        device=device,
    )


@dataclass(frozen=True)
class Learned:
    """What training gives.

    Attributes
    ----------
    bundle : Bundle
        The model, learned from the whole history.
    selected : Bundle
        The same at the chosen step of the selection run: it has not learned from the validation days.
    first_held_out : int
        Row of the first validation day.
    """

    bundle: Bundle
    selected: Bundle
    first_held_out: int


def train(planned: Plan, task: Assignment, listener: Listener, *, resume: bool) -> Learned:
    """Train a generator on a history.

    Raises
    ------
    TrainingError
        Training diverged, or there is no interrupted training of this plan to go on with.
    TrainingInterrupted
        Ctrl-C; the checkpoint holds everything.
    WriteError
        Checkpoint or event files cannot be written.
    """
    from simgan.gan.checkpoint import Checkpoint
    from simgan.gan.device import use_device
    from simgan.gan.event_files import with_event_files
    from simgan.gan.series import TrainingSeries
    from simgan.gan.training import Training

    device, seed, history = use_device(planned.device), Seed(planned.seed), task.history
    series = TrainingSeries.of(history.log_returns, planned.blueprint, planned.training)
    trainer = _trainer(planned.blueprint, planned.objective, planned.training, planned.remedies)
    checkpoint = Checkpoint(task.checkpoint, _identity(planned, task))
    with with_event_files(listener, task.events, planned.training.check_every) as told:
        trained = Training(trainer, series, seed, task.start).run(checkpoint, told, resume=resume)
    manifest = Manifest(
        name=task.name,
        assets=history.assets,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        blueprint=planned.blueprint,
        scaling=series.scaling,
        data=DataFacts(first=history.day(0), last=history.day(-1), days=len(history), sha256=history.sha256, source=dict(task.source)),
        last_price=tuple(history.last_price.tolist()),
        seed=planned.seed,
        settings=record(planned.training),
        objective=record(planned.objective),
        remedies=record(planned.remedies),
        preset=planned.preset,
        device=device,
        chosen_step=trained.chosen.step,
        seconds=trained.seconds,
        validation=trained.chosen.score,
        tails=_tail_facts(trained.innovations.fits) if trained.innovations else {},
        libraries=library_versions(),
    )
    bundle = Bundle(manifest, trained.weights, trained.latest, trained.pool, trained.history, history)
    return Learned(bundle, replace(bundle, weights=dict(trained.chosen.weights)), series.training_days)


@lru_cache(maxsize=1)
def _trainer(blueprint: Blueprint, objective: Any, settings: Any, remedies: Any) -> Any:
    """The trainer of the last plan stays: what is compiled serves the next training of the same plan in this process."""
    from simgan.gan.training import Trainer

    return Trainer(blueprint, objective, settings, remedies)


def _tail_facts(fits: Sequence[Sequence[Any]]) -> dict[str, list[dict[str, float]]]:
    """The estimated tails of the innovations, by side and replica: shape with its interval, scale, number of exceedances."""
    names = ("shape", "low", "high", "scale", "exceedances")
    return {
        side: [{name: float(getattr(fit[number], name)) for name in names} for fit in fits if fit[number] is not None]
        for number, side in enumerate(("losses", "gains"))
    }


def _identity(planned: Plan, task: Assignment) -> dict[str, Any]:
    """Return all that decides the result of a training: an interrupted one goes on only under the same."""
    start = {"start": {name: sha256_of_array(values) for name, values in task.start.items()}} if task.start else {}
    return {
        "data": task.history.sha256,
        "architecture": record(planned.blueprint),
        "objective": record(planned.objective),
        "settings": record(planned.training),
        "remedies": record(planned.remedies),
        "seed": planned.seed,
    } | start
