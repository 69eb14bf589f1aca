"""Progress on a terminal: a bar for each task, with the time left and the newest numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from simgan.cli.options import Common
from simgan.progress import Progress, Step


@contextmanager
def terminal_progress(common: Common) -> Iterator[Progress]:
    """Give the progress of a command.

    It draws a bar for each task on a terminal. Elsewhere it prints a line for each check with
    ``--verbose``.
    """
    if not common.shows_progress:
        yield _Lines(common)
        return
    with _bars() as bars:
        yield _Bars(common, bars)


class _Lines:
    """A progress that prints the checks."""

    def __init__(self, common: Common) -> None:
        self._common = common

    def say(self, sentence: str) -> None:
        self._common.say(sentence)

    def step(self, step: Step) -> None:
        if step.is_check:
            self._common.detail(
                f"{step.task}: step {step.done} of {step.total}  {_numbers(step.metrics)}"
            )


class _Bars(_Lines):
    """A progress that draws a bar for each task."""

    def __init__(self, common: Common, bars: Any) -> None:
        super().__init__(common)
        self._bars, self._tasks = bars, dict[str, Any]()

    def step(self, step: Step) -> None:
        if step.task not in self._tasks:
            self._tasks[step.task] = self._bars.add_task(step.task, total=step.total, numbers="")
        is_shown = step.is_check or step.done % 10 == 0
        shown = {"numbers": _numbers(step.metrics)} if is_shown else {}
        task = self._tasks[step.task]
        self._bars.update(task, completed=step.done, **shown)
        if not step.metrics and (speed := self._bars.tasks[task].speed):
            self._bars.update(task, numbers=f"{speed:,.0f}/s")


def _bars() -> Any:
    from rich import progress
    from rich.console import Console

    columns = (
        "[progress.description]{task.description}",
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        progress.TextColumn("{task.fields[numbers]}"),
    )
    return progress.Progress(*columns, console=Console(stderr=True))


def _numbers(metrics: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
