"""Whether a finished file holds the scenarios that are asked for, by drawing them again."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from simgan.files import told_as_write_error
from simgan.scenarios.formats.base import Format
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet

Draw = Callable[
    [int, int], Iterator[Scenarios]
]  # (start, stop) → groups of the sheet's rows start … stop − 1


def holds_sheet(path: Path, form: Format, sheet: Sheet, draw: Draw) -> bool:
    """Tell whether a finished file holds this sheet.

    Files appear whole or not at all, so for an appendable format it is enough that the first and the last group agree to the byte:
    model, seed, first number and layout show in the one, the number of scenarios in the other. All other formats are compared
    whole, which takes as long as writing them again.
    """
    with told_as_write_error(path), path.open("rb") as file:
        if not form.appendable:
            return _agrees(file, form, sheet, draw, 0, sheet.n) and not file.read(1)
        if not _agrees(file, form, sheet, draw, 0, min(sheet.rows, sheet.n)):
            return False
        last = (sheet.n - 1) // sheet.rows * sheet.rows
        if last == 0:
            return not file.read(1)
        tail = _tail(form, sheet, draw, last)
        file.seek(max(path.stat().st_size - len(tail), 0))
        return file.read() == tail


class _Comparison(io.RawIOBase):
    """A sink that keeps nothing but compares what is written with a file, from where that stands."""

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


def _agrees(file: BinaryIO, form: Format, sheet: Sheet, draw: Draw, start: int, stop: int) -> bool:
    """Compare the file, from where it stands, with rows ``start … stop − 1``; stop at the first group that differs."""
    sink = _Comparison(file)
    writer = form.open(cast(BinaryIO, sink), sheet, start)
    for group in draw(start, stop):
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
