"""CSV: text that everything reads; each number is the shortest that reads back as the same float32."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import pyarrow as pa
from pyarrow.csv import WriteOptions, write_csv

from simgan.scenarios.formats.base import Format
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.tables import check_table, record_batch, table_schema


@dataclass(frozen=True)
class Csv(Format):
    """Plain CSV: header without quotes, commas, a line feed after each row."""

    kind: ClassVar[str] = "csv"
    appendable: ClassVar[bool] = True

    def check(self, sheet: Sheet) -> None:
        check_table(sheet)

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> CsvWriter:
        return start_csv(sink, sheet, done, pack=bytes)


@dataclass(frozen=True)
class CsvWriter:
    """Writes each group as one piece of text, packed (compressed) by itself."""

    sink: BinaryIO
    sheet: Sheet
    pack: Callable[[bytes], bytes]

    def write(self, block: Scenarios) -> None:
        self.sink.write(self.pack(csv_rows(block, self.sheet)))

    def close(self) -> None:
        """CSV has no trailer."""


def start_csv(sink: BinaryIO, sheet: Sheet, done: int, pack: Callable[[bytes], bytes]) -> CsvWriter:
    """Return a writer whose sink begins with the header, packed by itself."""
    if not done:
        sink.write(pack(csv_header(sheet)))
    return CsvWriter(sink, sheet, pack)


def csv_header(sheet: Sheet) -> bytes:
    """Return the line of column names; pyarrow would put each in quotes."""
    return (",".join(table_schema(sheet).names) + "\n").encode()


def csv_rows(block: Scenarios, sheet: Sheet) -> bytes:
    """Return the lines of a block; only asset names that need quotes have them."""
    style = "none" if all(_is_plain(asset) for asset in sheet.assets) else "needed"
    text = pa.BufferOutputStream()
    write_csv(record_batch(block, sheet), text, WriteOptions(include_header=False, quoting_style=style))
    return text.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _is_plain(cell: str) -> bool:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cell])
    return line.getvalue() == cell
