"""What an interrupted file leaves behind: its complete groups, and a record of what they are."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from simgan.errors import Interrupted, WriteError
from simgan.files import no_empty_folders, sync, whole_file

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

_NOTED_EVERY = 1.0  # seconds between two records of the progress


@dataclass(frozen=True)
class Progress:
    """How far a file is complete: `done` scenarios in its first `size` bytes."""

    done: int = 0
    size: int = 0


START = Progress()


def interrupted(path: Path, kept: int) -> Interrupted:
    """Return the interruption of a file or a folder of which `kept` scenarios stay for --resume."""
    remedy = "the same command with --resume goes on with it" if kept else "nothing of it was kept"
    return Interrupted(f"{path} is not complete; {remedy}", kept)


@dataclass(frozen=True)
class Partial:
    """The unfinished part of the file `path`, beside it under a hidden name, with its record.

    Attributes
    ----------
    path : Path
        The file that is to be.
    request : mapping of plain JSON data
        Everything that decides its bytes.
    """

    path: Path
    request: Mapping[str, Any]

    @classmethod
    def of(cls, path: Path, request: Mapping[str, Any]) -> Partial:
        """Make one whose request is what would come back from its JSON file (tuples as lists)."""
        return cls(path, json.loads(json.dumps(request)))

    @property
    def data(self) -> Path:
        """The groups that are complete."""
        return self.path.with_name(f".{self.path.name}.partial")

    @property
    def record(self) -> Path:
        """The request and the progress, as JSON."""
        return self.path.with_name(f".{self.path.name}.partial.json")

    def found(self) -> Progress:
        """Return how far an interrupted run came, or `START` if there was none or nothing of it can be used.

        Raises
        ------
        WriteError
            It was a run with another request; the message names what differs.
        """
        try:
            saved = json.loads(self.record.read_text())
            request, progress = saved["request"], Progress(**saved["progress"])
            size = self.data.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return START
        refuse_other_request(self.path, request, self.request)
        return progress if size >= progress.size else START

    @contextmanager
    def opened(self, progress: Progress, *, appendable: bool) -> Iterator[Unfinished]:
        """Go on after `progress`; on success the file is synced and takes its final name.

        After an interruption, and after a kill, what was noted of an appendable file stays; after any other failure nothing does.

        Raises
        ------
        WriteError
            Another run is writing the file.
        Interrupted
            `KeyboardInterrupt` while the file was open.
        """
        with no_empty_folders(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.data.open("ab") as sink:
                _lock(sink, self.path)
                if progress == START:
                    self.record.unlink(missing_ok=True)
                sink.truncate(progress.size)
                unfinished = Unfinished(self, sink, progress, appendable)
                try:
                    yield unfinished
                except KeyboardInterrupt as stop:
                    raise interrupted(self.path, unfinished.keep()) from stop
                except BaseException:
                    self.forget()
                    raise
            sync(self.data)  # some writers close the sink before anything could be synced
            os.replace(self.data, self.path)
            sync(self.path.parent)
            self.forget()

    def forget(self) -> None:
        """Remove both files."""
        self.record.unlink(missing_ok=True)
        self.data.unlink(missing_ok=True)


@dataclass
class Unfinished:
    """A file that is being written: where its bytes go, and how far it is complete."""

    partial: Partial
    sink: BinaryIO
    progress: Progress
    appendable: bool
    due: float = field(default_factory=lambda: time.monotonic() + _NOTED_EVERY)

    def note(self, progress: Progress) -> None:
        """Remember how far the file is complete; of an appendable one every second on disk."""
        self.progress = progress
        if self.appendable and time.monotonic() >= self.due:
            self._record()
            self.due = time.monotonic() + _NOTED_EVERY

    def keep(self) -> int:
        """Leave what can be continued, and return how many scenarios that are; a group that was not noted is not complete."""
        if not self.appendable or self.progress == START:
            self.partial.forget()
            return 0
        self._record()
        return self.progress.done

    def _record(self) -> None:
        """Sync the data, then the record of it: it never promises more than there is."""
        self.sink.flush()
        os.fsync(self.sink.fileno())
        with whole_file(self.partial.record) as record:
            record.write_text(
                json.dumps(
                    {"request": self.partial.request, "progress": asdict(self.progress)}, indent=2
                )
            )


def refuse_other_request(path: Path, saved: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Refuse to go on with a run that had other options.

    Raises
    ------
    WriteError
        The message names what differs.
    """
    differing = sorted(
        key for key in saved.keys() | asked.keys() if saved.get(key) != asked.get(key)
    )
    if differing:
        raise WriteError(
            f"{path} was interrupted with another {', '.join(differing)}; give the options of that run, or leave out --resume to start over"
        )


def _lock(sink: BinaryIO, path: Path) -> None:
    """Refuse to write what another run is writing; the lock goes with the process, however it ends."""
    if fcntl is None:
        return
    try:
        fcntl.flock(sink, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise WriteError(
            f"another run is writing {path}; wait for its end, or choose another name"
        ) from error
