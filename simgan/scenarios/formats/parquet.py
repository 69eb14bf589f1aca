"""Apache Parquet: columns with types, read by pandas, Spark, DuckDB, R and others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from pyarrow.parquet import ParquetWriter

from simgan.scenarios.formats.base import Format
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.tables import check_table, record_batch, table_schema

_INDEX = [
    "scenario",
    "step",
    "asset",
]  # values hardly ever repeat: a dictionary of them would be larger than they are


@dataclass(frozen=True)
class Parquet(Format):
    """A row group per group of scenarios, compressed by Zstandard."""

    kind: ClassVar[str] = "parquet"
    appendable: ClassVar[bool] = False

    def check(self, sheet: Sheet) -> None:
        check_table(sheet)

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> TableWriter:
        schema = table_schema(sheet)
        repeating = [name for name in _INDEX if name in schema.names and sheet.layout == "long"]
        return TableWriter(
            ParquetWriter(sink, schema, compression="zstd", use_dictionary=repeating), sheet
        )


@dataclass(frozen=True)
class TableWriter:
    """Hands each group to pyarrow as one record batch."""

    file: ParquetWriter
    sheet: Sheet

    def write(self, block: Scenarios) -> None:
        self.file.write_batch(record_batch(block, self.sheet))

    def close(self) -> None:
        self.file.close()
