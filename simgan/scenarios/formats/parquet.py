"""Apache Parquet: columns with types, read by pandas, Spark, DuckDB, R and others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from pyarrow.parquet import ParquetFile, ParquetWriter

from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.sheet import Sheet, record_batch, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

# only these repeat: a dictionary of the values would be larger than the values
_INDEX = ["scenario", "step", "asset"]


@dataclass(frozen=True)
class Parquet(Format):
    """A row group per group of scenarios, compressed by Zstandard."""

    kind: ClassVar[str] = "parquet"
    appendable: ClassVar[bool] = False

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> TableWriter:
        schema = table_schema(sheet)
        repeating = [name for name in _INDEX if name in schema.names and sheet.layout == "long"]
        return TableWriter(
            ParquetWriter(sink, schema, compression="zstd", use_dictionary=repeating), sheet
        )

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        with ParquetFile(path) as file:
            yield from file.iter_batches(sheet.rows)


@dataclass(frozen=True)
class TableWriter:
    """Hands each group to pyarrow as one record batch."""

    file: ParquetWriter
    sheet: Sheet

    def write(self, block: Block) -> None:
        self.file.write_batch(record_batch(block, self.sheet))

    def close(self) -> None:
        self.file.close()
