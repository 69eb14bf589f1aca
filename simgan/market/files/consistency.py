"""Columns that should say the same on all rows: field, period, currency, ticker and contract."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simgan.errors import PriceError
from simgan.market.files.layouts import FileLayout
from simgan.market.files.names import PRICES, Meaning, field_of, key_of
from simgan.market.files.sheet import Grid
from simgan.market.prices import Dates, Note, warned

_CURRENCIES = ("currency", "currencycode", "devise", "wahrung")
# B means business days. MetaTrader counts 1440 minutes.
_DAILY = {"d", "day", "daily", "1d", "d1", "1440", "b", "business", "business day", ""}
_CLOSES = {Meaning.ADJUSTED, Meaning.CLOSE, Meaning.PRICE}
_BARS = {Meaning.OPEN, Meaning.HIGH, Meaning.LOW, Meaning.VOLUME}
_CHAIN = 0.25  # changes a row: more are no contracts, but days of delivery
_SHOWN = 6


def refuse_fields(sheet: Grid, layout: FileLayout) -> None:
    """Refuse rows that each hold one field of a day: open, high, low or close."""
    for column in layout.columns:
        cells = sheet.columns[column.position]
        if layout.first >= len(cells) or not field_of(cells[layout.first].as_py()):
            continue
        names = pc.unique(sheet.cells(column.position)[layout.first :]).to_pylist()
        fields = {field_of(name) for name in names}
        if (
            fields <= {*PRICES, Meaning.VOLUME, Meaning.OTHER}
            and fields & _CLOSES
            and fields & _BARS
        ):
            raise PriceError(
                f"column {column.label!r} names the field of each row ({', '.join(names[:_SHOWN])})"
                f"; give one row a day, with a column for each field (pivot by {column.label!r})"
            )


def refuse_other_bars(sheet: Grid, layout: FileLayout) -> None:
    """Refuse rows that say that they are no daily bars, as Stooq writes it."""
    for column in layout.columns:
        if column.field is Meaning.PERIOD:
            for row, cell in enumerate(sheet.cells(column.position).to_pylist()):
                if cell.casefold() not in _DAILY:
                    raise PriceError(
                        f"{sheet.place(row)}: {column.label} {cell!r} means bars that are not "
                        "daily, which are not learned yet; give one row a day"
                    )


def refuse_two_currencies(sheet: Grid, layout: FileLayout, price: int) -> None:
    """Refuse prices whose signs, or whose column of currencies, name more than one currency."""
    signs = pc.struct_field(pc.extract_regex(sheet.cells(price), r"(?P<sign>[$€£₩₹฿₺₽])"), [0])
    named = [sheet.cells(c.position) for c in layout.columns if key_of(c.label) in _CURRENCIES]
    for cells in (signs, *named):
        found = [text for text in pc.unique(cells).to_pylist() if text]
        if len(found) > 1:
            first = pc.index(cells, pa.scalar(found[1])).as_py()
            raise PriceError(
                f"{sheet.place(first)}: the currency changes from {found[0]} to {found[1]}; "
                "give prices in one currency"
            )


def hint_at_renaming(sheet: Grid, layout: FileLayout) -> str:
    """Return the end of a refusal where no day has two tickers, which may be one asset."""
    days = sheet.cells(layout.date)[layout.first :]
    label = next((c.label for c in layout.columns if c.position == layout.ticker), "")
    if not label or layout.time is not None or pc.count_distinct(days).as_py() < len(days):
        return ""
    return (
        f"; no day has two of them: remove the column {label!r} if they are one asset with a new "
        "name"
    )


def contracts(sheet: Grid, layout: FileLayout, dates: Dates) -> list[Note]:
    """Warn of days on which a chain of futures goes on with another contract.

    Raises
    ------
    PriceError
        A day has several contracts.
    """
    return [
        note
        for column in layout.columns
        if column.field is Meaning.CONTRACT
        for note in _changes(column.label, sheet.cells(column.position), dates, sheet.place)
    ]


def _changes(label: str, cells: pa.Array, dates: Dates, place: Callable[[int], str]) -> list[Note]:
    """Warn of the days, in the order of time, on which a column names another contract."""
    order = np.argsort(dates, kind="stable")
    order = order[~np.isnat(dates[order])]
    codes = pc.dictionary_encode(cells).indices.to_numpy()[order]
    after = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    if not len(after) or len(after) > _CHAIN * len(order):
        return []
    days = dates[order]
    same_day = after[days[after] == days[after - 1]]
    if len(same_day):
        before, row = (int(order[i]) for i in (same_day[0] - 1, same_day[0]))
        raise PriceError(
            f"{place(before)} and {place(row)}: column {label!r} names two contracts on "
            f"{dates[row]}; keep one contract a day"
        )
    told = [
        f"to {cells[int(order[i])].as_py()!r} on {days[i]} ({place(int(order[i]))})"
        for i in after[:_SHOWN]
    ]
    more = f" and {len(after) - _SHOWN} times more" if len(after) > _SHOWN else ""
    return [
        warned(
            f"column {label!r} changes {', '.join(told)}{more}; a step between two contracts is "
            "no return: give a back-adjusted series"
        )
    ]
