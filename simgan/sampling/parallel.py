"""Work in several processes, and work ahead in a thread."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TypeVar

from simgan.errors import SamplingError

Result = TypeVar("Result")
_BYTES_PER_WORKER = 2**26  # of Python and its libraries
_AHEAD = 2  # blocks in flight per worker: memory stays bounded
_POLL = 0.2  # seconds between two looks at the workers
_GRACE = 1.0  # seconds in which a pool may notice by itself that a worker has ended
_OWN, _GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
_VERSION_2 = "0::/"  # begins the line of the group of this process


def in_order(
    work: Callable[[int], Result], numbers: Iterable[int], workers: int
) -> Iterator[Result]:
    """Yield ``work(number)`` for each number, in order.

    With several workers `work` must be picklable. Until they have started, this process works.

    Raises
    ------
    SamplingError
        A worker was killed, or the memory is too small for the workers.
    """
    if isinstance(numbers, range):
        workers = min(workers, numbers.stop - numbers.start)
    if workers <= 1:
        yield from map(work, numbers)
        return
    _expect_memory(workers)
    try:
        yield from _shared_out(work, iter(numbers), workers)
    except BrokenProcessPool as error:
        raise SamplingError(
            "a worker process was killed, perhaps because memory ran out; "
            "ask for fewer --workers or a shorter --horizon"
        ) from error


def expect_free(needed: int, horizon: int, workers: int) -> None:
    """Refuse a horizon whose groups need more bytes than are free, where the system tells.

    Raises
    ------
    SamplingError
        It says how much is needed and free.
    """
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # some systems have no such number
        return
    if needed > free:
        raise SamplingError(
            f"a horizon of {horizon:,} steps needs about {needed / 2**30:,.0f} GiB for the "
            f"scenarios that are computed together, and {free / 2**30:,.0f} GiB are free; "
            f"ask for fewer steps{' or workers' if workers > 1 else ''}"
        )


def free_memory() -> int | None:
    """Return the bytes of memory that new processes can use, or None if the system has no number.

    On Linux this counts the cache of files, which gives way.
    """
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if "MemAvailable" in line)
    except (OSError, ValueError, StopIteration):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def available_cores() -> int:
    """Return the number of cores that this process may use.

    A process may be bound to some cores. On Linux, a container or a service may have a quota of
    their time, too. Part of a core counts as one.
    """
    if hasattr(os, "sched_getaffinity"):
        bound = len(os.sched_getaffinity(0))
    else:
        bound = os.cpu_count() or 1
    return min([bound, *map(math.ceil, _quotas())])


def _quotas() -> Iterator[float]:
    """Yield the quotas of the control group of this process and of those above it, in cores.

    References
    ----------
    The Linux kernel, "Control Group v2", on the file ``cpu.max``.
    """
    lines: list[str] = []
    with suppress(OSError):
        lines = _OWN.read_text().splitlines()
    for line in lines:
        if line.startswith(_VERSION_2):
            own = _GROUPS / line.removeprefix(_VERSION_2)
            for folder in (own, *own.parents):
                with suppress(OSError, ValueError):  # no quota: there is no file, or it says "max"
                    quota, period = (folder / "cpu.max").read_text().split()
                    yield int(quota) / int(period)


def _expect_memory(workers: int) -> None:
    """Refuse more workers than the free memory holds."""
    needed, free = workers * _BYTES_PER_WORKER, free_memory()
    if free is not None and needed > free:
        raise SamplingError(
            f"{workers:,} workers need about {needed / 2**30:,.1f} GiB of memory, and "
            f"{free / 2**30:,.1f} GiB are free; ask for fewer --workers"
        )


def _shared_out(
    work: Callable[[int], Result], numbers: Iterator[int], workers: int
) -> Iterator[Result]:
    """Yield the results in order, from this process until the others have started."""
    with process_pool(workers) as pool, watched(pool):
        started = [pool.submit(os.getpid) for _ in range(workers)]
        while not all(one.done() for one in started):
            number = next(numbers, None)
            if number is None:
                return
            yield work(number)
        waiting: deque[Future[Result]] = deque()
        for number in numbers:
            waiting.append(pool.submit(work, number))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def ahead(items: Iterable[Result], count: int = 2) -> Iterator[Result]:
    """Yield the same items. A thread computes up to `count` of them while the last is used."""
    iterator, end = iter(items), object()
    pool = ThreadPoolExecutor(1, "ahead")
    try:
        waiting: deque[Future[Result | object]] = deque(
            pool.submit(next, iterator, end) for _ in range(count)
        )
        while (item := waiting.popleft().result()) is not end:
            waiting.append(pool.submit(next, iterator, end))
            yield item  # type: ignore[misc]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def process_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of processes that ignore Ctrl-C, which their parent handles.

    Processes are spawned, not forked: a fork after BLAS has started its threads can hang.
    """
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin_worker)


@contextmanager
def watched(pool: ProcessPoolExecutor) -> Iterator[None]:
    """Break the pool when a process is killed, even while it sends a result.

    A pool waits for ever for the rest of a result that a killed process began to send.
    """
    over = threading.Event()
    threading.Thread(target=_watch, args=(pool, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(pool: ProcessPoolExecutor, over: threading.Event) -> None:
    """Kill the other processes and close the last end that could send, so that the pool reads on.

    The pool usually notices a killed process by itself, and ends before the grace is over.
    """
    while not over.wait(_POLL):
        processes = list((pool._processes or {}).values())
        if not wait([process.sentinel for process in processes], 0.0):
            continue
        if not over.wait(_GRACE):
            for process in processes:
                process.kill()
            if pool._result_queue is not None:
                _let_go(pool._result_queue._writer)  # type: ignore[attr-defined]
        return


def _let_go(writer: Connection) -> None:
    """Close the pipe behind a connection, whose number stays valid: the pool closes it, too."""
    with suppress(OSError), open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), writer.fileno())


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave no worker behind when the parent is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
