"""CSV compressed by gzip, each group a member of its own."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.formats.csv_plain import csv_batches, csv_header, csv_rows
from simgan.scenarios.sheet import Sheet

if TYPE_CHECKING:
    import pyarrow as pa

_LEVEL = 1  # mantissas are noise: higher levels take six times as long and save a tenth


@dataclass(frozen=True)
class CsvGzip(Format):
    """A gzip member per group. Readers take members in a row for one file (RFC 1952, 2.2)."""

    kind: ClassVar[str] = "csv.gz"
    appendable: ClassVar[bool] = True

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> GzipWriter:
        if not done:
            sink.write(_pack(csv_header(sheet)))
        return GzipWriter(sink, sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        return csv_batches(path, sheet)


@dataclass(frozen=True)
class GzipWriter:
    """Writes each group as one member."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Block) -> None:
        self.sink.write(_pack(csv_rows(block, self.sheet)))

    def close(self) -> None:
        """Members have no trailer of the whole."""


def _pack(text: bytes) -> bytes:
    return gzip.compress(text, _LEVEL, mtime=0)  # a time stamp would change the bytes
