"""Arrow IPC file (also known as Feather 2), which readers map into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

import pyarrow as pa

from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.sheet import Sheet, record_batch, table_schema


@dataclass(frozen=True)
class Arrow(Format):
    """A record batch per group of scenarios, without compression for the sake of mapping."""

    kind: ClassVar[str] = "arrow"
    appendable: ClassVar[bool] = False

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> BatchWriter:
        return BatchWriter(pa.ipc.new_file(sink, table_schema(sheet)), sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as batches:
            for number in range(batches.num_record_batches):
                yield batches.get_batch(number)


@dataclass(frozen=True)
class BatchWriter:
    """Hands each group to pyarrow as one record batch."""

    file: pa.ipc.RecordBatchFileWriter
    sheet: Sheet

    def write(self, block: Block) -> None:
        self.file.write_batch(record_batch(block, self.sheet))

    def close(self) -> None:
        self.file.close()
