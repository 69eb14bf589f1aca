"""Faults of the system, injected into commands: a kill, a full disk, two runs at once.

A command runs in a fork of a server process that has simgan imported already, so that a run takes
some hundredths of a second. In the fork, every call that changes the disk is counted: opening a
file to write, each write, sync, rename, removal and new folder. The fault happens at one of them.
"""

from __future__ import annotations

import builtins
import errno
import gc
import hashlib
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Fault = Literal["none", "kill", "full"]
CHANGES = ("replace", "rename", "unlink", "remove", "rmdir", "mkdir", "fsync", "truncate", "link")
PRELOADED = (
    "arch.data.sp500",
    "encodings.cp437",
    "filelock",
    "polars",
    "pyarrow.csv",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "quick_work",
    "safetensors.numpy",
    "simgan.cli.fit",
    "simgan.cli.models",
    "simgan.cli.report",
    "simgan.cli.sample",
    "simgan.market.scalings.standard",
    "simgan.market.sources.sample",
    "simgan.sampling.runtimes.cpu",
    "simgan.sampling.runtimes.numpy_runtime",
    "simgan.scenarios.formats.arrow",
    "simgan.scenarios.formats.csv_plain",
    "simgan.scenarios.formats.npy",
    "simgan.scenarios.formats.parquet",
    "simgan.report.renderers",
    "simgan.workflows.fit",
    "simgan.workflows.report",
    "simgan.workflows.sample",
)
LEFTOVERS = (".tmp-", ".old-", ".partial", ".lock", ".removed-")


@dataclass(frozen=True)
class Operation:
    """A row of the table of operations that must survive faults.

    Attributes
    ----------
    name : str
    command : tuple of str
        The command line, run in an empty folder.
    again : tuple of str
        The command line that a user gives after the fault, such as with --resume.
    prepare : callable
        Fills the folder before the command.
    target : callable
        Returns the state of the target as plain data. Only its state before the command and its
        state after an undisturbed command are whole. Default: the bytes of all files.
    settings : dict
        Module attributes that are changed in the fork, to make small work of many steps. A text
        ``@module.name`` stands for that object.
    says : tuple of str
        Beginnings of the lines of progress, which may come before the one line of an error.
    """

    name: str
    command: tuple[str, ...]
    again: tuple[str, ...]
    prepare: Callable[[Path], object] = lambda folder: None
    target: Callable[[Path], object] = field(default=lambda folder: visible(folder))
    settings: dict[str, object] = field(default_factory=dict)
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The end of a run: exit code (negative for a signal), changes of the disk, and stderr."""

    code: int
    changes: int
    said: str


def visible(folder: Path) -> dict[str, str]:
    """Return the hash of every file of a folder that is not hidden."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def leftovers(folder: Path) -> list[str]:
    """Return the names of temporary things in a folder."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.name.startswith(".") and any(mark in path.name for mark in LEFTOVERS)
    ]


class Server:
    """A process that runs commands in forks of itself."""

    def __init__(self) -> None:
        environment = os.environ | {
            name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS")
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(
        self,
        folder: Path,
        arguments: tuple[str, ...],
        settings: dict[str, object],
        fault: Fault = "none",
        at: int = 0,
    ) -> Outcome:
        """Run a command in a folder, with a fault at its change number `at`, from 1."""
        return self.together(folder, [arguments], settings, fault, at)[0]

    def together(
        self,
        folder: Path,
        commands: list[tuple[str, ...]],
        settings: dict[str, object],
        fault: Fault = "none",
        at: int = 0,
    ) -> list[Outcome]:
        """Start commands at the same moment, and return their ends."""
        request = {
            "folder": str(folder),
            "commands": commands,
            "settings": settings,
            "fault": fault,
            "at": at,
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return [Outcome(**one) for one in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


# ---- in the server


def serve() -> None:
    """Read requests from stdin, one a line, and answer each with a line."""
    # everything is imported before a fork, and no thread may run then
    for module in PRELOADED:
        importlib.import_module(module)
    from simgan.recipe.remedies import REMEDIES

    for name in REMEDIES:
        REMEDIES.load(name)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy the memory that forks share
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryDirectory() as notes:
            children = [
                _forked(request, command, Path(notes) / str(number))
                for number, command in enumerate(request["commands"])
            ]
            ends = [_ended(child, Path(notes) / str(n)) for n, child in enumerate(children)]
        answers.write(json.dumps(ends) + "\n")
        answers.flush()


def _ended(child: int, notes: Path, seconds: float = 60.0) -> dict[str, object]:
    """Wait for a fork, and kill one that hangs."""
    last = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > last:
            os.kill(child, signal.SIGABRT)
        time.sleep(0.002)
    code = os.waitstatus_to_exitcode(status)
    changes = notes.with_suffix(".changes")
    return {
        "code": code,
        "changes": int(changes.read_text()) if changes.exists() else 0,
        "said": notes.with_suffix(".err").read_text(),
    }


def _forked(request: dict[str, Any], command: list[str], notes: Path) -> int:
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        os.chdir(request["folder"])
        for number, ending in ((0, None), (1, ".out"), (2, ".err")):
            place = os.devnull if ending is None else notes.with_suffix(ending)
            os.dup2(os.open(place, os.O_RDWR | os.O_CREAT), number)
        for name, value in request["settings"].items():
            module, _, attribute = name.rpartition(".")
            setattr(sys.modules[module], attribute, _named(value))
        from simgan.cli.main import run

        with _faults(request["fault"], request["at"], notes.with_suffix(".changes")):
            code = run(command)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _named(value: object) -> object:
    """Return the object that a text such as ``@quick_work.judge`` names, or the value itself."""
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    module, _, attribute = value[1:].rpartition(".")
    return getattr(importlib.import_module(module), attribute)


@dataclass
class _Disk:
    """Counts the changes of the disk, and lets the fault happen at one of them.

    The full disk stays full until the command ends: all growth fails then, removal does not.
    """

    fault: Fault
    at: int
    count: int = 0
    owner: int = field(default_factory=os.getpid)

    def change(self, grows: bool = True) -> None:
        if os.getpid() != self.owner:
            return
        self.count += 1
        if self.fault == "kill" and self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "full" and self.count >= self.at and grows:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def counted(self, plain: Callable[..., Any], grows: bool) -> Callable[..., Any]:
        def call(*all: Any, **options: Any) -> Any:
            self.change(grows)
            return plain(*all, **options)

        return call

    def counted_open(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        disk = self

        class Counted(io.FileIO):
            def write(self, data: Any) -> int | None:  # type: ignore[override]
                disk.change()
                return super().write(data)

        def call(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if isinstance(file, int) or not set(mode) & set("wax+"):
                return plain(file, mode, *rest, **options)
            disk.change()
            if options.get("opener") is not None:  # as of a temporary file without a name
                return plain(file, mode, *rest, **options)
            raw = Counted(file, mode.replace("b", "").replace("t", ""))
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            if "b" in mode:
                return buffered
            names = ("encoding", "errors", "newline")
            return io.TextIOWrapper(buffered, **{k: options[k] for k in names if k in options})

        return call


@contextmanager
def _faults(fault: Fault, at: int, notes: Path) -> Iterator[None]:
    """Let a fault happen within the context, and write the number of changes to a file."""
    disk, plain_os_open = _Disk(fault, at), os.open

    def os_open(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & os.O_CREAT:
            disk.change()
        return plain_os_open(path, flags, *rest, **options)

    builtins.open = io.open = disk.counted_open(io.open)  # type: ignore[assignment]
    os.open = os_open
    for name in CHANGES:
        grows = name not in ("unlink", "remove", "rmdir", "truncate")
        setattr(os, name, disk.counted(getattr(os, name), grows))
    _count_exchanges(disk.change)
    try:
        yield
    finally:
        disk.fault = "none"
        descriptor = plain_os_open(notes, os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, str(disk.count).encode())


def _count_exchanges(change: Callable[[], None]) -> None:
    """Count the exchange of two folders, which Python does not know as a function of `os`."""
    import ctypes

    from simgan import files

    plain = ctypes.CDLL

    class Library:
        def __init__(self, *rest: Any, **options: Any) -> None:
            self._plain = plain(*rest, **options)

        def renameat2(self, *rest: Any) -> int:
            change()
            return int(self._plain.renameat2(*rest))

    files.ctypes = type("ctypes", (), {"CDLL": Library})  # type: ignore[assignment,misc]


# ---- checks


def undisturbed(server: Server, operation: Operation, folder: Path) -> tuple[object, object, int]:
    """Return the target before and after an undisturbed command, and its number of changes."""
    folder.mkdir()
    operation.prepare(folder)
    before = operation.target(folder)
    ended = server.run(folder, operation.command, operation.settings)
    assert ended.code == 0, ended.said
    assert leftovers(folder) == []
    return before, operation.target(folder), ended.changes


def check_fault(
    server: Server,
    operation: Operation,
    place: Path,
    fault: tuple[Fault, int],
    whole: tuple[object, object],
) -> None:
    """Let a fault happen, and check the target, the next command, and the leftovers.

    `whole` holds the target before and after an undisturbed command.
    """
    kind, at = fault
    place.mkdir()
    operation.prepare(place)
    ended = server.run(place, operation.command, operation.settings, kind, at)
    allowed = {"none": (0,), "kill": (-signal.SIGKILL, 0), "full": (0, 1)}[kind]
    assert ended.code in allowed, f"{fault}: exit {ended.code}: {ended.said}"
    if ended.code == 1:
        errors = [line for line in ended.said.splitlines() if not line.startswith(operation.says)]
        assert len(errors) == 1 and errors[0].startswith("Error: "), ended.said
    assert operation.target(place) in whole, f"{fault}: half of the target"
    again = server.run(place, operation.again, operation.settings)
    assert again.code == 0, f"after {fault}: {again.said}"
    assert operation.target(place) == whole[1], f"after {fault}: another target"
    assert leftovers(place) == [], f"after {fault}: leftovers"
    shutil.rmtree(place)


if __name__ == "__main__":
    serve()
