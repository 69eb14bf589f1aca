"""Reasons for which no layout fits a file, with the way out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simgan.errors import PriceError
from simgan.market.files.content import CONVERT
from simgan.market.files.dates import MONTHS, looks_like_dates
from simgan.market.files.excel import FORMULA_REMEDY
from simgan.market.files.names import PRICES, WEAK, date_rank, field_of, key_of

# 2015-01, 2015/1, 201501, 2015M01, 01/2015, 2015-Q1, Jan 2015, Jan-2015.
_MONTH = re.compile(
    r"(?:19|20)\d{2}[-/. M]?(?:0?[1-9]|1[0-2]|Q[1-4])|(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d{2}"
    r"|(?P<name>[^\W\d_]{3,10})\.?[-/., ]+(?:19|20)\d{2}"
)
_SHOWN = 40  # characters of a cell
_SAMPLE = 12  # cells that show whether a column holds months


def no_layout(head: Sequence[tuple[str, ...]], place: str) -> PriceError:
    """Explain that no layout fits, by the row that looks most like a header."""
    row = next((r for r in head if any(field_of(c) in PRICES for c in r)), head[0])
    names = ", ".join(cell or "(blank)" for cell in row[:12])
    if formulas := [cell for r in head for cell in r if cell.startswith("=")]:
        return PriceError(
            f"no column holds dates, and cells such as {formulas[0]!r} are formulas without a "
            f"value; {FORMULA_REMEDY}"
        )
    if month := _months(head):
        return PriceError(
            f"its dates, such as {month!r}, are months or quarters, and simgan learns from daily "
            "prices; give one row a day"
        )
    if {"year", "month", "day"} <= {key_of(cell) for cell in row}:
        return PriceError(
            "the date stands in three columns, year, month and day; join them as YYYY-MM-DD"
        )
    if first := _day_among_numbers(head[0]):
        return PriceError(
            f"the header is missing: {place} is already data ({first!r}), and its columns cannot "
            "be told apart; put a line of column names first, such as date,open,high,low,close"
        )
    if undated := _undated(row, head[head.index(row) + 1 :]):
        name, cell = undated
        return PriceError(
            f"column {name!r} holds {cell!r}, which is no date that is read; write dates as "
            "2018-12-28"
        )
    return PriceError(f"no column holds dates; the columns are: {names}; {CONVERT}")


def _day_among_numbers(row: Sequence[str]) -> str:
    """Return the date of a row that has no words, or nothing."""
    dates = [cell for cell in row if looks_like_dates([cell], as_text=True)]
    others = [cell for cell in row if cell not in dates]
    return dates[0] if dates and not any(c.isalpha() for cell in others for c in cell) else ""


def _undated(names: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """Return the name of a column of dates and its first cell that is no date, or nothing."""
    for position, name in enumerate(names):
        cells = [row[position] for row in below if position < len(row) and row[position]]
        unread = [cell[:_SHOWN] for cell in cells if not looks_like_dates([cell])]
        if name and unread and date_rank(name) not in (None, WEAK):
            return name, unread[0]
    return None


def _months(head: Sequence[tuple[str, ...]]) -> str:
    """Return the first cell of a column of months, or nothing."""
    for position in range(len(head[0])):
        cells = [row[position] for row in head[-_SAMPLE:] if position < len(row)]
        if len(cells) > 1 and len(set(cells)) == len(cells) and all(map(_is_month, cells)):
            return cells[0]
    return ""


def _is_month(cell: str) -> bool:
    found = _MONTH.fullmatch(cell)
    return found is not None and (not found["name"] or key_of(found["name"])[:3] in MONTHS)
