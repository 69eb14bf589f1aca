"""Files of scenarios on disk.

They are the kept part of interrupted work, and finished files that are checked.
"""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

import numpy as np

from simgan.errors import Interrupted, WriteError
from simgan.files import discard, sync, told_as_write_error, whole_file
from simgan.scenarios.block import Block, ForeignScenarios
from simgan.scenarios.formats import Format
from simgan.scenarios.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa

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


Draw = Callable[[int, int], Iterator[Block]]  # (start, stop) → groups of rows start … stop − 1
Match = Literal["none", "rounding", "bytes"]
ROUNDING = 4e-8  # largest difference of a log return between two kinds of processors
_FLOAT32 = 2.0**-22  # relative: the rounding of a float32 on both sides
_WEIGHTS = 1e-5  # relative: a weight is a product over all steps


def match_of(path: Path, form: Format, sheet: Sheet, draw: Draw) -> Match:
    """Return how a finished file agrees with this sheet."""
    if _same_bytes(path, form, sheet, draw):
        return "bytes"
    return "rounding" if _same_up_to_rounding(path, form, sheet, draw) else "none"


def _same_bytes(path: Path, form: Format, sheet: Sheet, draw: Draw) -> bool:
    """Whether a finished file has the bytes of this sheet.

    Files appear whole or not at all. Therefore the first and the last group of an appendable
    format are enough: model, seed, first number and layout show in the first, the number of
    scenarios in the last. Other formats are compared whole, which takes as long as to write them.
    """
    with told_as_write_error(path), path.open("rb") as file:
        if not form.appendable:
            return _agrees(file, form, sheet, draw, sheet.n) and not file.read(1)
        if not _agrees(file, form, sheet, draw, min(sheet.rows, sheet.n)):
            return False
        last = (sheet.n - 1) // sheet.rows * sheet.rows
        if last == 0:
            return not file.read(1)
        tail = _tail(form, sheet, draw, last)
        file.seek(max(path.stat().st_size - len(tail), 0))
        return file.read() == tail


def _same_up_to_rounding(path: Path, form: Format, sheet: Sheet, draw: Draw) -> bool:
    """Whether a finished file holds the numbers of this sheet, up to the rounding of processors.

    Every group is compared. The first that differs ends the comparison.
    """
    import pyarrow as pa

    try:
        rows = _Rows(form.read(path, sheet))
        for group in draw(0, sheet.n):
            expected = form.rows(group, sheet)
            if not _close(rows.take(expected.num_rows), expected, sheet):
                return False
        return bool(rows.take(1).num_rows == 0)
    except (pa.ArrowException, ValueError, KeyError, OSError):
        return False


class _Comparison(io.RawIOBase):
    """A sink that keeps nothing, and compares its bytes with a file from its position on."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.agrees = file, True

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self.agrees = self.file.read(len(piece)) == piece and self.agrees
        return len(piece)

    def tell(self) -> int:
        return self.file.tell()


def _agrees(file: BinaryIO, form: Format, sheet: Sheet, draw: Draw, stop: int) -> bool:
    """Compare a file with rows ``0 … stop − 1``. Stop at the first group that differs."""
    sink = _Comparison(file)
    writer = form.open(cast(BinaryIO, sink), sheet)
    for group in draw(0, stop):
        writer.write(group)
        if not sink.agrees:
            return False
    writer.close()
    return sink.agrees


def _tail(form: Format, sheet: Sheet, draw: Draw, start: int) -> bytes:
    sink = io.BytesIO()
    writer = form.open(sink, sheet, start)
    for group in draw(start, sheet.n):
        writer.write(group)
    writer.close()
    return sink.getvalue()


class _Rows:
    """The rows of a file, taken in pieces of any size."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches: Iterator[pa.RecordBatch] = batches
        self._waiting: list[pa.RecordBatch] = []

    def take(self, count: int) -> pa.Table:
        """Return the next `count` rows, or fewer at the end of the file."""
        import pyarrow as pa

        waiting = self._waiting
        while sum(batch.num_rows for batch in waiting) < count:
            batch = next(self._batches, None)
            if batch is None:
                break
            waiting.append(batch)
        if not waiting:
            return pa.table({})
        table = pa.Table.from_batches(waiting)
        self._waiting = table.slice(count).to_batches()
        return table.slice(0, count)


def _close(found: pa.Table, expected: pa.RecordBatch, sheet: Sheet) -> bool:
    """Whether two tables have the same columns and, up to rounding, the same numbers."""
    import pyarrow as pa

    if (found.column_names, found.num_rows) != (expected.schema.names, expected.num_rows):
        return False
    growth = sheet.horizon if sheet.values in ("prices", "bars") else 0  # errors of a price add up
    for name in found.column_names:
        ours, theirs = expected.column(name), found.column(name)
        if pa.types.is_floating(ours.type):
            is_weight = ours.type == pa.float64()
            relative = _WEIGHTS if is_weight else _FLOAT32 + growth * ROUNDING
            absolute = 0.0 if is_weight or growth else ROUNDING
            if not np.allclose(theirs.to_numpy(), ours.to_numpy(), relative, absolute):
                return False
        elif theirs.cast(pa.string()).to_pylist() != ours.cast(pa.string()).to_pylist():
            return False
    return True
