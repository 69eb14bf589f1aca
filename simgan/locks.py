"""Locks between runs that write the same thing: a model, a cache entry, a file of scenarios.

The lock of ``models/SP500`` is the hidden file ``models/.SP500.lock``. The system releases it when
its process ends, however it ends. The file is removed by its holder, and one that a killed run left
behind is removed by the next run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from simgan.errors import WriteError
from simgan.files import no_empty_folders, told_as_write_error
from simgan.progress import Progress, Silent, Stop

if TYPE_CHECKING:
    from filelock import BaseFileLock

_WAIT = 0.1  # seconds between two looks at the stop token


@contextmanager
def locked(
    path: Path, progress: Progress | None = None, stop: Stop | None = None
) -> Iterator[None]:
    """Hold the lock of `path`, and wait for it while another run or thread holds it.

    Parameters
    ----------
    path : Path
        File or folder that is going to be written. It does not need to exist.
    progress : Progress, optional
        Hears one sentence if the lock has to be waited for.
    stop : Stop, optional
        Ends the wait.

    Raises
    ------
    WriteError
        The system refuses to make the lock file.
    Interrupted
        The stop token was set during the wait.
    """
    with no_empty_folders(path.parent):
        lock = _lock_of(path)
        if not _acquired(lock, path, 0.0):
            (progress or Silent()).say(f"waiting for another run that is writing {path}")
            while not _acquired(lock, path, _WAIT):
                if stop is not None:
                    stop.check(f"another run is still writing {path}")
        with _released_afterwards(lock):
            yield


@contextmanager
def locked_or_refused(path: Path) -> Iterator[None]:
    """Hold the lock of `path`, or refuse at once while another run or thread holds it.

    Raises
    ------
    WriteError
        Another run is writing `path`, or the system refuses to make the lock file.
    """
    with no_empty_folders(path.parent):
        lock = _lock_of(path)
        if not _acquired(lock, path, 0.0):
            raise WriteError(
                f"another run is writing {path}; wait for its end, or choose another name"
            )
        with _released_afterwards(lock):
            yield


def is_locked(path: Path) -> bool:
    """Tell whether a run holds the lock of `path` now."""
    from filelock import Timeout

    lock = _lock_of(path)
    if not Path(lock.lock_file).exists():
        return False
    try:
        lock.acquire(timeout=0.0)
    except Timeout:
        return True
    lock.release()
    return False


def _lock_of(path: Path) -> BaseFileLock:
    from filelock import FileLock  # loaded here: reading commands need no locks

    return FileLock(path.with_name(f".{path.name}.lock"))


def _acquired(lock: BaseFileLock, path: Path, timeout: float) -> bool:
    """Try for `timeout` seconds to acquire the lock."""
    from filelock import Timeout

    with told_as_write_error(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=timeout)
        except Timeout:
            was_there = _made_sure_of(Path(lock.lock_file))
            # another run removed the file when it released the lock just now
            return not was_there and _acquired(lock, path, max(timeout, _WAIT))
        except FileNotFoundError:  # another run removed the empty folder just now
            path.parent.mkdir(parents=True, exist_ok=True)
            return _acquired(lock, path, max(timeout, _WAIT))
    return True


def _made_sure_of(file: Path) -> bool:
    """Tell whether a lock file is there, and make it or raise the error of the system if not."""
    is_there = file.exists()
    if not is_there:
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY))
    return is_there


@contextmanager
def _released_afterwards(lock: BaseFileLock) -> Iterator[None]:
    """Remove the lock file while the lock is held, then release it.

    A run that opened the removed file notices that it has no name any more, and opens the new one.
    """
    try:
        yield
    finally:
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()
