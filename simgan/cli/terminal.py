"""Words and progress on a terminal: sentences wrap at words, and each task has a bar."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from simgan.cli.written_progress import with_written
from simgan.progress import Progress, Step
from simgan.workspace import Workspace

if TYPE_CHECKING:
    import rich.progress

QUIET = 20.0  # seconds after which a run without a terminal says how far it is
WIDTH = 80  # columns of a terminal that does not tell
OF_A_PIPE = 100  # columns of prose that goes elsewhere than to a terminal
_LEAST_BAR = 5  # columns of a bar
_GAPS = 6  # columns of a moving sign, and between the six parts of a row
_TIME = 5  # columns of a remaining time, such as 12:34
_LONGEST_TASK = 30  # columns of the name of a task
_MANY = 1000  # steps of a task whose speed is worth a number
_SHOWN = 2  # metrics beside a bar
_FIRST = ("validation", "loss", "likelihood")  # metrics with these words are shown first


@dataclass(frozen=True)
class Common:
    """Facts that every command knows: the workspace and the verbosity."""

    workspace: Workspace
    verbosity: int  # −1 quiet, 0 normal, 1 verbose

    def say(self, sentence: str) -> None:
        """Tell the user something on stderr."""
        if self.verbosity >= 0:
            tell(sentence, err=True)

    def detail(self, sentence: str) -> None:
        """Tell something on stderr that only ``--verbose`` asks for."""
        if self.verbosity > 0:
            tell(sentence, err=True)

    @property
    def shows_progress(self) -> bool:
        """Progress bars appear on a terminal only."""
        return self.verbosity >= 0 and sys.stderr.isatty()


def tell(sentence: str, *, err: bool = False) -> None:
    """Print a sentence on stdout or stderr. On a terminal it is wrapped between its words."""
    columns = columns_of_terminal(err=err)
    click.echo(sentence if columns is None else wrapped(sentence, columns), err=err)


def conclude(sentence: str) -> None:
    """Print a sentence that ends a command on stdout, wrapped between its words everywhere."""
    click.echo(wrapped(sentence, columns_of_terminal() or OF_A_PIPE))


def wrapped(text: str, columns: int) -> str:
    """Wrap each line of a text between words. Paths and commands stay whole."""
    return "\n".join(
        textwrap.fill(
            line,
            max(columns, 20),
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
            drop_whitespace=True,
        )
        for line in text.split("\n")
    )


def columns_of_terminal(*, err: bool = False) -> int | None:
    """Return the width of the terminal behind stdout or stderr. None means that it is none."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty():
        return None
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    return WIDTH


@contextmanager
def terminal_progress(common: Common) -> Iterator[Progress]:
    """Give the progress of a command.

    It draws a bar for each task on a terminal. Elsewhere it prints a line when nothing was said
    for `QUIET` seconds, and with ``--verbose`` one for each check. Another program may ask for the
    same as lines of JSON in a file (`simgan.cli.written_progress`).
    """
    with _shown_progress(common) as shown, with_written(shown) as progress:
        yield progress


@contextmanager
def _shown_progress(common: Common) -> Iterator[Progress]:
    if not common.shows_progress:
        lines, over = _Lines(common), threading.Event()
        thread = threading.Thread(target=lines.remind, args=(over,), daemon=True)
        thread.start()
        try:
            yield lines
        finally:
            over.set()
            thread.join()
        return
    with _bars() as bars:
        yield _Bars(common, bars)


class _Lines:
    """A progress that prints the checks, and now and then how far the work has come."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._doing = "working"
        self._begun = self._said = time.monotonic()

    def remind(self, over: threading.Event) -> None:
        """Print a line whenever nothing was said for `QUIET` seconds, until the work is over."""
        while not over.wait(max(self._said + QUIET - time.monotonic(), 0.0)):
            if time.monotonic() - self._said >= QUIET:
                self.say_how_far()

    def say_how_far(self) -> None:
        """Print the task, the step and the seconds since the beginning."""
        self._said = time.monotonic()
        self._common.say(f"{self._doing} ({self._said - self._begun:.0f} s)")

    def say(self, sentence: str) -> None:
        self._doing, self._said = sentence, time.monotonic()
        self._common.say(sentence)

    def step(self, step: Step) -> None:
        place = f"{step.place}, " if step.place else ""
        self._doing = f"{place}{step.task}: {step.done:,} of {step.total:,}"
        if step.is_check:
            self._common.detail(
                f"{step.task}: step {step.done} of {step.total}  {_numbers(step.metrics)}"
            )


class _Bars(_Lines):
    """A progress that draws a bar for each task.

    Name, count, time and a bar of a few columns always have room. Metrics get the rest.
    """

    def __init__(self, common: Common, bars: rich.progress.Progress) -> None:
        super().__init__(common)
        self._bars = bars
        self._tasks: dict[str, rich.progress.TaskID] = {}
        self._metrics: dict[str, dict[str, float]] = {}  # the newest of each name, by task

    def step(self, step: Step) -> None:
        if step.task not in self._tasks:
            self._add(step)
        task, metrics = self._tasks[step.task], self._metrics[step.task]
        metrics.update(step.metrics)
        if step.done < self._bars.tasks[task].completed:  # the next fit of a backtest, or asset
            self._bars.reset(task, total=step.total, description=_shortened(step))
        self._bars.update(task, completed=step.done, count=f"{step.done:,}/{step.total:,}")
        if step.is_check or step.done % 10 == 0:
            self._bars.update(task, numbers=_fitting(metrics, self._room()))
        if not metrics and step.total >= _MANY and (speed := self._bars.tasks[task].speed):
            self._bars.update(task, numbers=f"{speed:,.0f}/s")

    def _add(self, step: Step) -> None:
        """Add a row. It may leave less room for the metrics of the others."""
        count = f"{step.done:,}/{step.total:,}"
        self._tasks[step.task] = self._bars.add_task(
            _shortened(step), total=step.total, count=count, numbers=""
        )
        self._metrics[step.task] = {}
        for name, task in self._tasks.items():
            self._bars.update(task, numbers=_fitting(self._metrics[name], self._room()))

    def _room(self) -> int:
        """Return the columns that are left for metrics."""
        names = max(len(task.description) for task in self._bars.tasks)
        counts = max(2 * len(f"{task.total:,.0f}") + 1 for task in self._bars.tasks)
        return self._bars.console.width - names - counts - _TIME - _LEAST_BAR - _GAPS


def _shortened(step: Step) -> str:
    """Return the name of a row."""
    name = step.place or step.task
    return name if len(name) <= _LONGEST_TASK else f"{name[: _LONGEST_TASK - 1]}…"


def _bars() -> rich.progress.Progress:
    from rich import progress
    from rich.console import Console
    from rich.table import Column

    def text(field: str) -> progress.TextColumn:
        return progress.TextColumn(field, markup=False, table_column=Column(no_wrap=True))

    return progress.Progress(
        progress.SpinnerColumn("line", finished_text=" "),
        text("{task.description}"),
        progress.BarColumn(bar_width=None, table_column=Column(ratio=1)),
        text("{task.fields[count]}"),
        progress.TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        text("{task.fields[numbers]}"),
        console=Console(stderr=True, highlight=False),
        expand=True,
    )


def _numbers(metrics: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())


def _fitting(metrics: Mapping[str, float], room: int) -> str:
    """Return at most two metrics, as many as fit into a number of columns."""

    def rank(name: str) -> int:
        return next((i for i, word in enumerate(_FIRST) if word in name), len(_FIRST))

    chosen = sorted(metrics, key=rank)[:_SHOWN]
    texts = [f"{name} {metrics[name]:.3g}" for name in chosen]
    while texts and len("  ".join(texts)) > room:
        texts.pop()
    return "  ".join(texts)
