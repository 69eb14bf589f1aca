"""Family of file formats. The kind of a format is its file ending without the dot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol

from simgan.errors import UnknownNameError
from simgan.registry import Entry, Registry
from simgan.scenarios.block import Block
from simgan.scenarios.sheet import Sheet, record_batch

if TYPE_CHECKING:
    import pyarrow as pa


class Writer(Protocol):
    """Takes blocks of scenarios in their order, and holds at most one of them in memory."""

    def write(self, block: Block) -> None:
        """Append a block."""
        ...

    def close(self) -> None:
        """Write the end of the file. The caller closes the sink."""
        ...


class Format(ABC):
    """A way to write scenarios: the same sheet and groups always give the same bytes.

    Attributes
    ----------
    kind : str
        File ending without the leading dot.
    appendable : bool
        Whether a file is its header followed by independent groups. It can then be cut after any
        group, and be continued later to the same bytes.
    seamless : bool
        Whether groups of any sizes give the same bytes.
    """

    kind: ClassVar[str]
    appendable: ClassVar[bool]
    seamless: ClassVar[bool] = False

    def check(self, sheet: Sheet) -> None:  # noqa: B027 (tables hold every sheet)
        """Raise a `ConfigError` for a sheet that this format cannot hold."""

    @abstractmethod
    def open(self, sink: BinaryIO, sheet: Sheet, done: int = 0) -> Writer:
        """Start a file, or continue an appendable one that holds `done` scenarios already."""

    @abstractmethod
    def read(self, path: Path, sheet: Sheet) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a finished file in their order, with the columns of `rows`."""

    def rows(self, block: Block, sheet: Sheet) -> pa.RecordBatch:
        """Return the rows of a block as `read` finds them in a file."""
        return record_batch(block, sheet)


FORMATS: Registry[Format] = Registry(
    "file format",
    {
        "csv": Entry("simgan.scenarios.formats.csv_plain:Csv"),
        "csv.gz": Entry("simgan.scenarios.formats.csv_gzip:CsvGzip"),
        "csv.zst": Entry("simgan.scenarios.formats.csv_zstd:CsvZstd"),
        "parquet": Entry("simgan.scenarios.formats.parquet:Parquet"),
        "arrow": Entry("simgan.scenarios.formats.arrow:Arrow"),
        "arrows": Entry("simgan.scenarios.formats.arrow_stream:ArrowStream"),
        "jsonl": Entry("simgan.scenarios.formats.jsonl:JsonLines"),
        "npy": Entry("simgan.scenarios.formats.npy:Npy"),
    },
)


def format_for(path: Path | str) -> Format:
    """Return the format of a file name by its ending, in upper or lower case. ``-`` is CSV.

    Raises
    ------
    UnknownNameError
        No format has this ending. The message lists the endings.
    """
    name = Path(path).name.lower()
    if name == "-":
        return FORMATS.build("csv")
    for kind in FORMATS:
        if name.endswith(f".{kind}"):
            return FORMATS.build(kind)
    raise UnknownNameError(
        "file ending", Path(path).suffix or name, [f".{kind}" for kind in FORMATS], f"in {path}"
    )
