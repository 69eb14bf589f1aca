"""Layouts of price files: the place of the header and of the date, and the other columns.

`LAYOUTS` is the sequence of readers. Each looks at the first rows of a sheet, and returns a layout
or nothing. The first layout counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from simgan.errors import PriceError
from simgan.market.files.dates import looks_like_dates
from simgan.market.files.names import (
    AGAIN,
    PRICES,
    WEAK,
    Meaning,
    date_rank,
    field_of,
    fields_of,
    key_of,
    parts_of,
)
from simgan.market.sessions import counted

HEAD = 100  # rows that a layout is recognised by
SAMPLE = 20  # cells below a name that show whether it is a date
# "1,234.50", "-0.5", "$12", "1 234,5", "1.2e-3", "5%"
_NUMBER = re.compile(r"[-+$€£]?[\d.,' \u00a0\u202f]*\d[.,]*(?:[eE][-+]?\d+)?%?")
_DECIMAL = re.compile(r"\d[.,]\d|[$€£¥₩]\s?\d")  # 10.5, 10,5, $ 12
_LEVELS = {"price", "ticker", "attributes", "symbols"}  # names of header levels

Row = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    position : int
        Place among the cells of a row, from 0.
    label : str
        The name by which a user asks for the column.
    field : Meaning or None
        Its meaning, where the name is known.
    ticker : str
        Ticker, where the header names it.
    """

    position: int
    label: str
    field: Meaning | None
    ticker: str = ""


@dataclass(frozen=True)
class FileLayout:
    """Layout of a file.

    Attributes
    ----------
    name : str
    first : int
        Row of the sheet with the first data.
    width : int
        Number of cells that a row of data has.
    date : int
        Position of the date.
    time : int or None
        Position of a time of day beside the date.
    columns : tuple of Column
        All columns but date and time.
    ticker : int or None
        Position of the ticker, where each row names its own.
    header : int or None
        Row of the sheet with the names.
    dates : str
        Name of the date column.
    """

    name: str
    first: int
    width: int
    date: int
    time: int | None
    columns: tuple[Column, ...]
    ticker: int | None = None
    header: int | None = None
    dates: str = ""


def layout_of(head: Sequence[Row]) -> FileLayout | None:
    """Return the first layout that accepts the rows."""
    return next((found for reader in LAYOUTS if (found := reader(head))), None)


def _two_rows(head: Sequence[Row]) -> FileLayout | None:
    """Accept a row of fields and a row of tickers, in either order, as yfinance writes them."""
    for top in range(min(3, len(head) - 2)):
        rows = [*head[:top], _unmerged(head[top], head[top + 1]), *head[top + 1 :]]
        for fields, tickers in ((top, top + 1), (top + 1, top)):
            if _names_tickers(rows[fields], rows[tickers]):
                return _two_rows_at(rows, fields, tickers)
    return None


def _unmerged(upper: Row, lower: Row) -> Row:
    """Repeat names over several columns, whose merged cells leave blanks to the right."""
    if len(upper) != len(lower) or len({name for name in upper[1:] if name}) < 2:
        return upper
    names = [upper[0]]
    for name, below in zip(upper[1:], lower[1:], strict=True):
        repeated = names[-1] if below and len(names) > 1 else ""
        names.append(name or repeated)
    return tuple(names)


def _names_tickers(fields: Row, tickers: Row) -> bool:
    """Tell whether the second row names tickers below or above the fields of the first one."""
    if len(fields) != len(tickers):
        return False
    names = [name for name in fields[1:] if name and key_of(name) not in _LEVELS]
    if sum(field_of(name) is not None for name in names) < 0.5 * len(names):
        return False  # tickers below groups, and one of them is LOW or OPEN
    named = [tickers[i] for i in _priced(fields, tickers)]
    first = {key_of(cell) for row in (fields, tickers) for cell in row[:2]}
    has_level = bool(first & _LEVELS)
    return (
        bool(named)
        and all(has_level or re.search(r"[^\W\d_]", name) for name in named)
        and not all(field_of(name) in PRICES for name in named)
        and not any(_is_data(cell) for cell in (*fields, *tickers) if cell)
        and (has_level or not (fields[0] and tickers[0]))
    )


def _is_data(cell: str) -> bool:
    """Tell whether a cell holds a date or a number with decimals."""
    return looks_like_dates([cell], as_text=True) or bool(_DECIMAL.search(cell))


def _two_rows_at(head: Sequence[Row], fields: int, tickers: int) -> FileLayout | None:
    below = max(fields, tickers) + 1
    names = head[below] if below < len(head) else ()
    filled = [cell for cell in names if cell]
    has_third = any(date_rank(cell) == 0 for cell in filled) and len(filled) <= 2
    first = below + has_third
    levels = [head[fields], head[tickers], *([names] if has_third else [])]
    ranked = [i for row in levels for i, cell in enumerate(row) if cell and date_rank(cell) == 0]
    date = next((i for i in ranked if _has_dates(head, first, i)), 0)
    if not _has_dates(head, first, date):
        return None
    several = len({head[tickers][i] for i in _priced(head[fields], head[tickers])}) > 1
    columns = tuple(
        Column(
            i,
            f"{head[tickers][i]} {plain}" if several else plain,
            field_of(plain),
            head[tickers][i] if several else "",
        )
        for i, plain in enumerate(AGAIN.sub("", name) for name in head[fields])
        if i != date
        and field_of(plain)
        and head[tickers][i]
        and key_of(head[tickers][i]) not in _LEVELS
    )
    return FileLayout(
        "a row of fields and a row of tickers",
        first,
        len(head[fields]),
        date,
        None,
        columns,
        header=fields,
        dates="Date",
    )


def _priced(fields: Row, tickers: Row) -> list[int]:
    """Return the columns of prices, but not the cells that name the levels of the header."""
    return [
        i
        for i, name in enumerate(fields)
        if i > 0 and field_of(name) in PRICES and key_of(tickers[i]) not in _LEVELS
    ]


def _one_row(head: Sequence[Row]) -> FileLayout | None:
    """Accept a row of names with a date column, perhaps below lines about the file.

    A name of a date counts more than a blank one, which lines about the file have, too.
    """
    for weak in (False, True):
        for row, names in enumerate(head):
            dates = _date_columns(head, row, names, weak)
            if dates and any(name for i, name in enumerate(names) if i != dates[0]):
                return _named(head, row, dates)
    return None


def _row_names(head: Sequence[Row]) -> FileLayout | None:
    """Accept a header that does not name the first column, as R's ``write.table`` writes it."""
    names, below = head[0] if head else (), head[1:]
    if not below or not all(names) or any(len(row) != len(names) + 1 for row in below):
        return None
    found = _one_row([("", *names), *below])
    return found and replace(found, name="one header row, without a name for the row names")


def _date_columns(head: Sequence[Row], row: int, names: Row, weak: bool) -> list[int]:
    """Return the columns that are named and filled like a date, the best first."""
    ranked = sorted(
        (rank, i)
        for i, name in enumerate(names)
        if (rank := date_rank(name)) is not None and (weak or rank < WEAK)
    )
    if row + 1 == len(head):  # names alone
        good = [(rank, i) for rank, i in ranked if rank == 0]
    else:
        good = [
            (rank, i) for rank, i in ranked if _has_dates(head, row + 1, i, as_text=rank == WEAK)
        ]
    return [i for rank, i in good if rank == good[0][0]]


def _has_dates(head: Sequence[Row], first: int, column: int, *, as_text: bool = False) -> bool:
    cells = [row[column] for row in head[first : first + SAMPLE] if column < len(row)]
    return looks_like_dates(cells, as_text=as_text)


def _named(head: Sequence[Row], row: int, dates: list[int]) -> FileLayout:
    names = [_bare(name) for name in head[row]]
    date = _only_date(head, row, dates)
    columns = tuple(
        replace(c, field=None) if c.field is Meaning.TICKER and _is_priced(c, head, row) else c
        for c in _columns(names, date)
    )
    time = next((c.position for c in columns if _is_time(c, head, row)), None)
    about = counted(row, "line")
    name = "one header row" + (f" below {about} about the file" if row else "")
    layout = FileLayout(
        name,
        row + 1,
        len(names),
        date,
        time,
        tuple(c for c in columns if c.position != time),
        header=row,
        dates=names[date],
    )
    return replace(layout, ticker=_ticker_column(layout, head))


def _bare(name: str) -> str:
    """Return a name without the angle brackets of Stooq and MetaTrader."""
    return name[1:-1] if name.startswith("<") and name.endswith(">") else name


def _only_date(head: Sequence[Row], row: int, dates: list[int]) -> int:
    """Return the first date column. A second one of the same name is refused if it differs."""
    names = head[row]
    for other in dates[1:]:
        if key_of(names[other]) == key_of(names[dates[0]]) and any(
            r[other] != r[dates[0]] for r in head[row + 1 :] if len(r) > other
        ):
            raise PriceError(
                f"there are several date columns named {names[other]!r} that differ (columns "
                f"{dates[0] + 1} and {other + 1}); keep one of them, or save each table as a file "
                "of its own if tables stand side by side"
            )
    return dates[0]


def _columns(names: Sequence[str], date: int) -> tuple[Column, ...]:
    """Find the meaning of the columns, and the tickers that their names hold."""
    fields = fields_of(names)
    plain = tuple(Column(i, name, fields[i]) for i, name in enumerate(names) if i != date)
    closes = (Meaning.ADJUSTED, Meaning.CLOSE, Meaning.PRICE)
    if any(c.field in closes for c in plain):
        return plain
    parts = {c.position: found for c in plain if (found := parts_of(c.label))}
    if not any(field in closes for _, field in parts.values()):
        return plain
    several = len({ticker for ticker, field in parts.values() if field in closes}) > 1
    return tuple(
        replace(c, field=parts[c.position][1], ticker=parts[c.position][0] if several else "")
        if c.position in parts
        else c
        for c in plain
    )


def _is_priced(column: Column, head: Sequence[Row], row: int) -> bool:
    """Tell whether a column with the name of a ticker, such as ``Fund``, holds prices."""
    cells = [r[column.position] for r in head[row + 1 :] if len(r) > column.position]
    prices = [cell for cell in cells if re.fullmatch(r"[$€£]?[\d ,.']*\d[.,]\d+", cell)]
    return len(prices) > 0.5 * len(cells)


def _is_time(column: Column, head: Sequence[Row], row: int) -> bool:
    """Tell whether a column holds the time of day that belongs to the date."""
    if column.field is not Meaning.TIME and key_of(column.label) != "time":
        return False
    cells = [
        r[column.position] for r in head[row + 1 : row + 1 + SAMPLE] if len(r) > column.position
    ]
    return any(cells) and all(re.fullmatch(r"\d{1,2}:\d{2}.*|\d{1,6}|", cell) for cell in cells)


def _ticker_column(layout: FileLayout, head: Sequence[Row]) -> int | None:
    """Return the column with the ticker of each row, but no column that counts the rows."""
    for column in layout.columns:
        if column.field is not Meaning.TICKER:
            continue
        cells = [r[column.position] for r in head[layout.first :] if len(r) > column.position]
        if not are_counting(cells):
            return column.position
    return None


def are_counting(cells: Sequence[str]) -> bool:
    """Tell whether the cells are 0, 1, 2 … from any number on."""
    if len(cells) < 3 or not cells[0].isdigit():
        return False
    return all(cell == str(int(cells[0]) + i) for i, cell in enumerate(cells))


# Rows without a header: number of cells and the fields of the columns after the date.
_O, _H, _L, _C, _V = Meaning.OPEN, Meaning.HIGH, Meaning.LOW, Meaning.CLOSE, Meaning.VOLUME
_BARE = {
    2: ("a date and a price", (Meaning.PRICE,)),
    5: ("dates and bars without a header", (_O, _H, _L, _C)),
    6: ("dates and bars without a header", (_O, _H, _L, _C, _V)),
    7: ("bars of Kraken without a header", (_O, _H, _L, _C, _V, Meaning.OTHER)),
    12: ("klines of Binance without a header", (_O, _H, _L, _C, _V, *([Meaning.OTHER] * 6))),
}


def _no_header(head: Sequence[Row]) -> FileLayout | None:
    """Accept rows that begin with a date and go on with numbers alone, if the bars agree."""
    if not looks_like_dates([row[0] for row in head[:SAMPLE] if row]):
        return None
    width = len(head[0])
    time = 1 if width > 2 and re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", head[0][1]) else None
    name, fields = _BARE.get(width - (time is not None), ("", ()))
    start = 1 if time is None else 2
    rows = [row for row in head if len(row) == width]
    if not fields or not all(_NUMBER.fullmatch(c) for row in rows for c in row[start:] if c):
        return None
    columns = tuple(
        Column(start + i, field.value if field is not Meaning.OTHER else "", field)
        for i, field in enumerate(fields)
    )
    if len(fields) > 1 and not all(_is_bar(row, start) for row in rows):
        return None
    return FileLayout(name, 0, width, 0, time, columns, dates="first column")


def _is_bar(row: Row, start: int) -> bool:
    """Tell whether four cells are open, high, low and close."""
    try:
        o, h, low, c = (float(cell.replace(",", ".")) for cell in row[start : start + 4])
    except ValueError:
        return False
    return low <= min(o, c) and max(o, c) <= h


LAYOUTS = (_two_rows, _one_row, _no_header, _row_names)
