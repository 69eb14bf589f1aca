"""Blocks computed by several processes, given back in order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
_AHEAD = 2  # blocks in flight per worker: memory stays bounded


def in_order(work: Callable[[int], Result], numbers: Iterable[int], workers: int) -> Iterator[Result]:
    """Yield ``work(number)`` for each number, in order; with several workers `work` must be picklable.

    Processes are spawned, not forked: a fork after BLAS has started its threads can hang.
    """
    if workers <= 1:
        yield from map(work, numbers)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        waiting: deque[Future[Result]] = deque()
        for number in numbers:
            waiting.append(pool.submit(work, number))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
