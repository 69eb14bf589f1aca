"""CSV: text that everything reads; each number is the shortest that reads back as the same float32."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import polars as pl

from simgan.scenarios.formats.base import Format
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.tables import Coded, Column, check_table, column_names, table_columns


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
    """Return the line of column names."""
    return (",".join(column_names(sheet)) + "\n").encode()


def csv_rows(block: Scenarios, sheet: Sheet) -> bytes:
    """Return the lines of a block; only asset names that need quotes have them."""
    text = io.BytesIO()
    frame = pl.DataFrame({name: _series(column) for name, column in table_columns(block, sheet).items()})
    frame.write_csv(text, include_header=False)
    return text.getvalue()


def _series(column: Column) -> pl.Series:
    return pl.Series(column.words).gather(column.numbers) if isinstance(column, Coded) else pl.Series(column)
