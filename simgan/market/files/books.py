"""Sheets of workbooks (Excel, LibreOffice) and of Parquet and Arrow files."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import feather, parquet

from simgan.errors import MissingExtraError, PriceError
from simgan.market.files.content import Content, SeveralTables, named_like, too_large
from simgan.market.files.excel import SheetMarks, marks_of, unpacked_size
from simgan.market.files.frames import times_as_text
from simgan.market.files.sheet import Grid, grid_of_rows
from simgan.market.prices import Note, read_as, warned

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

SHEETS_SHOWN = 6
LARGEST_BOOK = 2**28  # bytes, unpacked: a full sheet of Excel with six columns


def grid_of_book(content: Content) -> Grid:
    """Read the one visible sheet of a workbook that has a table, or the one with a ticker's name.

    Its dates become ISO dates.

    A formula without a value becomes a cell such as ``=B2*1.01``.

    Raises
    ------
    PriceError
        The workbook is damaged or too large, or several of its sheets have cells.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise MissingExtraError("reading a workbook", "", "python-calamine") from None
    if unpacked_size(content.data) > LARGEST_BOOK:
        raise too_large(LARGEST_BOOK)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        marks = marks_of(content.data)
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        filled = [n for n, s in sheets.items() if s.height > 1 or _formulas(marks, n)]
        visible = {m.name for m in book.sheets_metadata if m.visible == m.visible.Visible}
        name, notes = _chosen(
            filled, [n for n in filled if n in visible], list(sheets), content.asked
        )
        first, cells = _cells(sheets[name], _formulas(marks, name))
        rows = grid_of_rows(_rows(cells, first + 1), "", "row")
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        if isinstance(error, PriceError):
            raise
        raise PriceError(f"it is no workbook that can be read ({error}); save it as CSV") from None
    rows.facts["sheet"] = name
    if name in marks:
        notes += _hidden_rows(rows, marks[name].hidden)
    return replace(rows, notes=tuple(notes))


def _formulas(marks: Mapping[str, SheetMarks], sheet: str) -> Mapping[tuple[int, int], str]:
    return marks[sheet].formulas if sheet in marks else {}


def _chosen(
    filled: Sequence[str], visible: Sequence[str], sheets: Sequence[str], asked: str
) -> tuple[str, list[Note]]:
    """Choose the one visible sheet with a table, else the one hidden sheet, and tell hidden ones.

    Among several sheets, the name of a ticker chooses.

    Raises
    ------
    SeveralTables
        There is no such sheet, or there are several.
    """
    chosen = visible or filled
    if len(chosen) != 1:
        if asked and len(same := named_like(chosen, asked)) == 1:
            name = chosen[same[0]]
            told = f"of {len(chosen)} filled sheets, {name!r} has the name of the ticker"
            return name, [read_as(told)]
        listing = ", ".join((chosen or sheets)[:SHEETS_SHOWN])
        raise SeveralTables(
            f"it is a workbook with {len(chosen)} filled sheets ({listing}); save the one with "
            "prices as a file of its own, or give the name of a sheet as the ticker",
            tuple(chosen),
        )
    if not visible:
        return chosen[0], [warned(f"the sheet {chosen[0]!r} is hidden in the workbook")]
    hidden = ", ".join(repr(name) for name in filled if name not in visible)
    told = f"the visible sheet {chosen[0]!r} is read, and the hidden ones are not: {hidden}"
    return chosen[0], [read_as(told)] if hidden else []


def _cells(
    sheet: CalamineSheet, formulas: Mapping[tuple[int, int], str]
) -> tuple[int, list[list[object]]]:
    """Return the number of the first row from 0, and the cells with formulas in their places."""
    first, left = sheet.start or (min(r for r, _ in formulas), min(c for _, c in formulas))
    cells: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=True)]
    inside = {
        (r - first, c - left): f for (r, c), f in formulas.items() if r >= first and c >= left
    }
    height = max([len(cells), *(r + 1 for r, _ in inside)])
    width = max([len(row) for row in cells] + [c + 1 for _, c in inside])
    cells += [[] for _ in range(height - len(cells))]
    for row in cells:
        row += [""] * (width - len(row))
    for (r, c), formula in inside.items():
        cells[r][c] = formula
    return first, cells


def _hidden_rows(rows: Grid, hidden: Set[int]) -> list[Note]:
    """Warn of hidden rows that hold cells."""
    found = [int(line) for line in rows.lines if line - 1 in hidden]
    if not found:
        return []
    count = "1 row is" if len(found) == 1 else f"{len(found)} rows are"
    text = f"{count} hidden in the workbook, first row {found[0]}, and read like the others"
    return [warned(f"{text}; look at them, and delete those that are not meant")]


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
    if pa.types.is_timestamp(kind) and kind.tz:  # in the calendar of the exchange
        return times_as_text(pc.local_timestamp(column).to_numpy(), kind.tz)
    text = pc.fill_null(pc.cast(column, pa.string()), "")
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    return pc.utf8_trim_whitespace(text)
