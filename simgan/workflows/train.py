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
from simgan.errors import ConfigError, UnknownNameError
from simgan.market.history import History
from simgan.market.regimes import Regimes
from simgan.provenance import library_versions, sha256_of_array
from simgan.registry import build, record
from simgan.seeds import Seed

Listener = Callable[[Any], None]
_ROOMS = (
    "architecture",
    "objective",
    "remedies",
    "condition",
)  # of the settings, beside the training's own


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The typed settings of a training.

    Attributes
    ----------
    blueprint, rules, training
        What is trained, what is played (objective, remedies, condition), and the settings of the training itself.
    preset, seed, device
        As the command line names them.
    """

    blueprint: Blueprint
    rules: Any
    training: Any
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
    regimes : Regimes, optional
        Labels of the stretches of the history, as many different ones as the plan has.
    """

    name: str
    history: History
    source: Mapping[str, Any]
    checkpoint: Path
    start: Mapping[str, Float32Array] = field(default_factory=dict)
    events: Path | None = None
    regimes: Regimes | None = None


def plan(
    *,
    architecture: str,
    objective: str,
    preset: str,
    settings: Mapping[str, str],
    seed: int,
    device: str,
) -> Plan:
    """Turn preset and ``--set`` options into typed settings: plain keys are training's, others have a prefix.

    With ``condition.regimes`` above 0 the model has so many regimes, and ``condition.kind`` says what their labels are to the game.

    Raises
    ------
    UnknownNameError, ConfigError
        A name is unknown, a value out of range, or a remedy or a condition makes no sense with the objective.
    """
    from simgan.gan.conditions import CONDITIONS
    from simgan.gan.objectives import OBJECTIVES
    from simgan.gan.remedies import Remedies
    from simgan.gan.rules import Rules
    from simgan.gan.settings import TrainingSettings, training_fields
    from simgan.gan.settings import preset as values_of

    parts: dict[str, dict[str, Any]] = {"training": dict(values_of(preset))} | {
        room: {} for room in _ROOMS
    }
    for key, value in settings.items():
        room, _, name = key.rpartition(".")
        if (room or "training") not in parts:
            raise UnknownNameError(
                "setting", key, training_fields(), "`simgan fit --list-settings` shows all of them"
            )
        parts[room or "training"][name] = value
    labels, kind = int(parts["condition"].pop("regimes", 0)), parts["condition"].pop("kind", "cgan")
    if "regimes" in parts["architecture"] or (parts["condition"] and not labels):
        raise ConfigError(
            "fit",
            "settings",
            ", ".join(settings),
            "without regimes: --regimes or --labels makes them, and then a condition",
        )
    blueprint = BLUEPRINTS.build(architecture, parts["architecture"] | {"regimes": labels})
    training = build(TrainingSettings, parts["training"])
    training.paths_of_each(blueprint.replicas)  # refuses a batch that cannot be divided
    condition = CONDITIONS.build(kind, parts["condition"]) if labels else None
    return Plan(
        blueprint=blueprint,
        rules=Rules(
            OBJECTIVES.build(objective, parts["objective"]),
            build(Remedies, parts["remedies"]),
            condition,
            labels,
        ),
        training=training,
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
    labels = task.regimes.one_hot() if task.regimes else None
    series = TrainingSeries.of(history.log_returns, planned.blueprint, planned.training, labels)
    trainer = _trainer(planned.blueprint, planned.rules, planned.training)
    checkpoint = Checkpoint(task.checkpoint, _identity(planned, task))
    with with_event_files(listener, task.events, planned.training.check_every) as told:
        trained = Training(trainer, series, seed, task.start).run(checkpoint, told, resume=resume)
    manifest = Manifest(
        name=task.name,
        assets=history.assets,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        blueprint=planned.blueprint,
        scaling=series.scaling,
        data=DataFacts(
            first=history.day(0),
            last=history.day(-1),
            days=len(history),
            sha256=history.sha256,
            source=dict(task.source),
        ),
        last_price=tuple(history.last_price.tolist()),
        seed=planned.seed,
        settings=record(planned.training),
        objective=record(planned.rules.objective),
        remedies=record(planned.rules.remedies),
        regimes=_regime_facts(task.regimes, planned.rules.condition),
        preset=planned.preset,
        device=device,
        chosen_step=trained.chosen.step,
        seconds=trained.seconds,
        validation=trained.chosen.score,
        tails=_tail_facts(trained.innovations.fits) if trained.innovations else {},
        libraries=library_versions(),
    )
    bundle = Bundle(
        manifest, trained.weights, trained.latest, trained.pool, trained.history, history
    )
    return Learned(
        bundle, replace(bundle, weights=dict(trained.chosen.weights)), series.training_days
    )


@lru_cache(maxsize=1)
def _trainer(blueprint: Blueprint, rules: Any, settings: Any) -> Any:
    """The trainer of the last plan stays: what is compiled serves the next training of the same plan in this process."""
    from simgan.gan.training import Trainer

    return Trainer(blueprint, rules, settings)


def _tail_facts(fits: Sequence[Sequence[Any]]) -> dict[str, list[dict[str, float]]]:
    """The estimated tails of the innovations, by side and replica: shape with its interval, scale, number of exceedances."""
    names = ("shape", "low", "high", "scale", "exceedances")
    return {
        side: [
            {name: float(getattr(fit[number], name)) for name in names}
            for fit in fits
            if fit[number] is not None
        ]
        for number, side in enumerate(("losses", "gains"))
    }


def _regime_facts(regimes: Regimes | None, condition: Any) -> dict[str, Any]:
    if regimes is None:
        return {}
    facts = {
        "names": list(regimes.names),
        "days": regimes.length,
        "bounds": list(regimes.bounds),
        "shares": list(regimes.shares),
    }
    return facts | {"condition": record(condition)}


def _identity(planned: Plan, task: Assignment) -> dict[str, Any]:
    """Return all that decides the result of a training: an interrupted one goes on only under the same."""
    start = (
        {"start": {name: sha256_of_array(values) for name, values in task.start.items()}}
        if task.start
        else {}
    )
    labels = (
        {
            "regimes": sha256_of_array(task.regimes.one_hot()),
            "condition": record(planned.rules.condition),
        }
        if task.regimes
        else {}
    )
    return (
        {
            "data": task.history.sha256,
            "architecture": record(planned.blueprint),
            "objective": record(planned.rules.objective),
            "settings": record(planned.training),
            "remedies": record(planned.rules.remedies),
            "seed": planned.seed,
        }
        | start
        | labels
    )
