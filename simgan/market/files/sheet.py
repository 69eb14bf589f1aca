"""A grid: the cells of a file as columns of text, each row with its place in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from simgan.arrays import IntArray
from simgan.errors import PriceError
from simgan.market.files.content import CONVERT
from simgan.market.prices import Note

LARGE = 2**20  # characters from which Arrow splits the text
MOST_ROWS = 2_000_000  # rows of a text that Arrow cannot split
LONGEST_CELL = 2**20  # characters
MOST_COLUMNS = 20_000  # more tickers than the exchanges of one country list


@dataclass(frozen=True)
class Grid:
    """Cells of a file.

    Attributes
    ----------
    columns : tuple of string arrays, each of shape (rows,)
        Cells as they stand. A short row is filled with empty cells.
    lines : array of shape (rows,)
        Line of the file on which a row begins, from 1.
    widths : array of shape (rows,)
        Number of cells of each row.
    separator : str
        Sign between cells. Empty for a workbook or a Parquet file.
    empty : int
        Rows without any cell, which are left out.
    unit : str
        ``line`` of a text, or ``row`` of a workbook.
    facts : dict
        How the file was read, by topic.
    notes : tuple of Note
    is_open : bool
        True where the last line of a text has no line end.
    """

    columns: tuple[pa.Array, ...]
    lines: IntArray
    widths: IntArray
    separator: str = ""
    empty: int = 0
    unit: str = "line"
    facts: dict[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    is_open: bool = False

    def __len__(self) -> int:
        return len(self.lines)

    def row(self, row: int) -> tuple[str, ...]:
        """Return the cells of one row."""
        return tuple(
            column[row].as_py().strip() for column in self.columns[: int(self.widths[row])]
        )

    def head(self, rows: int) -> list[tuple[str, ...]]:
        """Return the first rows."""
        return [self.row(row) for row in range(min(rows, len(self)))]

    def place(self, row: int) -> str:
        """Name the place of a row: ``line 12``."""
        return f"{self.unit} {self.lines[row]}"

    def take(self, rows: IntArray) -> Grid:
        """Keep some rows."""
        chosen = pa.array(rows)
        return replace(
            self,
            columns=tuple(column.take(chosen) for column in self.columns),
            lines=self.lines[rows],
            widths=self.widths[rows],
        )

    def cells(self, position: int) -> pa.Array:
        """Return one column, without blanks around its cells."""
        return pc.utf8_trim_whitespace(self.columns[position])


def grid_of_rows(
    rows: Iterable[tuple[int, Sequence[str]]], separator: str, unit: str = "line"
) -> Grid:
    """Make a grid of rows with their lines. Rows without any cell are left out and counted."""
    filled = [(line, [_plain(cell) for cell in cells]) for line, cells in rows]
    kept = [(line, cells) for line, cells in filled if any(_is_filled(cell) for cell in cells)]
    last = max((line for line, _ in kept), default=0)
    width = max((len(cells) for _, cells in kept), default=0)
    columns = (
        pa.array([cells[i] if i < len(cells) else "" for _, cells in kept], pa.string())
        for i in range(width)
    )
    return Grid(
        tuple(columns),
        np.array([line for line, _ in kept], np.int64),
        np.array([len(cells) for _, cells in kept], np.int64),
        separator,
        sum(1 for line, _ in filled if line < last) - sum(1 for line, _ in kept if line < last),
        unit,
    )


def _plain(cell: str) -> str:
    """Return a cell without line breaks, and the text of ``="20180102"``, as exports write it."""
    plain = " ".join(cell.split())
    return plain[2:-1] if plain.startswith('="') and plain.endswith('"') else plain


def _is_filled(cell: str) -> bool:
    """Tell whether a cell holds more than separators of another kind."""
    return bool(cell.strip(',;"|'))


def split(text: str, separator: str) -> Grid:
    """Split text into cells.

    Raises
    ------
    PriceError
        A quote does not close, or the text is too large to be split line by line.
    """
    fast = _split_by_arrow(text, separator) if len(text) > LARGE and separator != " " else None
    grid = fast or grid_of_rows(_split_by_line(text, separator), separator)
    return replace(grid, is_open=_is_filled(text[text.rfind("\n") + 1 :].strip()))


def _split_by_line(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        strict=True,
        skipinitialspace=separator == " ",
    )
    csv.field_size_limit(LONGEST_CELL)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
            if len(cells) > MOST_COLUMNS:
                raise PriceError(f"line {line - 1} has {len(cells):,} cells; {CONVERT}")
            if line > MOST_ROWS:
                raise PriceError(
                    f"it has more than {MOST_ROWS:,} lines of different lengths; {CONVERT}"
                )
    except csv.Error as error:
        raise PriceError(
            f"line {line} cannot be split into cells ({error}); check its quotes"
        ) from None


def _split_by_arrow(text: str, separator: str) -> Grid | None:
    """Split a large and regular text, or return nothing where it is not regular."""
    if '="' in text:
        return None  # text in formulas, which only `grid_of_rows` takes out
    data = text.encode()
    parse = arrow_csv.ParseOptions(
        delimiter=separator, newlines_in_values=b'"' in data, ignore_empty_lines=False
    )
    width = text[:LONGEST_CELL].split("\n", 1)[0].count(separator) + 1
    names = [str(i) for i in range(width)]
    convert = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, strings_can_be_null=False
    )
    read = arrow_csv.ReadOptions(column_names=names, block_size=8 * 2**20)
    try:
        table = arrow_csv.read_csv(pa.py_buffer(data), read, parse, convert)
    except pa.ArrowException:
        return None
    if b"\n\n" in data or f"\n{separator * (width - 1)}\n".encode() in data:
        return None  # empty lines are told
    if table.num_rows != data.count(b"\n") + (not data.endswith(b"\n")):
        return None  # a cell with a line break: lines must be counted one by one
    rows = table.num_rows
    return Grid(tuple(table.columns), np.arange(1, rows + 1), np.full(rows, width), separator)
