"""Training from a scaled series to a finished generator.

The stages are warm start and adversarial training. Validation chooses the number of steps, and
calibration follows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array
from simgan.errors import Interrupted
from simgan.gan.adversarial import Adversarial
from simgan.gan.architectures import ARCHITECTURES
from simgan.gan.calibration import MomentCalibration
from simgan.gan.innovations import Innovations
from simgan.gan.monitors import (
    Candidate,
    Validation,
    WindowMonitor,
    choose,
    refuse_bad_losses,
    refuse_bad_paths,
)
from simgan.gan.records import Checkpoint, TrainingState
from simgan.gan.series import Lesson, Phase, TrainingSeries
from simgan.progress import Progress, Step, Stop
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.training import GameRules, TrainingSettings
from simgan.seeds import Seed
from simgan.stats.training import TrainingHistory, is_recorded
from simgan.stats.training.signs import rise

_PART = 3  # a model of the days before has a third of the steps of a warm start


@dataclass(frozen=True)
class Stage:
    """A part of a training: a phase, its number of steps, and its lesson.

    `number` counts the stages that a user waits for, from 1.
    """

    phase: Phase
    steps: int
    lesson: Lesson
    is_selection: bool
    number: int

    @property
    def name(self) -> str:
        return f"{self.phase.name}, selection" if self.is_selection else self.phase.name


@dataclass(frozen=True)
class _Outside:
    """Everything outside of a training that it writes to or listens to."""

    checkpoint: Checkpoint
    progress: Progress
    stop: Stop


@dataclass(frozen=True)
class Trained:
    """The result of a training.

    Attributes
    ----------
    weights : dict of arrays
        By the names of the blueprint.
    latest : array of shape (assets, W)
        Memory after the last day.
    pool : array of shape (states, assets, W)
        Long-run states of the memory.
    innovations : Innovations, optional
        Last estimates with the intervals of the tails, if the architecture has any.
    history : TrainingHistory
        Losses, and the metrics of the checks.
    chosen : Candidate, optional
        The validated generator and its number of adversarial steps, where 0 is the warm start. It
        has not learned from the validation days. None if there was no selection.
    seconds : float
        Training time without interruptions.
    """

    weights: dict[str, Float32Array]
    latest: Float32Array
    pool: Float32Array
    innovations: Innovations | None
    history: TrainingHistory
    chosen: Candidate | None
    seconds: float


class Trainer:
    """A generator with everything that changes it, compiled once for many series.

    Compilation takes longer than a training of the quick preset, so the refits of a backtest share
    a trainer. Only one training at a time holds it.
    """

    def __init__(
        self, blueprint: Blueprint, rules: GameRules, settings: TrainingSettings, assets: int = 1
    ) -> None:
        self.generator = ARCHITECTURES.load(blueprint.kind)(blueprint, Seed(0))
        self.settings = settings
        self.warm = self.generator.warm_start(settings)
        self.adversarial = Adversarial(self.generator, rules, settings, assets)
        self.calibration = MomentCalibration(self.generator)
        self.lock = threading.Lock()


class Training:
    """One training run, from the beginning or from a checkpoint.

    It trains twice. The first time, the selection, the last 15 % of the history are held out and
    choose the number of adversarial steps. The second time the whole history is learned for that
    many steps. Where there are none to choose, the selection is left out unless a model that
    `holds_out` those days is wanted. The trainable weights start at those of `earlier`, another
    model, and fresh ones fill the rest.
    """

    def __init__(
        self,
        trainer: Trainer,
        series: TrainingSeries,
        seed: Seed,
        earlier: Mapping[str, Float32Array],
        *,
        holds_out: bool = True,
    ) -> None:
        self.trainer, self.generator, self.settings = trainer, trainer.generator, trainer.settings
        self.warm, self.adversarial, self.calibration = (
            trainer.warm,
            trainer.adversarial,
            trainer.calibration,
        )
        self.series, self.seed = series, seed
        self.has_selection = holds_out or self.adversarial.steps > 0
        self.validation = Validation(self.generator, series)
        leaning = series.prior.of_replicas(self.generator.replicas) if series.prior else {}
        self.start = self.generator.fresh(seed) | {
            name: value
            for name, value in (leaning | dict(earlier)).items()
            if name in self.generator.table and name not in self.generator.blueprint.estimated
        }
        self.candidates: list[Candidate] = []
        self.history = TrainingHistory()

    def run(
        self, checkpoint: Checkpoint, progress: Progress, stop: Stop, *, resume: bool
    ) -> Trained:
        """Train, choose the number of steps, train on everything, calibrate.

        Parameters
        ----------
        checkpoint : Checkpoint
            Saved at every check, and when training stops.
        progress : Progress
            Gets every step. The task of a step is the name of its stage.
        stop : Stop
            Training stops after the step in which it is asked to. Any thread may ask.
        resume : bool
            Continue from the checkpoint.

        Raises
        ------
        TrainingDiverged
            NaN, collapse or explosion.
        Interrupted
            `stop` was asked for. The checkpoint holds everything.
        WriteError
            The checkpoint cannot be written. An earlier one is still there.
        """
        state = checkpoint.load() if resume else TrainingState()
        started = time.monotonic()
        self._clock = lambda: state.seconds + time.monotonic() - started
        self.history = state.history
        self._restore_candidates(state)
        with self.trainer.lock:
            self.generator.assign(self.start)
            for stage in self._stages():
                if stage.lesson.number >= state.stage:
                    self._run(stage, _Outside(checkpoint, progress, stop), state)
            innovations = self._calibrate(progress, stop)
            weights, pool = self.generator.values(), self.calibration.pool
            memories = self.generator.along(self.series.memories, self.series.scaled)
        latest, chosen = np.asarray(memories)[-1], self._chosen()
        return Trained(weights, latest, pool, innovations, self.history, chosen, self._clock())

    def before(self, days: int, stop: Stop) -> dict[str, Float32Array]:
        """Return weights that have learned from the first days only, by likelihood.

        The warm start ends after a third of its steps, and one round of calibration follows.

        Raises
        ------
        TrainingDiverged
            A loss is not finite.
        Interrupted
            `stop` was asked for.
        """
        lesson = self._lesson(days, 0)
        last: Mapping[str, float] = {}
        with self.trainer.lock:
            self.generator.assign(self.start)
            self.warm.begin(lesson)
            for step in range(1, self.warm.steps // _PART + 1):
                losses = self.warm.step(step)
                refuse_bad_losses(self.warm.name, step, losses, last)
                last = losses
                stop.check()
            self.warm.finish()
            self.calibration.calibrate(lesson, rounds=1)
            return self.generator.values()

    def _stages(self) -> Iterator[Stage]:
        """Select on the first part of the history, then repeat on all with the chosen steps."""
        days = {True: self.series.training_days, False: len(self.series.scaled)}
        for index, (phase, is_selection) in enumerate(self._planned):
            steps = phase.steps
            if phase is self.adversarial and not is_selection:
                chosen = self._chosen()
                steps = chosen.step if chosen else 0
            lesson = self._lesson(
                days[is_selection], (0 if is_selection else 2) + (phase is self.adversarial)
            )
            number = sum(one.steps > 0 for one, _ in self._planned[: index + 1])
            yield Stage(phase, steps, lesson, is_selection, number)

    @property
    def _planned(self) -> list[tuple[Phase, bool]]:
        """Phases in order, each with whether it belongs to the selection."""
        runs = (True, False) if self.has_selection else (False,)
        return [(phase, run) for run in runs for phase in (self.warm, self.adversarial)]

    @property
    def _stages_in_all(self) -> int:
        """Number of stages with steps, and one for the calibration."""
        return sum(phase.steps > 0 for phase, _ in self._planned) + 1

    def _calibrate(self, progress: Progress, stop: Stop) -> Innovations | None:
        """Calibrate on the whole history. The last checkpoint is from before."""
        number = self._stages_in_all

        def after_round(done: int, rounds: int) -> None:
            progress.step(Step("calibration", done, rounds, stage=number, stages=number))
            stop.check(
                "stopped in the calibration; the same command with --resume goes on from there"
            )

        return self.calibration.calibrate(
            self._lesson(len(self.series.scaled), 4), after_round=after_round
        )

    def _chosen(self) -> Candidate | None:
        return choose(self.candidates) if self.has_selection else None

    def _lesson(self, days: int, number: int) -> Lesson:
        return Lesson(self.series, days, self.seed, number, self.start)

    def _run(self, stage: Stage, outside: _Outside, state: TrainingState) -> None:
        first = 0
        stage.phase.begin(stage.lesson)
        if stage.lesson.number == state.stage and state.arrays:
            first = state.step
            self._restore(stage, state)
        self._drive(stage, first, outside)
        stage.phase.finish()
        if stage.phase is self.warm:
            # One round is near enough for the critic to begin with.
            self.calibration.calibrate(stage.lesson, rounds=min(stage.steps, 1))
            if stage.is_selection:
                self.candidates = [self.validation.candidate(0)]

    def _drive(self, stage: Stage, first: int, outside: _Outside) -> None:
        last: Mapping[str, float] = {}
        step_of = partial(Step, stage=stage.number, stages=self._stages_in_all)
        if first < stage.steps:  # a first step may take a minute, because it is compiled
            outside.progress.step(step_of(stage.name, first, stage.steps))
        for step in range(first + 1, stage.steps + 1):
            losses = stage.phase.step(step)
            refuse_bad_losses(stage.name, step, losses, last)
            last, metrics = losses, dict(losses)
            if step % self.settings.check_every == 0 or step == stage.steps:
                metrics |= self._check(stage, step)
                self.history.record(stage.name, step, metrics)
                outside.checkpoint.save(self._state(stage, step))
            elif is_recorded(step, stage.steps):
                self.history.record(stage.name, step, metrics)
            is_check = "validation CRPS" in metrics or step == stage.steps
            outside.progress.step(step_of(stage.name, step, stage.steps, metrics, is_check))
            if outside.stop.is_asked:
                outside.checkpoint.save(self._state(stage, step))
                raise Interrupted(
                    f"stopped at step {step} ({stage.name}); "
                    "the same command with --resume goes on from there"
                )

    def _check(self, stage: Stage, step: int) -> dict[str, float]:
        """Compare free paths with real windows, and validate during the selection."""
        if stage.phase is not self.adversarial:
            return {}
        refuse_bad_paths(stage.name, step, self.adversarial.free_past.numpy())
        lesson, length = stage.lesson, self.settings.past + self.settings.ahead
        real = lesson.series.windows[: lesson.series.starts_within(lesson.days)]
        metrics = WindowMonitor(real, every=length).compare(
            self.adversarial.free_windows(step), self.adversarial.score
        )
        return metrics | self._validated(lesson, step) if stage.is_selection else metrics

    def _validated(self, lesson: Lesson, step: int) -> dict[str, float]:
        """Make the averaged generator a candidate. The weights stay the same."""
        before = self.generator.estimates()
        self.adversarial.average.exchange()
        estimated = self.generator.estimate(self.series, lesson.days)
        self.generator.set_jumps(self.series.scaled[: lesson.days], estimated)
        if self.generator.begins_at_random:  # then an untrained generator is no candidate
            self.candidates = [candidate for candidate in self.candidates if candidate.step]
        self.candidates.append(self.validation.candidate(step))
        self.adversarial.average.exchange()
        self.generator.assign(before)
        risen = rise([candidate.scores for candidate in self.candidates])
        return {
            "validation CRPS": self.candidates[-1].score,
            "rise": risen.value,
            "low rise": risen.low,
        }

    def _state(self, stage: Stage, step: int) -> TrainingState:
        arrays: dict[str, AnyFloatArray] = {
            f"variable.{i}": np.asarray(v.numpy()) for i, v in enumerate(stage.phase.variables())
        }
        arrays |= {f"estimated.{name}": value for name, value in self.generator.estimates().items()}
        arrays["steps"] = np.array([candidate.step for candidate in self.candidates], np.float64)
        for i, candidate in enumerate(self.candidates):
            arrays |= {f"scores.{i}": candidate.scores} | {
                f"candidate.{i}.{name}": values for name, values in candidate.weights.items()
            }
        return TrainingState(stage.lesson.number, step, self._clock(), self.history, arrays)

    def _restore(self, stage: Stage, state: TrainingState) -> None:
        for i, variable in enumerate(stage.phase.variables()):
            variable.assign(state.arrays[f"variable.{i}"])
        self.generator.assign(
            {name: state.arrays[f"estimated.{name}"] for name in self.generator.estimates()}
        )

    def _restore_candidates(self, state: TrainingState) -> None:
        arrays, names = state.arrays, self.generator.table
        self.candidates = [
            Candidate(
                int(step),
                np.asarray(arrays[f"scores.{i}"], np.float64),
                {name: np.asarray(arrays[f"candidate.{i}.{name}"], np.float32) for name in names},
            )
            for i, step in enumerate(arrays.get("steps", np.empty(0)))
        ]
