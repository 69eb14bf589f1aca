"""Processes of jobs: found by a mark in their environment, measured and ended.

A worker has processes of its own, and one that dies leaves them behind. All of them inherit the
mark. So they are found whoever started them, and however the supervisor before ended.

A system without ``/proc`` shows no marks. There they are found together, as the group of the worker
and by the lock of a file, which they inherit, too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from simgan.service.jobs.job import Lease
from simgan.workspace import Workspace

MARK = "SIMGAN_JOB_MARK"  # variable of the environment
_PROC = Path("/proc")
_START, _STATE = 19, 0  # fields of a process after its name
_NICE = 5  # the server answers first
_OOM = "500"  # of 1,000: the kernel ends a job before a server
_DIGITS = 16


def mark_of(workspace: Workspace, job: str = "") -> str:
    """Return the mark of the processes of a job, or the beginning of those of all jobs."""
    place = hashlib.sha256(os.fsencode(workspace.root.resolve())).hexdigest()[:_DIGITS]
    return f"{place}:{job}"


def lease_of(pid: int) -> Lease:
    """Return the lease of a process. The time of its start is empty where it is not known."""
    fields = _fields(pid)
    return Lease(pid, fields[_START] if fields else "")


def marked(mark: str) -> list[int]:
    """Return the processes whose mark begins like this. Those that have ended are left out."""
    sought = f"\0{MARK}={mark}".encode()
    return [pid for pid in _all() if sought in b"\0" + _environment(pid) and _runs(pid)]


def hold(file: IO[bytes]) -> None:
    """Lock a file for all processes that are going to inherit it."""
    with suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def group_of(worker: Lease | None, held: Path) -> list[int]:
    """Return the group of a worker, as a number below zero, if a process of it holds a file.

    It is empty where ``/proc`` tells the processes themselves.
    """
    if worker is None or _PROC.is_dir():
        return []
    try:
        with held.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return [-worker.pid]
    except OSError:
        pass
    return []


def memory_of(pids: Iterable[int]) -> int:
    """Return the bytes of memory that processes hold."""
    pages = 0
    for pid in pids:
        with suppress(OSError, ValueError, IndexError):
            pages += int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def kill(pids: Iterable[int]) -> None:
    """End processes at once, and groups, whose numbers are below zero."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):  # it has ended, or is about to
            os.kill(pid, signal.SIGKILL)


def lower_priority(pid: int) -> None:
    """Let a process give way to servers, where the system can do so."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid) + _NICE)
    with suppress(OSError):
        (_PROC / str(pid) / "oom_score_adj").write_text(_OOM)


def _all() -> Iterator[int]:
    with suppress(OSError):
        for name in os.listdir(_PROC):
            if name.isdigit():
                yield int(name)


def _environment(pid: int) -> bytes:
    with suppress(OSError):
        return (_PROC / str(pid) / "environ").read_bytes()
    return b""


def _runs(pid: int) -> bool:
    fields = _fields(pid)
    return bool(fields) and fields[_STATE] != "Z"


def _fields(pid: int) -> list[str]:
    """Return the fields of a process after its name, which may hold any sign."""
    with suppress(OSError):
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []
