"""CSV compressed by gzip, each group a member of its own."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from simgan.scenarios.formats.base import Format
from simgan.scenarios.formats.csv_plain import csv_header, csv_rows
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.tables import check_table

_LEVEL = 1  # mantissas are noise: higher levels take six times as long and save a tenth


@dataclass(frozen=True)
class CsvGzip(Format):
    """Gzip members in a row are one file to every reader (RFC 1952, section 2.2), and can be continued after any of them."""

    kind: ClassVar[str] = "csv.gz"
    appendable: ClassVar[bool] = True

    def check(self, sheet: Sheet) -> None:
        check_table(sheet)

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> GzipWriter:
        if not done:
            sink.write(_pack(csv_header(sheet)))
        return GzipWriter(sink, sheet)


@dataclass(frozen=True)
class GzipWriter:
    """Writes each group as one member."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Scenarios) -> None:
        self.sink.write(_pack(csv_rows(block, self.sheet)))

    def close(self) -> None:
        """Members have no trailer of the whole."""


def _pack(text: bytes) -> bytes:
    return gzip.compress(
        text, _LEVEL, mtime=0
    )  # no time stamp: the same scenarios give the same bytes
