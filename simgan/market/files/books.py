"""Sheets of workbooks (Excel, LibreOffice) and of Parquet and Arrow files."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather, parquet

from simgan.errors import MissingExtraError, PriceError
from simgan.market.files.content import Content
from simgan.market.files.sheet import Grid, grid_of_rows

SHEETS_SHOWN = 6


def grid_of_book(content: Content) -> Grid:
    """Read the first sheet of a workbook that has cells. Its dates become ISO dates.

    Raises
    ------
    PriceError
        The workbook is damaged, or several of its sheets have cells.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise MissingExtraError("reading a workbook", "", "python-calamine") from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        filled = {name: s for name, s in sheets.items() if s.end is not None and s.height > 1}
        if len(filled) != 1:
            listing = ", ".join(list(filled or sheets)[:SHEETS_SHOWN])
            raise PriceError(
                f"it is a workbook with {len(filled)} filled sheets ({listing}); "
                "save the one with prices as a file of its own"
            )
        name, chosen = next(iter(filled.items()))
        first = chosen.start[0] + 1 if chosen.start else 1
        rows = grid_of_rows(_rows(chosen.to_python(skip_empty_area=True), first), "", "row")
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        if isinstance(error, PriceError):
            raise
        raise PriceError(f"it is no workbook that can be read ({error}); save it as CSV") from None
    rows.facts["sheet"] = name
    return rows


def _rows(cells: Sequence[Sequence[object]], first: int) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(cells, first):
        yield number, [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """Write a cell of a workbook as text: ISO dates, decimal points."""
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def grid_of_table(content: Content) -> Grid:
    """Read a Parquet or Arrow file. The names of its columns become the first row.

    Raises
    ------
    PriceError
        The file is damaged, or a column cannot be written as text.
    """
    source = pa.BufferReader(content.data)
    try:
        if content.kind == "parquet":
            table = parquet.read_table(source)
        else:
            table = feather.read_table(source)
        columns = [_named(name, _as_text(table[i])) for i, name in enumerate(table.column_names)]
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:120]
        raise PriceError(
            f"it is no {content.kind} file that can be read ({reason}); write it again"
        ) from None
    rows = table.num_rows + 1
    return Grid(
        tuple(columns),
        np.arange(rows),  # row 1 is the first below the names
        np.full(rows, len(columns)),
        unit="row",
    )


def _named(name: str, cells: pa.Array) -> pa.Array:
    shown = "" if name.startswith("__index_level_") else name
    return pa.concat_arrays([pa.array([shown], pa.string()), cells])


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    """Write a column as text: ISO dates, decimal points, nothing where there is no value."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
    if pa.types.is_timestamp(kind) and kind.tz:
        column = pc.local_timestamp(column)  # the calendar of the exchange
    text = pc.fill_null(pc.cast(column, pa.string()), "")
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    return pc.utf8_trim_whitespace(text)
