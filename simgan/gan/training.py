"""Training from a scaled series to a generator that is ready to be kept: warm start, tails, adversary, choice of the steps, calibration."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array
from simgan.gan.adversarial import Adversarial
from simgan.gan.architectures.state_space import ESTIMATED, StateSpaceGenerator
from simgan.gan.calibration import Calibration
from simgan.gan.checkpoint import Checkpoint, Progress
from simgan.gan.innovations import Innovations, set_innovations
from simgan.gan.monitors import refuse_bad_losses, refuse_bad_paths
from simgan.gan.objectives.base import Objective
from simgan.gan.series import TrainingSeries
from simgan.gan.validation import Candidate, Validation, choose
from simgan.gan.warm_start import WarmStart
from simgan.seeds import Seed


@dataclass(frozen=True)
class Tick:
    """What a listener is told: the phase, the step reached, of how many, and the newest numbers by name."""

    phase: str
    step: int
    total: int
    numbers: dict[str, float]


Listener = Callable[[Tick], None]


class TrainingInterrupted(KeyboardInterrupt):
    """The user stopped training; a checkpoint was written, and the message says how to go on."""


class Phase(Protocol):
    """A kind of step that changes variables."""

    name: str

    @property
    def series_names(self) -> tuple[str, ...]: ...

    def begin(self, days: int, run: int) -> None: ...

    def variables(self) -> list[Any]: ...

    def step(self, number: int) -> tuple[float, ...]: ...

    def finish(self) -> None: ...


@dataclass(frozen=True)
class Stage:
    """A stretch of training: which phase, for how many steps, on how many days of the history."""

    number: int
    phase: Phase
    steps: int
    days: int
    is_selection: bool

    @property
    def name(self) -> str:
        return f"{self.phase.name}, selection" if self.is_selection else self.phase.name


@dataclass(frozen=True)
class Trained:
    """A generator ready to be kept.

    Attributes
    ----------
    weights : dict of arrays
        By the names of the blueprint.
    pool : array of shape (paths, W)
        Long-run states of the memory.
    innovations : Innovations
        Their last estimates, with the intervals of the tails.
    history : dict of lists of (step, value)
        Losses and validation CRPS by name.
    chosen : Candidate
        What validation chose: the number of adversarial steps (0 is the warm start), and the generator of the selection run at that
        step, which has not learned from the validation days.
    seconds : float
        Training time, interruptions left out.
    """

    weights: dict[str, Float32Array]
    pool: Float32Array
    innovations: Innovations
    history: dict[str, list[tuple[int, float]]]
    chosen: Candidate
    seconds: float


class Training:
    """One training run, from the beginning or from a checkpoint.

    It trains twice. The first time the last 15 % of the history are held out and choose the number of adversarial steps; the second
    time everything is learned from, for that many steps.
    """

    def __init__(self, generator: StateSpaceGenerator, objective: Objective, series: TrainingSeries, seed: Seed) -> None:
        self.generator, self.series, self.seed, self.settings = generator, series, seed, series.settings
        self.warm = WarmStart(generator, series)
        self.adversarial = Adversarial(generator, objective, series, seed)
        self.calibration = Calibration(generator, series, seed)
        self.validation = Validation(generator, series)
        self.candidates: list[Candidate] = []
        self.history: dict[str, list[tuple[int, float]]] = {}
        self._stop = False

    def run(self, checkpoint: Checkpoint, listener: Listener, *, resume: bool) -> Trained:
        """Train, choose the number of steps, train on everything, calibrate.

        Raises
        ------
        TrainingDiverged
            NaN, collapse or explosion.
        TrainingInterrupted
            Ctrl-C; the checkpoint holds everything.
        """
        begun = checkpoint.load() if resume else Progress()
        started = time.monotonic()
        self._clock = lambda: begun.seconds + time.monotonic() - started
        self.history = begun.history
        self._restore_candidates(begun)
        with self._interrupts_deferred():
            for stage in self._stages():
                if stage.number >= begun.stage:
                    self._run(stage, checkpoint, listener, begun)
        innovations = self.calibration.calibrate(len(self.series.scaled))
        weights, pool = self.generator.values(), self.calibration.pool
        return Trained(weights, pool, innovations, self.history, choose(self.candidates), self._clock())

    def _stages(self) -> Iterator[Stage]:
        """Selection on the first part of the history, then the same on all of it, with the chosen number of steps."""
        part, everything = self.series.training_days, len(self.series.scaled)
        yield Stage(0, self.warm, self.settings.warm_steps, part, True)
        yield Stage(1, self.adversarial, self.settings.steps, part, True)
        yield Stage(2, self.warm, self.settings.warm_steps, everything, False)
        yield Stage(3, self.adversarial, choose(self.candidates).step, everything, False)

    def _run(self, stage: Stage, checkpoint: Checkpoint, listener: Listener, begun: Progress) -> None:
        first = 0
        if stage.number == begun.stage and begun.arrays:
            first = begun.step
            self._restore(stage, begun)
        else:
            stage.phase.begin(stage.days, stage.number)
        self._drive(stage, first, checkpoint, listener)
        stage.phase.finish()
        if stage.phase is self.warm:
            self.calibration.calibrate(stage.days, rounds=1)  # near enough for the critic to begin with
            if stage.is_selection:
                self.candidates = [self.validation.candidate(0)]

    def _drive(self, stage: Stage, first: int, checkpoint: Checkpoint, listener: Listener) -> None:
        last: tuple[float, ...] = ()
        for step in range(first + 1, stage.steps + 1):
            losses = stage.phase.step(step)
            refuse_bad_losses(stage.name, step, losses, last)
            last = losses
            numbers = dict(zip(stage.phase.series_names, losses, strict=True))
            if step % self.settings.check_every == 0 or step == stage.steps:
                numbers |= self._check(stage, step)
                self._record(stage, step, numbers)
                checkpoint.save(self._progress(stage, step))
            listener(Tick(stage.name, step, stage.steps, numbers))
            if self._stop:
                checkpoint.save(self._progress(stage, step))
                raise TrainingInterrupted(f"stopped at step {step} ({stage.name}); the same command with --resume goes on from there")

    def _check(self, stage: Stage, step: int) -> dict[str, float]:
        """Look at free paths; during selection also score the averaged generator, a candidate."""
        if stage.phase is not self.adversarial:
            return {}
        refuse_bad_paths(stage.name, step, self.adversarial.free_past.numpy())
        if not stage.is_selection:
            return {}
        before = {name: self.generator.table[name].numpy() for name in ESTIMATED}
        self.adversarial.average.exchange()
        set_innovations(self.generator, self.series, stage.days)
        self.candidates.append(self.validation.candidate(step))
        self.adversarial.average.exchange()
        self.generator.assign(before)
        return {"validation CRPS": self.candidates[-1].score}

    def _record(self, stage: Stage, step: int, numbers: dict[str, float]) -> None:
        for name, value in numbers.items():
            self.history.setdefault(f"{stage.name}: {name}", []).append((step, value))

    def _progress(self, stage: Stage, step: int) -> Progress:
        arrays: dict[str, AnyFloatArray] = {f"variable.{i}": np.asarray(v.numpy()) for i, v in enumerate(stage.phase.variables())}
        arrays |= {f"estimated.{name}": self.generator.table[name].numpy() for name in ESTIMATED}
        arrays["steps"] = np.array([candidate.step for candidate in self.candidates], np.float64)
        for i, candidate in enumerate(self.candidates):
            arrays |= {f"scores.{i}": candidate.scores} | {f"candidate.{i}.{name}": values for name, values in candidate.weights.items()}
        return Progress(stage.number, step, self._clock(), self.history, arrays)

    def _restore(self, stage: Stage, begun: Progress) -> None:
        stage.phase.begin(stage.days, stage.number)
        for i, variable in enumerate(stage.phase.variables()):
            variable.assign(begun.arrays[f"variable.{i}"])
        self.generator.assign({name: begun.arrays[f"estimated.{name}"] for name in ESTIMATED})

    def _restore_candidates(self, begun: Progress) -> None:
        arrays, names = begun.arrays, self.generator.table
        self.candidates = [
            Candidate(
                int(step),
                np.asarray(arrays[f"scores.{i}"], np.float64),
                {name: np.asarray(arrays[f"candidate.{i}.{name}"], np.float32) for name in names},
            )
            for i, step in enumerate(arrays.get("steps", np.empty(0)))
        ]

    @contextmanager
    def _interrupts_deferred(self) -> Iterator[None]:
        """Let Ctrl-C wait for the end of the step, so that what is saved is consistent; a second one stops at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def note(number: int, frame: object) -> None:
            self._stop = True
            signal.signal(signal.SIGINT, before)

        signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
