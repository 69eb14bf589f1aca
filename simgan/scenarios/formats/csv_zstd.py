"""CSV compressed by Zstandard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

import pyarrow as pa

from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.formats.csv_plain import csv_batches, csv_header, csv_rows
from simgan.scenarios.sheet import Sheet


@dataclass(frozen=True)
class CsvZstd(Format):
    """One frame for the whole file. Some readers, such as pandas, stop after the first frame."""

    kind: ClassVar[str] = "csv.zst"
    appendable: ClassVar[bool] = False

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> ZstdWriter:
        packed = pa.CompressedOutputStream(pa.PythonFile(sink, mode="w"), "zstd")
        packed.write(csv_header(sheet))
        return ZstdWriter(packed, sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        return csv_batches(path, sheet)


@dataclass(frozen=True)
class ZstdWriter:
    """Writes text through the compressor."""

    packed: pa.CompressedOutputStream
    sheet: Sheet

    def write(self, block: Block) -> None:
        self.packed.write(csv_rows(block, self.sheet))

    def close(self) -> None:
        self.packed.close()
