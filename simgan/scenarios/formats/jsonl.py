"""JSON Lines: one object per row, for programs that read scenarios as they arrive."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from simgan.scenarios.block import Block
from simgan.scenarios.formats import Format
from simgan.scenarios.formats.csv_plain import frame_of
from simgan.scenarios.sheet import Sheet, table_schema

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class JsonLines(Format):
    """Each line is an object with the names of the columns as keys."""

    kind: ClassVar[str] = "jsonl"
    appendable: ClassVar[bool] = True
    seamless: ClassVar[bool] = True

    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> JsonLinesWriter:
        return JsonLinesWriter(sink, sheet)

    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow.json import ParseOptions, open_json

        fields = (f.with_type(pa.string()) if f.name == "asset" else f for f in table_schema(sheet))
        yield from open_json(str(path), parse_options=ParseOptions(pa.schema(fields)))


@dataclass(frozen=True)
class JsonLinesWriter:
    """Writes the lines of each group."""

    sink: BinaryIO
    sheet: Sheet

    def write(self, block: Block) -> None:
        text = io.BytesIO()
        frame_of(block, self.sheet).write_ndjson(text)
        self.sink.write(text.getvalue())

    def close(self) -> None:
        """JSON Lines have no trailer."""
