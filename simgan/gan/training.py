"""Training from a scaled series to a generator that is ready to be kept: warm start, tails, adversary, choice of the step, calibration."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from simgan.arrays import Float32Array
from simgan.gan.adversarial import Adversarial
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.calibration import Calibration
from simgan.gan.checkpoint import Checkpoint, Progress
from simgan.gan.monitors import refuse_bad_losses, refuse_bad_paths
from simgan.gan.objectives.base import Objective
from simgan.gan.series import TrainingSeries
from simgan.gan.tails import tail_map
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
    """A stretch of training: steps that change variables."""

    name: str
    average: Any

    @property
    def series_names(self) -> tuple[str, ...]: ...

    @property
    def total(self) -> int: ...

    def variables(self) -> list[Any]: ...

    def step(self, number: int) -> tuple[float, ...]: ...

    def finish(self) -> None: ...


@dataclass(frozen=True)
class Trained:
    """A generator ready to be kept.

    Attributes
    ----------
    weights : dict of arrays
        By the names of the blueprint.
    pool : array of shape (paths, 2K)
        Long-run states of the memory.
    history : dict of lists of (step, value)
        Losses and validation CRPS by name.
    chosen_step : int
        Adversarial step that validation chose; 0 is the warm start.
    seconds : float
        Training time, interruptions left out.
    """

    weights: dict[str, Float32Array]
    pool: Float32Array
    history: dict[str, list[tuple[int, float]]]
    chosen_step: int
    seconds: float


class Training:
    """One training run; `run` does it all, from the beginning or from a checkpoint."""

    def __init__(self, generator: StateSpaceGenerator, objective: Objective, series: TrainingSeries, seed: Seed) -> None:
        self.generator, self.objective, self.series, self.seed = generator, objective, series, seed
        self.settings = series.settings
        self.validation = Validation(generator, series, seed)
        self.candidates: list[Candidate] = []
        self.history: dict[str, list[tuple[int, float]]] = {}
        self._stop = False
        self._seconds = 0.0

    def run(self, checkpoint: Checkpoint, listener: Listener, *, resume: bool) -> Trained:
        """Train, and return the generator of the step that validation chooses.

        Raises
        ------
        TrainingDiverged
            NaN, collapse or explosion.
        TrainingInterrupted
            Ctrl-C; the checkpoint holds everything.
        """
        begun = checkpoint.load() if resume else Progress()
        started, self._seconds = time.monotonic(), begun.seconds
        self.history = begun.history
        self._clock = lambda: begun.seconds + time.monotonic() - started
        with self._interrupts_deferred():
            if begun.phase != Adversarial.name:
                self._warm_up(checkpoint, listener, begun)
            adversarial = Adversarial(self.generator, self.objective, self.series, self.seed)
            if begun.phase != Adversarial.name:
                adversarial.begin()
                self.candidates = [self.validation.candidate(0)]
                begun = Progress()
            self._drive(adversarial, checkpoint, listener, begun)
        return self._finished()

    def _warm_up(self, checkpoint: Checkpoint, listener: Listener, begun: Progress) -> None:
        warm = WarmStart(self.generator, self.series, self.seed)
        self._drive(warm, checkpoint, listener, begun)
        warm.finish()
        tails = tail_map(self.generator, self.series, self.series.training_days, self.seed)
        self.generator.table["tails"].assign(tails)

    def _drive(self, phase: Phase, checkpoint: Checkpoint, listener: Listener, begun: Progress) -> None:
        """Take the steps of a phase, from where a checkpoint left it."""
        if begun.phase == phase.name:
            self._restore(phase, begun)
        last: tuple[float, ...] = ()
        for number in range(begun.step if begun.phase == phase.name else 0, phase.total):
            losses = phase.step(number)
            refuse_bad_losses(phase.name, number + 1, losses, last)
            last = losses
            numbers = dict(zip(phase.series_names, losses, strict=True))
            if (number + 1) % self.settings.check_every == 0 or number + 1 == phase.total:
                numbers |= self._check(phase, number + 1)
                self._record(phase, number + 1, numbers)
                checkpoint.save(self._progress(phase, number + 1))
            listener(Tick(phase.name, number + 1, phase.total, numbers))
            if self._stop:
                checkpoint.save(self._progress(phase, number + 1))
                raise TrainingInterrupted(f"stopped at {phase.name} step {number + 1}; the same command with --resume goes on from there")

    def _check(self, phase: Phase, step: int) -> dict[str, float]:
        """Score the averaged generator; in the adversarial phase it becomes a candidate."""
        phase.average.exchange()
        candidate = self.validation.candidate(step)
        phase.average.exchange()
        free = getattr(phase, "free_past", None)
        if free is not None:
            refuse_bad_paths(phase.name, step, free.numpy())
            self.candidates.append(candidate)
        return {"validation CRPS": candidate.score}

    def _record(self, phase: Phase, step: int, numbers: dict[str, float]) -> None:
        for name, value in numbers.items():
            self.history.setdefault(f"{phase.name}: {name}", []).append((step, value))

    def _finished(self) -> Trained:
        chosen = choose(self.candidates)
        self.generator.assign(chosen.weights)
        self.generator.table["tails"].assign(tail_map(self.generator, self.series, len(self.series.scaled), self.seed))
        pool = Calibration(self.generator, self.series, self.seed).calibrate()
        return Trained(self.generator.values(), pool, self.history, chosen.step, self._clock())

    def _progress(self, phase: Phase, step: int) -> Progress:
        arrays = {f"variable.{i}": v.numpy() for i, v in enumerate(phase.variables())} | {"tails": self.generator.table["tails"].numpy()}
        for i, candidate in enumerate(self.candidates):
            arrays |= {f"candidate.{i}.weights.{name}": value for name, value in candidate.weights.items()}
            arrays |= {f"candidate.{i}.scores": candidate.scores, f"candidate.{i}.step": np.array(candidate.step)}
        return Progress(phase.name, step, self._clock(), self.history, arrays)

    def _restore(self, phase: Phase, begun: Progress) -> None:
        for i, variable in enumerate(phase.variables()):
            variable.assign(begun.arrays[f"variable.{i}"])
        self.generator.table["tails"].assign(begun.arrays["tails"])
        names = list(self.generator.table)
        self.candidates = [
            Candidate(
                int(begun.arrays[f"candidate.{i}.step"]),
                {name: begun.arrays[f"candidate.{i}.weights.{name}"] for name in names},
                np.asarray(begun.arrays[f"candidate.{i}.scores"], np.float64),
            )
            for i in range(sum(key.endswith(".scores") for key in begun.arrays))
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
