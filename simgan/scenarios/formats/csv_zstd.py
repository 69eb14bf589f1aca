"""CSV compressed by Zstandard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import pyarrow as pa

from simgan.scenarios.formats.base import Format
from simgan.scenarios.formats.csv_plain import csv_header, csv_rows
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.tables import check_table


@dataclass(frozen=True)
class CsvZstd(Format):
    """One frame for the whole file: some readers, pandas among them, stop in silence after the first."""

    kind: ClassVar[str] = "csv.zst"
    appendable: ClassVar[bool] = False

    def check(self, sheet: Sheet) -> None:
        check_table(sheet)

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> ZstdWriter:
        packed = pa.CompressedOutputStream(pa.PythonFile(sink, mode="w"), "zstd")
        packed.write(csv_header(sheet))
        return ZstdWriter(packed, sheet)


@dataclass(frozen=True)
class ZstdWriter:
    """Writes text through the compressor."""

    packed: pa.CompressedOutputStream
    sheet: Sheet

    def write(self, block: Scenarios) -> None:
        self.packed.write(csv_rows(block, self.sheet))

    def close(self) -> None:
        self.packed.close()
