"""Arrow IPC stream, which readers decode as it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

import pyarrow as pa

from simgan.scenarios.formats import Format
from simgan.scenarios.formats.arrow import BatchWriter
from simgan.scenarios.sheet import Sheet, table_schema


@dataclass(frozen=True)
class ArrowStream(Format):
    """The record batches of an Arrow file, without its table of contents at the end."""

    kind: ClassVar[str] = "arrows"
    appendable: ClassVar[bool] = False

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> BatchWriter:
        return BatchWriter(pa.ipc.new_stream(sink, table_schema(sheet)), sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as batches:
            yield from batches
