"""Progress of a segment: under the name of its contender, until a stop, or from another process.

Another process tells it through a small file. A queue would be shared by all workers, and a worker
that is killed while it writes would block the others. A file has one writer, and its reader never
waits.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from simgan.progress import Progress, Step, Stop

_PAUSE = 0.2  # seconds between two writes


@dataclass(frozen=True)
class OfContender:
    """Passes steps on under the name of a contender. Sentences of a refit are of no interest."""

    name: str
    inner: Progress

    def say(self, sentence: str) -> None:
        """Drop the sentence."""

    def step(self, step: Step) -> None:
        """Pass the step on. A refit is no stage of the whole work."""
        task = f"{self.name}, {step.task}"
        self.inner.step(replace(step, task=task, is_check=False, stage=0, stages=0))


@dataclass(frozen=True)
class UntilStopped:
    """Passes steps on until a stop is asked for. Then the next step ends the work.

    Raises
    ------
    Interrupted
        From `step`, with `message`.
    """

    inner: Progress
    stop: Stop
    message: str

    def say(self, sentence: str) -> None:
        """Pass the sentence on."""
        self.inner.say(sentence)

    def step(self, step: Step) -> None:
        """Pass the step on, or end the work."""
        self.stop.check(self.message)
        self.inner.step(step)


class StepFile:
    """A progress that writes its newest step to a file, which is removed at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = float("-inf")
        self._task = ""

    def __enter__(self) -> StepFile:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def say(self, sentence: str) -> None:
        """Drop the sentence."""

    def step(self, step: Step) -> None:
        """Write the step, unless one of the same task was written just now."""
        now = time.monotonic()
        if step.task == self._task and step.done < step.total and now - self._written < _PAUSE:
            return
        self._task, self._written = step.task, now
        facts = asdict(replace(step, metrics=dict(step.metrics)))
        with suppress(OSError):  # a full disk stops the work elsewhere, in a sentence
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(facts))


def step_in(path: Path) -> Step | None:
    """Read the newest step of a worker. None if there is none, or while it is being written."""
    try:
        facts = json.loads(path.read_text())
        return Step(**facts) if isinstance(facts, Mapping) else None
    except (OSError, ValueError, TypeError):
        return None
