"""Progress in a notebook: one output below the cell, which grows by sentences and shows a bar."""

from __future__ import annotations

import sys
import threading
import time
from html import escape
from importlib import import_module
from typing import Protocol

from simgan.progress import Step

PAUSE = 0.2  # seconds between two pictures of a bar
_BAR = 20  # signs of a bar in plain text


class _Display(Protocol):
    """The handle of an output of IPython."""

    def update(self, obj: object, *, raw: bool) -> None:
        """Replace the output."""
        ...


def is_notebook() -> bool:
    """Tell whether the program runs in a notebook, which shows more than text."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return bool(shell and shell.has_trait("kernel"))


class NotebookProgress:
    """A progress that shows sentences and the bar of the running task in one output."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._step: Step | None = None
        self._begun = self._shown = 0.0
        self._lock = threading.Lock()
        self._display: _Display | None = None

    def say(self, sentence: str) -> None:
        """Add a line."""
        with self._lock:
            self._sentences.append(sentence)
            self._show()

    def step(self, step: Step) -> None:
        """Move the bar."""
        with self._lock:
            last = self._step
            if last is None or (step.task, step.part) != (last.task, last.part):
                self._begun = time.monotonic()
            self._step = step
            if step.done >= step.total or time.monotonic() - self._shown >= PAUSE:
                self._show()

    def close(self) -> None:
        """Leave the sentences alone."""
        with self._lock:
            self._step = None
            if self._sentences:
                self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        picture = {"text/plain": self.text(), "text/html": self.html()}
        if self._display is None:
            display = import_module("IPython.display").display
            self._display = display(picture, raw=True, display_id=True)
        else:
            self._display.update(picture, raw=True)

    def text(self) -> str:
        """Return the output as plain text."""
        lines = list(self._sentences)
        if self._step is not None:
            full = round(_BAR * self._step.done / max(self._step.total, 1))
            lines.append(f"[{'#' * full}{'.' * (_BAR - full)}] {self._in_words(self._step)}")
        return "\n".join(lines)

    def html(self) -> str:
        """Return the output as HTML."""
        lines = [f"<div>{escape(sentence)}</div>" for sentence in self._sentences]
        if (step := self._step) is not None:
            bar = f'<progress value="{step.done}" max="{max(step.total, 1)}"></progress>'
            lines.append(f"<div>{bar} {escape(self._in_words(step))}</div>")
        return "".join(lines)

    def _in_words(self, step: Step) -> str:
        spent = time.monotonic() - self._begun
        left = spent * (step.total - step.done) / step.done if step.done else 0.0
        numbers = "".join(f", {name} {value:.4f}" for name, value in step.metrics.items())
        rest = f", {left:.0f} s left" if step.done < step.total and left >= 1 else ""
        place = f", {step.place}" if step.place else ""
        return f"{step.task}{place}: {step.done:,} of {step.total:,}{rest}{numbers}"
