"""Progress as lines of JSON in a file, for the program that started the command.

The variable ``SIMGAN_PROGRESS`` of the environment names the file. Each line is an object, either
``{"say": SENTENCE}`` or ``{"step": {"task", "place", "done", "total", "metrics"}}``.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from simgan.progress import Progress, Step

FILE = "SIMGAN_PROGRESS"
EVERY = 0.5  # seconds between two steps in the file


@contextmanager
def with_written(inner: Progress) -> Iterator[Progress]:
    """Give a progress that also writes to the file of the environment, if it names one.

    A file that cannot be written is left alone, because the work matters more.
    """
    place, file = os.environ.get(FILE), None
    if place:
        with suppress(OSError):
            file = open(place, "a", buffering=1, encoding="utf-8")  # noqa: SIM115 (closed below)
    if file is None:
        yield inner
        return
    written = _Written(inner, file)
    try:
        yield written
    finally:
        written.close()


class _Written:
    """A progress that passes everything on, and writes sentences and steps.

    Steps are written twice a second at most, and always the last one of a task.
    """

    def __init__(self, inner: Progress, file: TextIO) -> None:
        self._inner, self._file = inner, file
        self._lock = threading.RLock()  # a signal may say something during a write
        self._pending: Step | None = None
        self._written = -math.inf

    def say(self, sentence: str) -> None:
        self._inner.say(sentence)
        with self._lock:
            self._flush()
            self._write({"say": sentence})

    def step(self, step: Step) -> None:
        self._inner.step(step)
        with self._lock:
            if self._pending is not None and self._pending.task != step.task:
                self._flush()
            self._pending = step
            if step.done >= step.total or time.monotonic() - self._written >= EVERY:
                self._flush()

    def close(self) -> None:
        """Write the last step, and close the file."""
        with self._lock:
            self._flush()
            with suppress(OSError):
                self._file.close()

    def _flush(self) -> None:
        """Write the step that was not written yet."""
        step, self._pending = self._pending, None
        if step is None:
            return
        self._written = time.monotonic()
        metrics = {name: float(v) for name, v in step.metrics.items() if math.isfinite(v)}
        facts = {"task": step.task, "place": step.place, "done": step.done, "total": step.total}
        self._write({"step": {**facts, "metrics": metrics}})

    def _write(self, line: dict[str, object]) -> None:
        with suppress(OSError, ValueError):
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
