"""The kept part of interrupted work: its complete groups, and a record of them.

The part of ``s.csv`` is the hidden file ``.s.csv.partial``, and its record ``.s.csv.partial.json``.
Both are read and written under the lock of ``s.csv`` only.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from simgan.errors import Interrupted, WriteError
from simgan.files import discard, sync, whole_file
from simgan.scenarios.block import ForeignScenarios

_NOTED_EVERY = 1.0  # seconds between two records
_GO_ON = "the same command with --resume goes on with it"


@dataclass(frozen=True)
class Reached:
    """The complete part of a file: `done` scenarios in its first `size` bytes."""

    done: int = 0
    size: int = 0


START = Reached()


def interrupted(path: Path, kept: int) -> Interrupted:
    """Return the interruption of a file or a folder of which `kept` scenarios stay."""
    remedy = _GO_ON if kept else "nothing of it was kept"
    return Interrupted(f"{path} is not complete; {remedy}", kept)


def say_kept(error: BaseException, kept: int) -> None:
    """Add a note to an error that says how to go on, if something was kept."""
    if kept:
        error.add_note(f"{kept:,} finished scenarios are kept: {_GO_ON}")


@dataclass(frozen=True)
class Partial:
    """The unfinished part of a file or folder, beside it under a hidden name, with its record.

    Attributes
    ----------
    path : Path
        The final name.
    request : mapping of plain JSON data
        Everything that decides the bytes.
    """

    path: Path
    request: Mapping[str, object]

    @classmethod
    def of(cls, path: Path, request: Mapping[str, object]) -> Partial:
        """Make one whose request equals its own JSON file, which has lists for tuples."""
        return cls(path, json.loads(json.dumps(request)))

    @property
    def data(self) -> Path:
        """The groups that are complete, or the folder of the files that are."""
        return self.path.with_name(f".{self.path.name}.partial")

    @property
    def record(self) -> Path:
        """The request and the complete part, as JSON."""
        return self.path.with_name(f".{self.path.name}.partial.json")

    def saved(self) -> Reached | None:
        """Return the record of an earlier run, or None if there is none that can be read.

        Raises
        ------
        WriteError
            It was a run with another request. The message names the difference.
        """
        try:
            saved = json.loads(self.record.read_text())
            request, reached = saved["request"], Reached(**saved["progress"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        _refuse_other_request(self.path, request, self.request)
        return reached

    def found(self) -> Reached:
        """Return the usable part of an interrupted file, or `START`.

        Raises
        ------
        WriteError
            It was a run with another request. The message names the difference.
        """
        reached = self.saved()
        return reached if reached is not None and self._holds(reached) else START

    def write_record(self, reached: Reached) -> None:
        """Write the record, whole or not at all."""
        content = {"request": self.request, "progress": asdict(reached)}
        with whole_file(self.record) as record:
            record.write_text(json.dumps(content, indent=2))

    @contextmanager
    def opened(self, reached: Reached, *, appendable: bool) -> Iterator[Unfinished]:
        """Open the data after `reached`. On success, sync it and give it its final name.

        After any failure the complete groups of an appendable file stay: after an interruption, a
        kill, a full disk, and the death of a worker. The error gets a note that says so.

        Raises
        ------
        Interrupted
            `KeyboardInterrupt` while the file was open.
        """
        if reached == START:
            self.record.unlink(missing_ok=True)
        unfinished = Unfinished(self, reached, appendable)
        try:
            with self.data.open("ab") as sink:
                sink.truncate(reached.size)
                unfinished.sink = sink
                yield unfinished
            sync(self.data)  # some writers close the sink before anything could be synced
            os.replace(self.data, self.path)
        except KeyboardInterrupt as stop:
            raise interrupted(self.path, unfinished.keep()) from stop
        except ForeignScenarios:
            self.forget()
            raise
        except BaseException as error:
            say_kept(error, unfinished.keep())
            raise
        sync(self.path.parent)
        self.forget()

    def forget(self) -> None:
        """Remove the data and their record."""
        self.record.unlink(missing_ok=True)
        discard(self.data)

    def _holds(self, reached: Reached) -> bool:
        try:
            return self.data.stat().st_size >= reached.size
        except OSError:
            return False


@dataclass
class Unfinished:
    """A file that is being written: its sink, and its complete part."""

    partial: Partial
    reached: Reached
    appendable: bool
    sink: BinaryIO = field(init=False)
    due: float = field(default_factory=lambda: time.monotonic() + _NOTED_EVERY)

    def note(self, reached: Reached) -> None:
        """Remember the complete part. The record of an appendable file is renewed each second.

        The data are synced before their record, which therefore never promises too much.
        """
        self.reached = reached
        if self.appendable and time.monotonic() >= self.due:
            self.sink.flush()
            os.fsync(self.sink.fileno())
            self.partial.write_record(reached)
            self.due = time.monotonic() + _NOTED_EVERY

    def keep(self) -> int:
        """Leave everything that can be continued, and return its number of scenarios.

        The newest groups are cut off first, which makes room for the record on a full disk. If the
        record cannot be written, an older record stays with its part.
        """
        if not self.appendable:
            self.partial.forget()
            return 0
        reached = self._recorded() or self.partial.found()
        if not reached.done:
            self.partial.forget()
        return reached.done

    def _recorded(self) -> Reached | None:
        """Record the newest complete part, if the system lets us."""
        try:
            if not self.reached.done or self.partial.data.stat().st_size < self.reached.size:
                return None
            os.truncate(self.partial.data, self.reached.size)
            sync(self.partial.data)
            self.partial.write_record(self.reached)
        except (OSError, WriteError):
            return None
        return self.reached


def _refuse_other_request(
    path: Path, saved: Mapping[str, object], asked: Mapping[str, object]
) -> None:
    """Refuse to go on with a run that had other options.

    Raises
    ------
    WriteError
        The message names the difference.
    """
    keys = saved.keys() | asked.keys()
    differing = sorted(key for key in keys if saved.get(key) != asked.get(key))
    if differing:
        raise WriteError(
            f"{path} was interrupted with another {', '.join(differing)}; "
            "give the options of that run, or leave out --resume to start over"
        )
