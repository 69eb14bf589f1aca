"""Rows of a file: those that are no days are left out, and those that are wrong are found."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simgan.arrays import FloatArray
from simgan.errors import PriceError, in_shell
from simgan.market.files.columns import SHOWN, TIERS, Choice, has_numbers, panel_columns
from simgan.market.files.content import CONVERT
from simgan.market.files.dates import Stamps
from simgan.market.files.excel import FORMULA_REMEDY
from simgan.market.files.layouts import Column, FileLayout
from simgan.market.files.numbers import ReadNumbers
from simgan.market.files.sheet import Grid
from simgan.market.prices import Fault, Note, repaired
from simgan.market.sessions import Flags, counted

_EVENT = re.compile(r"dividend|split|capital gain", re.IGNORECASE)
_SHOWN = 40  # characters of a faulty cell
_FORMULA = "a formula without a value"
_NO_NUMBER = "no number"
_COUNTING = 10  # steps of 1 in one direction that no prices take


def days_only(sheet: Grid, layout: FileLayout, price: int) -> tuple[Grid, list[Note]]:
    """Leave out rows that are no days, and tell how many.

    These are names of columns that are repeated, comments, lines about dividends and splits, and
    text below the last day.
    """
    told: list[Note] = []
    _tell(told, sheet.empty, "empty line")
    keep = np.ones(len(sheet), bool)
    if layout.header is not None and layout.dates:
        keep &= ~_is_one_of(sheet.cells(layout.date), _in_any_case(layout.dates))
        _tell(told, int((~keep).sum()), "repeated line of column names")
    if layout.date == 0:
        comments = keep & _is_comment(sheet.cells(0))
        _tell(told, int(comments.sum()), "line of comment")
        keep &= ~comments
    events = _events(sheet, keep & (sheet.widths < layout.width))
    _tell(told, int(events.sum()), "line about dividends or splits")
    keep &= ~events
    footer = _footer(sheet, layout, price, keep)
    _tell(told, footer, "line of text below the last day")
    keep[len(keep) - footer :] = False
    return (sheet if keep.all() else sheet.take(np.flatnonzero(keep))), told


def _tell(told: list[Note], count: int, line: str) -> None:
    if count:
        lines = line if count == 1 else line.replace("line", "lines", 1)
        told.append(repaired(f"{count} {lines} left out"))


def _is_one_of(cells: pa.Array, texts: Sequence[str]) -> Flags:
    found = pc.is_in(cells, value_set=pa.array(texts))
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def _in_any_case(name: str) -> tuple[str, ...]:
    return name, name.upper(), name.lower(), name.title()


def _is_comment(cells: pa.Array) -> Flags:
    """Mark cells such as ``# source``, but not ``#N/A``."""
    is_note = pc.or_(pc.starts_with(cells, "#"), pc.starts_with(cells, "//"))
    marked = pc.and_not(is_note, pc.starts_with(cells, "#N"))
    return np.asarray(marked.to_numpy(zero_copy_only=False), bool)


def _events(sheet: Grid, short: Flags) -> Flags:
    """Mark short rows that tell of a dividend or a split, as Yahoo's table on the web has them."""
    events = np.zeros(len(sheet), bool)
    for row in np.flatnonzero(short):
        events[row] = any(_EVENT.search(cell) for cell in sheet.row(int(row))[1:])
    return events


def _footer(sheet: Grid, layout: FileLayout, price: int, keep: Flags) -> int:
    """Count the last rows that have no number in the places of the date and the price."""
    dates, prices = sheet.cells(layout.date), sheet.cells(price)
    for count in range(len(sheet)):
        row = len(sheet) - 1 - count
        is_text = _is_prose(dates[row].as_py()) and not re.search(r"\d", prices[row].as_py())
        if keep[row] and not is_text:
            return count
    return 0


def _is_prose(cell: str) -> bool:
    """Tell whether a cell holds words and is not the beginning of a date."""
    if cell.startswith("="):
        return False  # a formula
    letters = re.findall(r"[^\W\d]", cell)
    few = 3 if cell.isascii() else 1  # a Chinese word has two letters
    return not re.match(r"[\W\d]*\d", cell) and len(letters) > few


def faults_of(
    sheet: Grid, layout: FileLayout, stamps: Stamps, price: Column, read: ReadNumbers
) -> tuple[Fault, ...]:
    """Return the rows that cannot be read, each with its first reason."""
    other_width = sheet.widths != layout.width
    no_date = np.isnat(stamps.dates)
    reasons = {}
    dates, prices = sheet.cells(layout.date), sheet.cells(price.position)
    for row in np.flatnonzero(read.is_wrong):
        cell = prices[row].as_py()[:_SHOWN]
        reasons[int(row)] = f"{cell!r} in column {price.label!r} is {_kind(cell, _NO_NUMBER)}"
    for row in np.flatnonzero(no_date):
        cell = dates[row].as_py()[:_SHOWN]
        kind = _kind(cell, f"no day of the calendar, read as {stamps.notation}")
        reasons[int(row)] = f"{cell!r} is {kind}" if cell else "it has no date"
    for row in np.flatnonzero(other_width):
        reasons[int(row)] = (
            f"{counted(int(sheet.widths[row]), 'cell')}, but the header has {layout.width}"
        )
    formulas = [row for row in reasons if reasons[row].endswith(_FORMULA)]
    if formulas:  # the remedy is told once
        reasons[min(formulas)] += f" ({FORMULA_REMEDY})"
    return tuple(Fault(row, reasons[row]) for row in sorted(reasons))


def _kind(cell: str, otherwise: str) -> str:
    """Name a cell that cannot be read."""
    return _FORMULA if cell.startswith("=") else otherwise


def refuse_percentages(sheet: Grid, layout: FileLayout, choice: Choice) -> None:
    """Refuse a column of prices most of whose cells carry a per cent sign."""
    cells = sheet.cells(choice.price.position)
    signed = cells.filter(pc.match_substring_regex(cells, r"\d ?%$"))
    if len(signed) <= len(sheet) / 2:
        return
    others = _other_prices(layout, choice)
    way = f"choose another column, such as --column {in_shell(others[0])}; " if others else ""
    raise PriceError(
        f"the cells of column {choice.price.label!r}, such as {signed[0].as_py()!r}, are "
        f"percentages, not prices; {way}remove the signs if they are bonds in per cent of their "
        "face value"
    )


def _other_prices(layout: FileLayout, choice: Choice) -> list[str]:
    return [c.label for c in layout.columns if c.field in TIERS and c is not choice.price]


def refuse_words(sheet: Grid, layout: FileLayout, price: Column, read: ReadNumbers) -> None:
    """Refuse a column of a panel that holds words and no number, such as notes or a currency."""
    words = np.flatnonzero(read.is_wrong)
    if not len(words) or np.isfinite(read.values).any():
        return
    panel = panel_columns(layout)
    others = [c.label for c in panel if has_numbers(sheet.cells(c.position))]
    cell = sheet.cells(price.position)[int(words[0])].as_py()
    if price in panel and others and not cell.startswith("="):
        listing = ", ".join(others[:SHOWN]) + (" …" if len(others) > SHOWN else "")
        raise PriceError(
            f"column {price.label!r} holds words and no number, first {sheet.place(int(words[0]))}"
            f": {cell[:_SHOWN]!r}; leave it out, or name the assets that you want: {listing}"
        )


def refuse_most(faults: tuple[Fault, ...], sheet: Grid, layout: FileLayout, choice: Choice) -> None:
    """Refuse a column most of whose rows cannot be read, and name another one."""
    if len(faults) <= len(sheet) / 2:
        return
    first = faults[0]
    others = _other_prices(layout, choice)
    way = f"choose another column, such as --column {in_shell(others[0])}" if others else CONVERT
    if not others and first.text.endswith(_NO_NUMBER):
        way = "write the number alone, with decimals"
    if sheet.widths[first.row] == layout.width + 1:
        way = "name each cell in the header, or remove the cell that each row has more"
        if sheet.separator == ",":
            way += "; separate the cells by semicolons if a comma stands before decimals"
    raise PriceError(
        f"{len(faults)} of {len(sheet)} rows cannot be read, first {sheet.place(first.row)}: "
        f"{first.text}; {way}"
    )


def refuse_counting(values: FloatArray, choice: Choice) -> None:
    """Refuse the numbers of rows, which stand where the header of a table was lost."""
    values = values[np.isfinite(values)]
    steps = np.diff(values)
    if len(steps) >= _COUNTING and abs(steps[0]) == 1 and np.mean(steps == steps[0]) > 0.9:
        raise PriceError(
            f"column {choice.price.label!r} counts its rows from {values[0]:g} to {values[-1]:g}; "
            "name the column of prices (--column), or give the table its header"
        )
