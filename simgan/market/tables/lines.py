"""From a file to rows of cells that know their line."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from simgan.errors import PriceError, SourceError

CONVERT = "save it as CSV (UTF-8) with the columns date (YYYY-MM-DD) and close"
BINARY_STARTS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
}


@dataclass(frozen=True)
class Row:
    """Cells without surrounding blanks, and the line (from 1) on which the row begins."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def read_rows(path: Path) -> list[Row]:
    """Read a comma or tab separated file, gzip-compressed or not.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    PriceError
        It is empty, binary, not UTF-8, separated by semicolons, or its quotes do not close.
    """
    text = _text(path)
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise PriceError(
            f"{path} is empty; it should hold a line of column names, such as date,close, and a row a day"
        )
    delimiter = "\t" if "\t" in first else ","
    if delimiter == "," and first.count(";") > first.count(","):
        raise PriceError(
            f"{path}: line 1 is separated by semicolons, often with decimal commas, which are not read yet; {CONVERT}"
        )
    return _parsed(path, text, delimiter)


def _parsed(path: Path, text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append(Row(line, tuple(cell.strip() for cell in cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise PriceError(
            f"{path}: line {line} cannot be split into cells ({error}); check its quotes"
        ) from None
    return rows


def _text(path: Path) -> str:
    content = _content(path)
    for start, what in BINARY_STARTS.items():
        if content.startswith(start):
            raise PriceError(f"{path} is {what}, which is not read yet; {CONVERT}")
    if b"\0" in content:
        raise PriceError(f"{path} is binary or UTF-16, not UTF-8 text; {CONVERT}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PriceError(
            f"{path}: line {line} is not UTF-8 text (byte 0x{content[error.start]:02x}); {CONVERT}"
        ) from None


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise PriceError(
            f"{path} is no complete gzip file ({error}); download or compress it again"
        ) from None
    except FileNotFoundError:
        raise SourceError(f"there is no file {path}; check the name given to --prices") from None
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}; give the name of a readable file"
        ) from None
