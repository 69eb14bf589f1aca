"""File formats of scenarios. The kind of a format is its file ending without the dot."""

from __future__ import annotations

from pathlib import Path

from simgan.errors import UnknownNameError
from simgan.registry import Entry, Registry
from simgan.scenarios.formats.base import Format

FORMATS: Registry[Format] = Registry(
    "file format",
    {
        "csv": Entry("simgan.scenarios.formats.csv_plain:Csv"),
        "csv.gz": Entry("simgan.scenarios.formats.csv_gzip:CsvGzip"),
        "csv.zst": Entry("simgan.scenarios.formats.csv_zstd:CsvZstd"),
        "parquet": Entry("simgan.scenarios.formats.parquet:Parquet"),
        "arrow": Entry("simgan.scenarios.formats.arrow:Arrow"),
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
