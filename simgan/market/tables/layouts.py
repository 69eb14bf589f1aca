"""Which columns a price file has: one small class per layout that is surely understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simgan.errors import PriceError
from simgan.market.tables.lines import CONVERT, Row

DATE_NAMES = ("date", "datetime", "timestamp")
TICKER_NAMES = ("ticker", "symbol")


@dataclass(frozen=True)
class Column:
    """One column: its position, what it holds, and of which ticker where the file says so."""

    position: int
    field: str
    ticker: str = ""

    @property
    def label(self) -> str:
        """The name by which a user asks for the column."""
        return f"{self.ticker} {self.field}".strip()

    @property
    def plain(self) -> str:
        """The field in lower case with single blanks: ``Adj_Close`` → ``adj close``."""
        return re.sub(r"[\s_.]+", " ", self.field).strip().casefold()


@dataclass(frozen=True)
class Table:
    """The columns beside the date, and the data rows; every row has as many cells as `width`."""

    layout: str
    date: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    width: int


def table_of(rows: Sequence[Row]) -> Table:
    """Recognise the layout of a file by its first rows.

    Raises
    ------
    PriceError
        No layout fits; the message tells what was seen in which line.
    """
    start = next(i for i, row in enumerate(rows) if not row.is_empty)
    rows = rows[start:]
    for starts_like, layout in LAYOUTS:
        if starts_like(rows):
            return layout(rows)
    header = rows[0]
    if re.match(r"\d", header.cells[0]):
        raise PriceError(
            f"line {header.line} is already data ({header.cells[0]!r}); put a line of column names first, such as date,close"
        )
    names = ", ".join(cell or "(blank)" for cell in header.cells[:12])
    raise PriceError(f"line {header.line} names no date column among: {names}; {CONVERT}")


def _starts_like_yfinance(rows: Sequence[Row]) -> bool:
    """Three header rows: Price and Ticker in either order, then Date."""
    labels = [row.cells[0] for row in rows[:3] if row.cells]
    return (
        len(labels) == 3
        and set(labels[:2]) == {"Price", "Ticker"}
        and labels[2] in ("Date", "Datetime")
    )


def _yfinance(rows: Sequence[Row]) -> Table:
    """`yfinance.download(…).to_csv(…)`: field and ticker of each column stand in two rows."""
    header = {row.cells[0]: row.cells for row in rows[:2]}
    fields, tickers = header["Price"], header["Ticker"]
    if len(fields) != len(tickers):
        raise PriceError(
            f"lines {rows[0].line} and {rows[1].line} have different numbers of cells; {CONVERT}"
        )
    several = len(set(tickers[1:])) > 1
    columns = tuple(
        Column(i, fields[i], tickers[i] if several else "") for i in range(1, len(fields))
    )
    return Table("yfinance with three header rows", 0, columns, tuple(rows[3:]), len(fields))


def _starts_like_stooq_bulk(rows: Sequence[Row]) -> bool:
    return "<DATE>" in rows[0].cells and "<CLOSE>" in rows[0].cells


def _stooq_bulk(rows: Sequence[Row]) -> Table:
    """Stooq's bulk text format: names in angle brackets; daily bars say D and time 000000."""
    names = [cell.strip("<>") for cell in rows[0].cells]
    table = _named("Stooq bulk text", names, names.index("DATE"), rows)
    _expect_only(table, "per", {"D"}, "bars that are not daily")
    _expect_only(table, "time", {"000000", "0"}, "intraday bars")
    return table


def _starts_like_flat(rows: Sequence[Row]) -> bool:
    return any(cell.casefold() in DATE_NAMES for cell in rows[0].cells)


def _flat(rows: Sequence[Row]) -> Table:
    """One row of names: Yahoo, Stooq, `Ticker.history`, or date and close."""
    names = rows[0].cells
    dates = [i for i, name in enumerate(names) if name.casefold() in DATE_NAMES]
    if len(dates) > 1:
        found = ", ".join(names[i] for i in dates)
        raise PriceError(
            f"line {rows[0].line} names several date columns ({found}); keep one of them"
        )
    return _named("one header row", names, dates[0], rows)


def _named(layout: str, names: Sequence[str], date: int, rows: Sequence[Row]) -> Table:
    columns = tuple(Column(i, name) for i, name in enumerate(names) if i != date)
    table = Table(layout, date, columns, tuple(rows[1:]), len(names))
    for column in columns:
        if column.plain in TICKER_NAMES:
            _expect_one_ticker(table, column)
    return table


def _expect_one_ticker(table: Table, column: Column) -> None:
    tickers = sorted(
        {row.cells[column.position] for row in table.rows if len(row.cells) == table.width}
    )
    if len(tickers) > 1:
        raise PriceError(
            f"column {column.label!r} holds {len(tickers)} tickers ({', '.join(tickers[:5])}); keep the rows of one"
        )


def _expect_only(table: Table, plain: str, allowed: set[str], otherwise: str) -> None:
    for column in table.columns:
        for row in table.rows if column.plain == plain else ():
            if len(row.cells) == table.width and row.cells[column.position] not in allowed:
                cell = row.cells[column.position]
                raise PriceError(
                    f"line {row.line}: {column.label} {cell!r} means {otherwise}, which are not read yet; keep one row a day"
                )


LAYOUTS = (  # the first that fits is taken
    (_starts_like_yfinance, _yfinance),
    (_starts_like_stooq_bulk, _stooq_bulk),
    (_starts_like_flat, _flat),
)
