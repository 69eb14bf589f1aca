"""Text files as rows of cells: size limits, compression, encoding and separator."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simgan.errors import PriceError, SourceError

CONVERT = "save it as CSV (UTF-8) with the columns date (YYYY-MM-DD) and close"
BINARY_STARTS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
}
# Ten years of minute bars fit. A small compressed file that hides gigabytes does not.
LARGEST_TEXT = 64 * 2**20  # bytes, decompressed
MOST_ROWS = 2_000_000
LONGEST_LINE = 2**20  # characters
_SEPARATORS = str.maketrans("", "", ',;"')


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of a file.

    Attributes
    ----------
    line : int
        Line on which the row begins, counted from 1.
    cells : tuple of str
        Cells without surrounding blanks.
    """

    line: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def read_rows(path: Path) -> list[TextRow]:
    """Read a comma or tab separated file, gzip-compressed or not.

    Returns
    -------
    list of TextRow
        All rows from the first one that is not empty.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    PriceError
        The file is empty, too large, binary, not UTF-8, separated by semicolons, or a quote in it
        does not close.
    """
    text = _text(path)
    lines = text.splitlines()
    filled = ((n, line) for n, line in enumerate(lines, 1) if line.translate(_SEPARATORS).strip())
    number, header = next(filled, (0, ""))
    if not number:
        raise _empty(path)
    long = next((n for n, line in enumerate(lines, 1) if len(line) > LONGEST_LINE), None)
    if long or len(lines) > MOST_ROWS:
        size = (
            f"line {long} has over {LONGEST_LINE:,} characters" if long else f"{len(lines):,} lines"
        )
        raise PriceError(f"{path} is too large for a table of prices ({size}); {CONVERT}")
    delimiter = "\t" if "\t" in header else ","
    if delimiter == "," and header.count(";") > header.count(","):
        raise PriceError(
            f"{path}: line {number} is separated by semicolons, often with decimal commas, "
            f"which are not read yet; {CONVERT}"
        )
    rows = list(_parsed(path, text, delimiter))
    first = next((i for i, row in enumerate(rows) if not row.is_empty), None)
    if first is None:
        raise _empty(path)
    return rows[first:]


def _empty(path: Path) -> PriceError:
    return PriceError(
        f"{path} is empty; it should hold a line of column names, such as date,close, "
        "and a row a day"
    )


def _parsed(path: Path, text: str, delimiter: str) -> Iterator[TextRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield TextRow(line, tuple(" ".join(cell.split()) for cell in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise PriceError(
            f"{path}: line {line} cannot be split into cells ({error}); check its quotes"
        ) from None


def _text(path: Path) -> str:
    content = _content(path)
    for start, kind in BINARY_STARTS.items():
        if content.startswith(start):
            raise PriceError(f"{path} is {kind}, which is not read yet; {CONVERT}")
    if b"\0" in content:
        raise PriceError(f"{path} is binary or UTF-16, not UTF-8 text; {CONVERT}")
    if len(content) > LARGEST_TEXT:
        raise PriceError(
            f"{path} holds more than {LARGEST_TEXT / 2**20:g} MB of text, too much for a table of "
            "prices; check the file, or keep only its columns of date and price"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PriceError(
            f"{path}: line {line} is not UTF-8 text (byte 0x{content[error.start]:02x}); {CONVERT}"
        ) from None


def _content(path: Path) -> bytes:
    """Read, and decompress, one byte more than the limit at most."""
    try:
        with path.open("rb") as file:
            if path.suffix.lower() != ".gz":
                return file.read(LARGEST_TEXT + 1)
            with gzip.GzipFile(fileobj=file) as packed:
                return packed.read(LARGEST_TEXT + 1)
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise PriceError(
            f"{path} is no complete gzip file ({error}); download or compress it again"
        ) from None
    except FileNotFoundError:
        raise SourceError(f"there is no file {path}; check the name given to --prices") from None
    except (OSError, ValueError) as error:  # a null byte in the name is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"{path} cannot be read: {reason.lower()}; give the name of a readable file"
        ) from None
