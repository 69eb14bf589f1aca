"""Comparison of a finished file with the scenarios of a sheet, which are drawn again.

The same kind of processor gives the same bytes. Another kind may round the last bits differently,
by at most `ROUNDING` in a log return.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

import numpy as np

from simgan.files import told_as_write_error
from simgan.scenarios.block import Block
from simgan.scenarios.formats.base import Format
from simgan.scenarios.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa

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
    growth = sheet.horizon if sheet.values == "prices" else 0  # errors of a price add up
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
