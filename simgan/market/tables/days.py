"""From rows of cells to dates and prices: harmless repairs are made and told, anything else stops with its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.history import Dates
from simgan.market.plausibility import first_few
from simgan.market.tables.columns import bar_columns
from simgan.market.tables.layouts import Column, Table
from simgan.market.tables.lines import CONVERT, Row

MISSING = ("", "null", "nan")  # what Yahoo and pandas write into a day without trading
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DATE = re.compile(
    r"(\d{4})([-/]?)(\d{2})\2(\d{2})(?:[ T]+(?P<clock>.*))?", re.ASCII
)  # 2018-12-31, 2018/12/31, 20181231
MIDNIGHT = re.compile(
    r"00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)  # of the exchange, so that the date is its own


@dataclass(frozen=True)
class Days:
    """What a table says, in the order of time; `lines` are the file lines of the days."""

    dates: Dates  # (days,)
    values: FloatArray  # (days,)
    lines: tuple[int, ...]
    notes: tuple[str, ...]


class _Fault(Exception):
    """What is wrong with one row."""


@dataclass(frozen=True)
class _Day:
    """One readable row."""

    day: date
    price: float
    row: Row


def days_of(table: Table, price: Column) -> Days:
    """Read one price column.

    Raises
    ------
    PriceError
        Names the lines whose date or price cannot be read, and those that contradict each other.
    """
    told: list[str] = []
    rows = [row for row in table.rows if not row.is_empty]
    _tell(told, len(table.rows) - len(rows), "empty lines left out")
    found = _read(table, price, rows)
    _tell(told, len(rows) - len(found), "days without any price left out")
    distinct = list({(d.day, d.row.cells): d for d in reversed(found)}.values())[
        ::-1
    ]  # the first of equal rows stays
    _tell(told, len(found) - len(distinct), "exact duplicates left out")
    days = sorted(distinct, key=lambda d: d.day)
    if days != distinct:
        told.append("rows put in the order of time")
    _expect_one_row_a_day(days)
    return Days(
        dates=np.array([d.day for d in days], "datetime64[D]"),
        values=np.array([d.price for d in days], np.float64),
        lines=tuple(d.row.line for d in days),
        notes=tuple(told),
    )


def _tell(told: list[str], count: int, what: str) -> None:
    if count:
        told.append(f"{count} {what}")


def _read(table: Table, price: Column, rows: Sequence[Row]) -> list[_Day]:
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
            f"{len(faults)} of {len(rows)} rows are not in a form that is surely understood, first {faults[0]}; {CONVERT}"
        )
    if faults:
        raise PriceError(
            f"{len(faults)} rows cannot be read: {first_few(faults)}; correct or remove them"
        )
    return found


def _expect_width(table: Table, row: Row) -> None:
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
