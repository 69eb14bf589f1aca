"""CSV: text that everything reads; each number is the shortest that reads back as the same float32."""

from __future__ import annotations

import io
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
        if not done:
            sink.write(csv_header(sheet))
        return CsvWriter(sink, sheet)


@dataclass(frozen=True)
class CsvWriter:
    """Writes the lines of each group."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Scenarios) -> None:
        if self.sink.seekable():
            write_csv_rows(block, self.sheet, self.sink)  # to a file without a copy of the text
        else:
            self.sink.write(
                csv_rows(block, self.sheet)
            )  # a pipe may block: Python hears Ctrl-C and a reader that has gone

    def close(self) -> None:
        """CSV has no trailer."""


def csv_header(sheet: Sheet) -> bytes:
    """Return the line of column names."""
    return (",".join(column_names(sheet)) + "\n").encode()


def csv_rows(block: Scenarios, sheet: Sheet) -> bytes:
    """Return the lines of a block; only asset names that need quotes have them."""
    text = io.BytesIO()
    write_csv_rows(block, sheet, text)
    return text.getvalue()


def write_csv_rows(block: Scenarios, sheet: Sheet, sink: BinaryIO) -> None:
    """Write the lines of a block."""
    frame = pl.DataFrame(
        {name: _series(column) for name, column in table_columns(block, sheet).items()}
    )
    frame.write_csv(sink, include_header=False)


def _series(column: Column) -> pl.Series:
    return (
        pl.Series(column.words).gather(column.numbers)
        if isinstance(column, Coded)
        else pl.Series(column)
    )
