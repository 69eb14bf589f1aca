"""Arrow IPC file (also known as Feather 2): memory-mapped without parsing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import pyarrow as pa

from simgan.scenarios.formats.base import Format
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.tables import check_table, record_batch, table_schema


@dataclass(frozen=True)
class Arrow(Format):
    """A record batch per group of scenarios, not compressed, so that it can be mapped into memory."""

    kind: ClassVar[str] = "arrow"
    appendable: ClassVar[bool] = False

    def check(self, sheet: Sheet) -> None:
        check_table(sheet)

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> BatchWriter:
        return BatchWriter(pa.ipc.new_file(sink, table_schema(sheet)), sheet)


@dataclass(frozen=True)
class BatchWriter:
    """Hands each group to pyarrow as one record batch."""

    file: pa.ipc.RecordBatchFileWriter
    sheet: Sheet

    def write(self, block: Scenarios) -> None:
        self.file.write_batch(record_batch(block, self.sheet))

    def close(self) -> None:
        self.file.close()
