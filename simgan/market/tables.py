"""Tables of prices: the layouts that are recognised, and the choice of the price column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simgan.errors import PriceError, UnknownNameError
from simgan.market.text_rows import CONVERT, TextRow

ADJUSTED = ("adj close", "adjclose", "adjusted close")
CLOSE = ("close",)
PRICE = ("price",)
TIERS = (ADJUSTED, CLOSE, PRICE)  # the first tier with a column decides
BAR = ("open", "high", "low", *ADJUSTED, *CLOSE, *PRICE)
DATE_NAMES = ("date", "datetime", "timestamp")
TICKER_NAMES = ("ticker", "symbol")


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    position : int
        Place among the cells of a row, from 0.
    field : str
        Name in the header.
    ticker : str
        Ticker, where the file holds several.
    """

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
    """A file whose layout is understood.

    Attributes
    ----------
    layout : str
        Description of the layout, for the notes.
    date : int
        Position of the date.
    columns : tuple of Column
        All columns but the date.
    rows : tuple of TextRow
        Rows below the header.
    width : int
        Number of cells of the header. A row with another number is faulty.
    """

    layout: str
    date: int
    columns: tuple[Column, ...]
    rows: tuple[TextRow, ...]
    width: int


def price_column(table: Table, asked: str) -> Column:
    """Return the column that the user named, or by default the adjusted close, else the close.

    Parameters
    ----------
    table : Table
    asked : str
        Label of a column, in any case, or empty.

    Raises
    ------
    UnknownNameError
        No column has the name `asked`.
    PriceError
        `asked` is empty, and none or several of the columns can be the price.
    """
    return _asked(table, asked) if asked else _default(table)


def bar_columns(table: Table, price: Column) -> tuple[Column, ...]:
    """Return all price columns of the ticker. A row without any of them is a day off."""
    bar = tuple(
        c for c in table.columns if c.ticker == price.ticker and c.plain in BAR and c != price
    )
    return (price, *bar)


def table_of(rows: Sequence[TextRow]) -> Table:
    """Recognise the layout of a file by its first rows.

    Raises
    ------
    PriceError
        No layout fits. The message shows the line that was taken for the header.
    """
    for starts_like, layout in LAYOUTS:
        if starts_like(rows):
            return layout(rows)
    header = rows[0]
    if re.match(r"\d", header.cells[0]):
        raise PriceError(
            f"line {header.line} is already data ({header.cells[0]!r}); put a line of column names "
            "first, such as date,close"
        )
    names = ", ".join(cell or "(blank)" for cell in header.cells[:12])
    raise PriceError(f"line {header.line} names no date column among: {names}; {CONVERT}")


def _starts_like_yfinance(rows: Sequence[TextRow]) -> bool:
    """Three header rows: Price and Ticker in either order, then Date."""
    labels = [row.cells[0] for row in rows[:3] if row.cells]
    return (
        len(labels) == 3
        and set(labels[:2]) == {"Price", "Ticker"}
        and labels[2] in ("Date", "Datetime")
    )


def _yfinance(rows: Sequence[TextRow]) -> Table:
    """Read ``yfinance.download(…).to_csv(…)``: one header row of fields, one of tickers."""
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


def _starts_like_stooq_bulk(rows: Sequence[TextRow]) -> bool:
    return "<DATE>" in rows[0].cells and "<CLOSE>" in rows[0].cells


def _stooq_bulk(rows: Sequence[TextRow]) -> Table:
    """Read Stooq's bulk text: names in angle brackets, period D and time 000000 for daily bars."""
    names = [cell.strip("<>") for cell in rows[0].cells]
    table = _named("Stooq bulk text", names, names.index("DATE"), rows)
    _expect_only(table, "per", {"D"}, "bars that are not daily")
    _expect_only(table, "time", {"000000", "0"}, "intraday bars")
    return table


def _starts_like_flat(rows: Sequence[TextRow]) -> bool:
    return any(cell.casefold() in DATE_NAMES for cell in rows[0].cells)


def _flat(rows: Sequence[TextRow]) -> Table:
    """Read one row of names: Yahoo, Stooq, `Ticker.history`, or date and close."""
    names = rows[0].cells
    dates = [i for i, name in enumerate(names) if name.casefold() in DATE_NAMES]
    if len(dates) > 1:
        found = ", ".join(names[i] for i in dates)
        raise PriceError(
            f"line {rows[0].line} names several date columns ({found}); keep one of them"
        )
    return _named("one header row", names, dates[0], rows)


def _named(layout: str, names: Sequence[str], date: int, rows: Sequence[TextRow]) -> Table:
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
            f"column {column.label!r} holds {len(tickers)} tickers ({', '.join(tickers[:5])}); "
            "keep the rows of one"
        )


def _expect_only(table: Table, plain: str, allowed: set[str], otherwise: str) -> None:
    for column in table.columns:
        for row in table.rows if column.plain == plain else ():
            if len(row.cells) == table.width and row.cells[column.position] not in allowed:
                cell = row.cells[column.position]
                raise PriceError(
                    f"line {row.line}: {column.label} {cell!r} means {otherwise}, "
                    "which are not read yet; keep one row a day"
                )


LAYOUTS = (  # the first that fits counts
    (_starts_like_yfinance, _yfinance),
    (_starts_like_stooq_bulk, _stooq_bulk),
    (_starts_like_flat, _flat),
)


def _asked(table: Table, asked: str) -> Column:
    exact = [c for c in table.columns if c.label == asked]
    found = exact or [c for c in table.columns if c.label.casefold() == asked.casefold()]
    if not found:
        raise UnknownNameError("column", asked, [c.label for c in table.columns if c.label])
    return _only(found)


def _default(table: Table) -> Column:
    tickers = list(dict.fromkeys(c.ticker for c in table.columns))
    if len(tickers) > 1:
        example = next(
            (c.label for tier in TIERS for c in table.columns if c.plain in tier),
            table.columns[0].label,
        )
        raise PriceError(
            f"there are several tickers ({', '.join(tickers)}); choose one with --column, "
            f"for example --column '{example}'"
        )
    for tier in TIERS:
        found = [c for c in table.columns if c.plain in tier]
        if found:
            return _only(found)
    names = ", ".join(c.label or "(blank)" for c in table.columns[:20]) or "none beside the date"
    raise PriceError(
        f"no column is named Adj Close, Close or Price; the columns are: {names}; "
        "choose one with --column"
    )


def _only(found: list[Column]) -> Column:
    if len(found) > 1:
        raise PriceError(
            f"{len(found)} columns are named {found[0].label!r}; rename or remove all but one"
        )
    return found[0]
