"""Training: from a history and a recipe to a bundle.

TensorFlow is imported inside the functions that need it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgan.arrays import Float32Array
from simgan.bundle.facts import DataFacts, PriorFacts, RegimeFacts
from simgan.bundle.manifest import NOISE, Manifest
from simgan.bundle.priors import Prior
from simgan.bundle.store import Bundle
from simgan.errors import TrainingDiverged
from simgan.market.history import History
from simgan.market.ranges import are_enough
from simgan.market.regimes import Regimes
from simgan.progress import SILENT, Progress, Stop, interruptible
from simgan.provenance import library_versions, sha256_of_array, sha256_of_facts
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import GameRules, TrainingSettings
from simgan.seeds import Seed
from simgan.settings import record
from simgan.workflows.oddities import expect_variation, largest_move

if TYPE_CHECKING:
    from simgan.gan.training import Trainer, Training


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The data of a training, and the places of its results.

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
    prior : Prior, optional
        A fit to other series. Without one the history stands alone.
    holds_out : bool
        Whether a model that has not learned from the validation days is wanted too. It takes a
        training more, unless validation chooses the number of adversarial steps anyway.
    """

    name: str
    history: History
    source: Mapping[str, Any]
    checkpoint: Path
    start: Mapping[str, Float32Array] = field(default_factory=dict)
    events: Path | None = None
    regimes: Regimes | None = None
    device: str = "auto"
    prior: Prior | None = None
    holds_out: bool = True


@dataclass(frozen=True)
class Learned:
    """The result of a training.

    Attributes
    ----------
    bundle : Bundle
        The model, learned from the whole history.
    selected : Bundle, optional
        The same at the chosen step of the selection run: it has not learned from the validation
        days. None if there was no selection.
    first_held_out : int
        Row of the first validation day.
    """

    bundle: Bundle
    selected: Bundle | None
    first_held_out: int


def train(
    recipe: Recipe,
    task: Assignment,
    progress: Progress = SILENT,
    stop: Stop | None = None,
    *,
    resume: bool = False,
) -> Learned:
    """Train a generator on a history.

    The first Ctrl-C in the main thread sets `stop`; a second one interrupts at once.

    Raises
    ------
    DataError
        The returns hardly vary about their mean.
    TrainingError
        Training diverged, or there is no interrupted training of this plan to go on with.
    Interrupted
        `stop` was asked for; the checkpoint holds everything.
    WriteError
        Checkpoint or event files cannot be written.
    """
    from simgan.gan.records import Checkpoint, with_event_files
    from simgan.gan.runtime import use_device

    expect_variation(task.history)
    recipe = suited(recipe, task.history)
    device, history = use_device(task.device), task.history
    training = _training(recipe, task)
    series = training.series
    checkpoint = Checkpoint(task.checkpoint, _asked(recipe, task))
    stop = stop or Stop()
    with (
        stop.at_ctrl_c(progress),
        with_event_files(progress, task.events, recipe.training.check_every) as heard,
    ):
        try:
            trained = interruptible(
                partial(training.run, checkpoint, heard, stop, resume=resume),
                stop,
                partial(_how_to_go_on, task.checkpoint),
            )
        except TrainingDiverged as error:
            raise TrainingDiverged(f"{error}; {largest_move(history)}") from None
    chosen = trained.chosen
    manifest = Manifest(
        name=task.name,
        assets=history.assets,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        recipe=recipe,
        scaling=series.scaling,
        data=DataFacts(
            first=history.day(0),
            last=history.day(-1),
            days=len(history),
            sha256=history.sha256,
            source=dict(task.source),
        ),
        last_price=tuple(history.last_price.tolist()),
        regimes=_regime_facts(task.regimes),
        device=device,
        chosen_step=chosen.step if chosen else 0,
        seconds=trained.seconds,
        validation=chosen.score if chosen else None,
        noise=NOISE,
        identity=identity_of(recipe, task),
        tails=_tail_facts(trained.innovations.fits) if trained.innovations else {},
        prior=_prior_facts(task.prior, recipe.training.prior_days, len(history) - series.first_day),
        libraries=library_versions(),
    )
    bundle = Bundle(
        manifest, trained.weights, trained.latest, trained.pool, trained.history, history
    )
    selected = replace(bundle, weights=dict(chosen.weights)) if chosen else None
    return Learned(bundle, selected, series.training_days)


def trained_before(
    recipe: Recipe, task: Assignment, days: int, stop: Stop
) -> dict[str, Float32Array]:
    """Return weights that have learned from the first days of a history only, by likelihood.

    The scaling is that of all days. See `simgan.gan.training.Training.before`.
    """
    from simgan.gan.runtime import use_device

    use_device(task.device)
    return _training(suited(recipe, task.history), task).before(days, stop)


def _training(recipe: Recipe, task: Assignment) -> Training:
    """Return the training of a suited recipe on a history. It has not begun."""
    from simgan.gan.series import TrainingSeries
    from simgan.gan.training import Training

    history = task.history
    labels = task.regimes.one_hot() if task.regimes else None
    shapes = history.shapes if recipe.architecture.has_ranges else None
    series = TrainingSeries.of(
        history.log_returns, recipe.architecture, recipe.training, labels, shapes
    )
    series = replace(series, prior=task.prior)
    trainer = _trainer(recipe.architecture, recipe.rules, recipe.training, len(history.assets))
    return Training(trainer, series, Seed(recipe.seed), task.start, holds_out=task.holds_out)


def suited(recipe: Recipe, history: History) -> Recipe:
    """Return the recipe with an architecture that has ranges exactly if the history shows them.

    Half of its days must, because the part of a history before some day may have none.
    """
    shapes = history.shapes
    are_known = bool(recipe.training.ranges) and shapes is not None and are_enough(shapes)
    return replace(recipe, architecture=recipe.architecture.with_ranges(are_known))


def _how_to_go_on(checkpoint: Path) -> str:
    """Say how to go on after a training that TensorFlow did not let stop by itself."""
    if checkpoint.exists():
        return (
            "stopped while TensorFlow was computing; "
            "the same command with --resume goes on from the last check"
        )
    return "stopped while TensorFlow was compiling; nothing is lost, the same command starts again"


@lru_cache(maxsize=2)
def _trainer(
    blueprint: Blueprint, rules: GameRules, settings: TrainingSettings, assets: int
) -> Trainer:
    """Keep the trainers of the last two recipes: often one with ranges, and one without.

    Their compiled steps serve the next training of the same recipe in this process.
    """
    from simgan.gan.training import Trainer

    return Trainer(blueprint, rules, settings, assets)


def _tail_facts(fits: Sequence[Sequence[Any]]) -> dict[str, list[dict[str, float]]]:
    """Return the estimated tails of the innovations, by side and replica.

    Each has a shape with its interval, a scale and a number of exceedances.
    """
    names = ("shape", "low", "high", "scale", "exceedances")
    return {
        side: [
            {name: float(getattr(fit[number], name)) for name in names}
            for fit in fits
            if fit[number] is not None
        ]
        for number, side in enumerate(("losses", "gains"))
    }


def _regime_facts(regimes: Regimes | None) -> RegimeFacts:
    if regimes is None:
        return RegimeFacts()
    return RegimeFacts(
        names=list(regimes.names),
        days=regimes.length,
        bounds=list(regimes.bounds),
        shares=list(regimes.shares),
    )


def identity_of(recipe: Recipe, task: Assignment) -> str:
    """Return the identity of the model that a training makes: the hash of all that decides it.

    A hash of the weights would not do. Their last digits depend on the processor, and the same fit
    on another machine should give scenarios that differ by no more.
    """
    return sha256_of_facts(_asked(recipe, task))


def _asked(recipe: Recipe, task: Assignment) -> dict[str, Any]:
    """Return all that decides the result of a training.

    An interrupted training goes on only under the same.
    """
    recipe = suited(recipe, task.history)
    asked = recipe.to_json()
    del asked["training"], asked["preset"]  # its values are among the settings
    del asked["prior"]
    asked["settings"] = _without_later(record(recipe.training), bool(task.prior))
    if task.prior:
        asked["prior"] = task.prior.sha256
    if recipe.architecture.has_ranges and task.history.shapes is not None:
        asked["shapes"] = sha256_of_array(task.history.shapes)
    else:  # the identity of a model of closes is older than ranges
        asked["architecture"] = _without_later(record(recipe.architecture), False)
    if task.start:
        asked["start"] = {name: sha256_of_array(values) for name, values in task.start.items()}
    if not task.holds_out:
        asked["holds_out"] = False
    if task.regimes:
        asked["regimes"] = sha256_of_array(task.regimes.one_hot())
    return {"data": task.history.sha256} | asked


def _without_later(settings: Mapping[str, object], has_prior: bool) -> dict[str, object]:
    """Leave out settings that came later and do nothing, so that an identity stays the same."""
    later = {"ranges", "regimes", "overlap"} | (
        set() if has_prior else {"prior_pull", "prior_days"}
    )
    return {name: value for name, value in settings.items() if name not in later}


def _prior_facts(prior: Prior | None, days: int, own: int) -> PriorFacts:
    if prior is None:
        return PriorFacts()
    return PriorFacts(
        name=prior.name, until=prior.until, series=list(prior.series), share=days / (days + own)
    )
