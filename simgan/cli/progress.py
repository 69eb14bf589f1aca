"""Progress on a terminal: what is being done, how far, how long still, and the newest numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from simgan.cli.options import Common


@contextmanager
def training_progress(common: Common) -> Iterator[Callable[[Any], None]]:
    """Give a listener for training: a bar per stage on a terminal, else a line per validation with ``--verbose``."""
    if not common.shows_progress:
        yield lambda tick: common.detail(_line(tick)) if _is_check(tick) else None
        return
    with _bars() as bars:
        tasks: dict[str, Any] = {}

        def listen(tick: Any) -> None:
            if tick.phase not in tasks:
                tasks[tick.phase] = bars.add_task(tick.phase, total=tick.total, numbers="")
            shown = {"numbers": _numbers(tick)} if _is_check(tick) or tick.step % 10 == 0 else {}
            bars.update(tasks[tick.phase], completed=tick.step, **shown)

        yield listen


@contextmanager
def counting_progress(common: Common, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many more are done; the bar shows how many a second."""
    if not common.shows_progress:
        yield lambda _: None
        return
    with _bars() as bars:
        task = bars.add_task(what, total=total, numbers="")

        def count(more: int) -> None:
            bars.advance(task, more)
            speed = bars.tasks[task].speed
            bars.update(task, numbers=f"{speed:,.0f}/s" if speed else "")

        yield count


@contextmanager
def days_progress(
    common: Common,
) -> Iterator[Callable[[Mapping[str, int]], Callable[[str, int], None]]]:
    """Give a function that is told the days to forecast by model, and returns one that is told the days done."""
    if not common.shows_progress:
        yield lambda _: lambda *_: None
        return
    with _bars() as bars:

        def announce(days: Mapping[str, int]) -> Callable[[str, int], None]:
            tasks = {
                model: bars.add_task(model, total=total, numbers="")
                for model, total in days.items()
            }
            return lambda model, done: bars.advance(tasks[model], done)

        yield announce


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        "[progress.description]{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, TextColumn("{task.fields[numbers]}"), console=Console(stderr=True))


def _is_check(tick: Any) -> bool:
    return "validation CRPS" in tick.numbers or tick.step == tick.total


def _numbers(tick: Any) -> str:
    return "  ".join(f"{name} {value:.4f}" for name, value in tick.numbers.items())


def _line(tick: Any) -> str:
    return f"{tick.phase}: step {tick.step} of {tick.total}  {_numbers(tick)}"
