"""Work in several processes: the pool, and blocks that are given back in order."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
_AHEAD = 2  # blocks in flight per worker: memory stays bounded


def in_order(work: Callable[[int], Result], numbers: Iterable[int], workers: int) -> Iterator[Result]:
    """Yield ``work(number)`` for each number, in order; with several workers `work` must be picklable."""
    if workers <= 1:
        yield from map(work, numbers)
        return
    with process_pool(workers) as pool:
        waiting: deque[Future[Result]] = deque()
        for number in numbers:
            waiting.append(pool.submit(work, number))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def process_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of processes that leave Ctrl-C to their parent: what runs ends, or saves itself by a handler of its own.

    Processes are spawned, not forked: a fork after BLAS has started its threads can hang.
    """
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _ignore_interrupts)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
