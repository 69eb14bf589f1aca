"""Work on a Dask cluster whose workers see the same folders as this process.

A part of the work writes a whole file into a folder that all of them share, and returns little. So
a worker that is killed costs the part that it was working on, and Dask gives this to another one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from simgan.errors import ClusterError, MissingExtraError
from simgan.progress import Stop
from simgan.provenance import library_versions

if TYPE_CHECKING:
    from distributed import Client

Result = TypeVar("Result")
Given = ParamSpec("Given")
_ANSWER = 5.0  # seconds in which a scheduler must answer
_WORKERS = 10.0  # seconds in which its first worker must have come
_ABSENT = 60.0  # seconds without a worker after which the work is given up
_LOOK = 5.0  # seconds between two looks at the workers
_POLL = 0.2  # seconds between two looks at the stop token
_LOGS = ("distributed", "distributed.client")  # with levels of their own
_IN_FLIGHT = 1000  # parts that the scheduler knows at once


class Workers(Executor):
    """The workers of a cluster, as the executor of a pool.

    Parameters
    ----------
    client : distributed.Client
    folder : Path
        Absolute. Every worker must see it.
    """

    def __init__(self, client: Client, folder: Path) -> None:
        self._client, self._folder = client, folder
        self._executor, self._versions = client.get_executor(pure=False), library_versions()
        self._is_over = threading.Event()

    def share(self, value: Result) -> Result:
        """Return a stand-in for a large argument of many parts. Workers get it from each other."""
        import dask

        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            shared: Result = self._client.submit(_same, value, pure=False)
        return shared

    def submit(
        self, work: Callable[Given, Result], /, *arguments: Given.args, **named: Given.kwargs
    ) -> Future[Result]:
        """Let a worker do a part of the work."""
        if self._is_over.is_set():
            raise CancelledError
        future: Future[Result] = self._executor.submit(
            _on_worker, self._folder, self._versions, work, *arguments, **named
        )
        return future

    def as_finished(
        self, work: Callable[..., Result], parts: Iterable[tuple[object, ...]], stop: Stop
    ) -> Iterator[Result]:
        """Yield the result of each part, in the order in which they are finished.

        Raises
        ------
        Interrupted
            `stop` was asked for. Parts that are not finished are given up.
        """
        coming = iter(parts)
        running = {self.submit(work, *part) for part in islice(coming, _IN_FLIGHT)}
        while running:
            stop.check()
            done, running = wait(running, _POLL, return_when=FIRST_COMPLETED)
            running |= {self.submit(work, *part) for part in islice(coming, len(done))}
            for future in done:
                yield future.result()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up the parts that are not finished."""
        self._is_over.set()
        self._executor.shutdown(wait=wait and not cancel_futures)

    def watch(self) -> None:
        """Give up all parts when no worker was there for a minute. Return when the work is over."""
        seen = time.monotonic()
        while not self._is_over.wait(_LOOK):
            with suppress(OSError):  # the client itself gives up if the scheduler has ended
                if self._client.nthreads():
                    seen = time.monotonic()
                elif time.monotonic() - seen > _ABSENT:
                    self.shutdown(cancel_futures=True)


@contextmanager
def cluster_at(address: str, folder: Path) -> Iterator[Workers]:
    """Give the workers behind the scheduler at an address, such as ``tcp://10.0.0.5:8786``.

    Parameters
    ----------
    address : str
    folder : Path
        Where they write. It exists, and every worker must see it under the same name.

    Raises
    ------
    MissingExtraError
        Dask is not installed here.
    ClusterError
        The scheduler does not answer, ends, or has no workers. Or a worker has other versions, does
        not see the folder, or is the fourth that dies of the same part.
    """
    with _quiet():
        client = _client_of(address)
        workers = Workers(client, folder.absolute())
        watch = threading.Thread(target=workers.watch, daemon=True)
        watch.start()
        try:
            with _told_as_cluster_error(address):
                yield workers
        finally:
            workers.shutdown(cancel_futures=True)
            watch.join(_ANSWER)
            client.close(timeout=_ANSWER)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the log of Dask from the terminal, because each error becomes a sentence."""
    levels = {log: log.level for log in map(logging.getLogger, _LOGS)}
    for log in levels:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in levels.items():
            log.setLevel(level)


def _client_of(address: str) -> Client:
    """Connect to a scheduler that has a worker."""
    try:
        from distributed import Client
        from distributed.comm import parse_address
        from distributed.comm.registry import get_backend
    except ImportError as error:
        raise MissingExtraError("--scheduler", "dask") from error
    try:
        get_backend(parse_address(address)[0])  # Client breaks off in an assertion
        client = Client(address, timeout=_ANSWER, set_as_default=False, name="simgan")
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address}; give the address that `dask scheduler` "
            "prints, such as tcp://10.0.0.5:8786"
        ) from error
    _expect_workers(client, address)
    return client


def _expect_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_WORKERS)
    except OSError as error:  # one of them is TimeoutError
        client.close(timeout=_ANSWER)
        raise ClusterError(
            f"the scheduler at {address} has no workers; start some: "
            f"dask worker {address} --nworkers -1 --nthreads 1"
        ) from error


@contextmanager
def _told_as_cluster_error(address: str) -> Iterator[None]:
    """Turn the end of workers and of the scheduler into a sentence."""
    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except KilledWorker as error:
        raise ClusterError(
            f"{error.allowed_failures + 1} workers ended at the same part, killed or out of "
            f"memory, the last at {error.last_worker.address}; give each worker more memory"
        ) from error
    except (CancelledError, CommClosedError) as error:
        raise ClusterError(
            f"the scheduler at {address} has ended, or had no worker for {_ABSENT:.0f} seconds"
        ) from error


def _same(value: Result) -> Result:
    return value


def _on_worker(
    folder: Path,
    versions: Mapping[str, str],
    work: Callable[Given, Result],
    *arguments: Given.args,
    **named: Given.kwargs,
) -> Result:
    """Do a part of the work in the process of a worker, which must be as this process is."""
    from distributed import get_worker

    here = get_worker().address
    if not folder.is_dir():
        raise ClusterError(
            f"the worker at {here} does not see {folder}; all workers need the same folder under "
            "the same name, such as a network drive"
        )
    own = library_versions()
    for name in sorted(versions.keys() & own.keys() - {"python"}):
        if versions[name] != own[name]:
            raise ClusterError(
                f"the worker at {here} has {name} {own[name]}, and this process has "
                f"{versions[name]}; install the same versions, so that results are the same"
            )
    return work(*arguments, **named)
