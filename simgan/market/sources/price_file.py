"""Prices from a CSV or TSV file.

`tables` reads the bytes of the file as rows, and finds their layout and the price column.
Here the rows become dates and prices. Harmless repairs are made and noted. Any other fault is
refused with its lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.judgement import first_few
from simgan.market.prices import Dates, Quotes, read_as
from simgan.market.sources import PriceSource
from simgan.market.tables import (
    CONVERT,
    Column,
    Table,
    TextRow,
    bar_columns,
    price_column,
    read_rows,
    table_of,
)

MISSING = ("", "null", "nan")  # Yahoo and pandas write these for a day without trading
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# 2018-12-31, 2018/12/31, 20181231
DATE = re.compile(r"(\d{4})([-/]?)(\d{2})\2(\d{2})(?:[ T]+(?P<clock>.*))?", re.ASCII)
# Midnight at the exchange, whatever the offset: the date is the exchange's own.
MIDNIGHT = re.compile(r"00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


@dataclass(frozen=True)
class PriceFile(PriceSource):
    """Yahoo, yfinance and Stooq files, and plain files of date and close.

    Attributes
    ----------
    path : str
        CSV or TSV file in UTF-8. A file whose name ends in ``.gz`` is decompressed.
    column : str
        Name of the price column. Empty means the adjusted close, else the close.
    """

    kind: ClassVar[str] = "price_file"
    path: str = field(metadata={"help": "CSV or TSV file"})
    column: str = field(
        default="", metadata={"help": "price column; empty: adjusted close, else close"}
    )

    def quotes(self, name: str) -> Quotes:
        """Read the file. `name` becomes the name of the asset.

        Raises
        ------
        SourceError
            The file is missing or cannot be opened.
        UnknownNameError
            No column has the name `column`.
        PriceError
            The layout is not understood, or rows are wrong. The message names the lines.
        """
        path = Path(self.path)
        rows = read_rows(path)
        try:
            table = table_of(rows)
            column = price_column(table, self.column)
            days = days_of(table, column)
            return Quotes(
                name,
                days.dates,
                days.values,
                place=lambda row: f"line {days.lines[row]}",
                notes=tuple(
                    read_as(note)
                    for note in (
                        f"{path.name}: column {column.label!r}, {table.layout}",
                        *days.notes,
                    )
                ),
            )
        except PriceError as error:
            raise PriceError(f"{path}: {error}") from None


@dataclass(frozen=True)
class Days:
    """Prices of a table in the order of time."""

    dates: Dates  # (days,)
    values: FloatArray  # (days,)
    lines: tuple[int, ...]  # lines of the file
    notes: tuple[str, ...]  # the repairs


class _Fault(Exception):
    """A row that cannot be read, and why."""


@dataclass(frozen=True)
class _Day:
    """One readable row."""

    day: date
    price: float
    row: TextRow


def days_of(table: Table, price: Column) -> Days:
    """Read one price column of a table.

    Raises
    ------
    PriceError
        A date or price cannot be read, or two rows contradict each other. The message names the
        lines.
    """
    notes: list[str] = []
    rows = [row for row in table.rows if not row.is_empty]
    _note(notes, len(table.rows) - len(rows), "empty lines left out")
    found = _read(table, price, rows)
    _note(notes, len(rows) - len(found), "days without any price left out")
    last_first = {(d.day, d.row.cells): d for d in reversed(found)}  # the first of equal rows stays
    distinct = list(last_first.values())[::-1]
    _note(notes, len(found) - len(distinct), "exact duplicates left out")
    days = sorted(distinct, key=lambda d: d.day)
    if days != distinct:
        notes.append("rows put in the order of time")
    _expect_one_row_a_day(days)
    return Days(
        dates=np.array([d.day for d in days], "datetime64[D]"),
        values=np.array([d.price for d in days], np.float64),
        lines=tuple(d.row.line for d in days),
        notes=tuple(notes),
    )


def _note(notes: list[str], count: int, repair: str) -> None:
    if count:
        notes.append(f"{count} {repair}")


def _read(table: Table, price: Column, rows: Sequence[TextRow]) -> list[_Day]:
    found, faults = [], []
    bar = bar_columns(table, price)
    for row in rows:
        try:
            _expect_width(table, row)
            day = _date(row.cells[table.date])
            if all(row.cells[c.position].casefold() in MISSING for c in bar):
                continue
            found.append(_Day(day, _price(row.cells[price.position], price), row))
        except _Fault as fault:
            faults.append(f"line {row.line}: {fault}")
    if len(faults) > len(rows) / 2:
        raise PriceError(
            f"{len(faults)} of {len(rows)} rows are in no form that is understood for certain, "
            f"first {faults[0]}; {CONVERT}"
        )
    if faults:
        raise PriceError(
            f"{len(faults)} rows cannot be read: {first_few(faults)}; correct or remove them"
        )
    return found


def _expect_width(table: Table, row: TextRow) -> None:
    if len(row.cells) != table.width:
        raise _Fault(f"{len(row.cells)} cells, but the header has {table.width}")


def _date(cell: str) -> date:
    match = DATE.fullmatch(cell)
    if not match:
        raise _Fault(f"{cell[:40]!r} is no date of the form YYYY-MM-DD")
    if match["clock"] and not MIDNIGHT.fullmatch(match["clock"]):
        raise _Fault(f"{cell[:40]!r} has a time of day, but intraday bars are not read yet")
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise _Fault(f"{cell!r} is not in the calendar") from None


def _price(cell: str, column: Column) -> float:
    if not NUMBER.fullmatch(cell):
        hint = " (decimal commas and thousands separators are not read yet)" if "," in cell else ""
        raise _Fault(f"{cell[:40]!r} in column {column.label!r} is no number{hint}")
    value = float(cell)
    if not 0 < value < np.inf:
        raise _Fault(f"{cell!r} in column {column.label!r} is no positive price")
    return value


def _expect_one_row_a_day(days: Sequence[_Day]) -> None:
    clashes = [
        f"lines {a.row.line} and {b.row.line} ({b.day})"
        for a, b in pairwise(days)
        if a.day == b.day
    ]
    if clashes:
        raise PriceError(
            f"{len(clashes)} days have two different rows: {first_few(clashes)}; "
            "keep one row a day (are these intraday bars or several tickers?)"
        )
