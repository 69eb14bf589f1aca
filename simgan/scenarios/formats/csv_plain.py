"""CSV, with the shortest decimal numbers that read back as the same float32."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import polars as pl

from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.sheet import (
    Coded,
    Column,
    Sheet,
    column_names,
    table_columns,
    table_schema,
)

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Csv(Format):
    """Plain CSV: header without quotes, commas, a line feed after each row."""

    kind: ClassVar[str] = "csv"
    appendable: ClassVar[bool] = True
    seamless: ClassVar[bool] = True

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> CsvWriter:
        if not done:
            sink.write(csv_header(sheet))
        return CsvWriter(sink, sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        return csv_batches(path, sheet)


@dataclass(frozen=True)
class CsvWriter:
    """Writes the lines of each group."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Block) -> None:
        if self.sink.seekable():
            write_csv_rows(block, self.sheet, self.sink)  # to a file without a copy of the text
        else:  # a pipe may block: Python hears Ctrl-C, and notices a closed pipe
            self.sink.write(csv_rows(block, self.sheet))

    def close(self) -> None:
        """CSV has no trailer."""


def csv_header(sheet: Sheet) -> bytes:
    """Return the line of column names."""
    return (",".join(column_names(sheet)) + "\n").encode()


def csv_rows(block: Block, sheet: Sheet) -> bytes:
    """Return the lines of a block. Only asset names that need quotes have them."""
    text = io.BytesIO()
    write_csv_rows(block, sheet, text)
    return text.getvalue()


def write_csv_rows(block: Block, sheet: Sheet, sink: BinaryIO) -> None:
    """Write the lines of a block."""
    frame_of(block, sheet).write_csv(sink, include_header=False)


def frame_of(block: Block, sheet: Sheet) -> pl.DataFrame:
    """Return the rows of a block as a table of polars."""
    return pl.DataFrame(
        {name: _series(column) for name, column in table_columns(block, sheet).items()}
    )


def csv_batches(path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a CSV file, compressed or not."""
    import pyarrow as pa
    from pyarrow.csv import ConvertOptions, open_csv

    types = {field.name: field.type for field in table_schema(sheet)}
    types |= {"asset": pa.string()} if "asset" in types else {}
    with pa.input_stream(str(path)) as stream:
        yield from open_csv(stream, convert_options=ConvertOptions(column_types=types))


def _series(column: Column) -> pl.Series:
    return (
        pl.Series(column.words).gather(column.numbers)
        if isinstance(column, Coded)
        else pl.Series(column)
    )
