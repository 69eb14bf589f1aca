"""Processes that answer at the same socket, and one that keeps them alive."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import cast

LOGGER = logging.getLogger("simgan.service")
PAUSE = 1.0  # seconds between two starts of a worker that ends at once
_SAFE_PATH = "PYTHONSAFEPATH"  # variable of Python, like its option -P
_LOOK = 0.5  # seconds between two looks at a signal
_MORE = 5.0  # seconds beyond the grace of streams


def run_workers(
    count: int,
    target: Callable[[], None],
    grace: float,
    ended: Callable[[int], None],
    ending: Callable[[], None],
) -> None:
    """Run a function in several processes until SIGTERM or Ctrl-C, and again where one ends.

    Parameters
    ----------
    count : int
    target : callable
        Can be pickled. It ends at SIGTERM within `grace`.
    grace : float
        In seconds.
    ended : callable
        Hears the number of a process that has ended.
    ending : callable
        Is called at the signal, before the processes hear of it.
    """
    with signalled() as over:
        workers = [_Worker(target) for _ in range(count)]
        while not over.is_set():
            connection.wait([worker.process.sentinel for worker in workers], timeout=_LOOK)
            if not over.is_set():
                workers = [worker.alive(ended) for worker in workers]
    ending()
    for worker in workers:
        worker.process.terminate()
    last = time.monotonic() + grace + _MORE
    for worker in workers:
        worker.process.join(max(last - time.monotonic(), 0.0))
        worker.process.kill()


@contextmanager
def signalled(call: Callable[[], None] | None = None) -> Iterator[threading.Event]:
    """Give an event that SIGTERM and Ctrl-C set. They also call a function."""
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        over.set()
        if call is not None:
            call()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent() -> None:
    """End this process gently when the process that started it has ended, however it ended."""
    if parent := multiprocessing.parent_process():

        def wait() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=wait, daemon=True).start()


class _Worker:
    def __init__(self, target: Callable[[], None]) -> None:
        self._target, self._begun = target, time.monotonic()
        self.process = _started(target)

    def alive(self, ended: Callable[[int], None]) -> _Worker:
        """Return this worker if it lives, or a new one."""
        if self.process.is_alive():
            return self
        ended(cast(int, self.process.pid))
        LOGGER.error("a server process ended with code %s; another starts", self.process.exitcode)
        time.sleep(max(self._begun + PAUSE - time.monotonic(), 0.0))
        return _Worker(self._target)


def _started(target: Callable[[], None]) -> SpawnProcess:
    """Start a process that ignores Ctrl-C until it has handlers of its own.

    Otherwise Ctrl-C in a terminal would show a traceback of its imports.
    """
    process = multiprocessing.get_context("spawn").Process(target=target)
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with _safe_path():
            process.start()
    finally:
        signal.signal(signal.SIGINT, handler)
    return process


@contextmanager
def _safe_path() -> Iterator[None]:
    """Let processes that start now import no module from the current folder."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before
