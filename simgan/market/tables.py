"""Tables of prices: the layouts that are recognised, and the choice of the price column."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simgan.errors import PriceError, SourceError, UnknownNameError

CONVERT = "save it as CSV (UTF-8) with the columns date (YYYY-MM-DD) and close"
BINARY_STARTS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"PAR1": "a Parquet file",
}
# Ten years of minute bars fit. A small compressed file that hides gigabytes does not.
LARGEST_TEXT = 64 * 2**20  # bytes, decompressed
MOST_ROWS = 2_000_000
LONGEST_LINE = 2**20  # characters
_SEPARATORS = str.maketrans("", "", ',;"')


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of a file.

    Attributes
    ----------
    line : int
        Line on which the row begins, counted from 1.
    cells : tuple of str
        Cells without surrounding blanks.
    """

    line: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def read_rows(path: Path) -> list[TextRow]:
    """Read a comma or tab separated file, gzip-compressed or not.

    Returns
    -------
    list of TextRow
        All rows from the first one that is not empty.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    PriceError
        The file is empty, too large, binary, not UTF-8, separated by semicolons, or a quote in it
        does not close.
    """
    text = _text(path)
    lines = text.splitlines()
    filled = ((n, line) for n, line in enumerate(lines, 1) if line.translate(_SEPARATORS).strip())
    number, header = next(filled, (0, ""))
    if not number:
        raise _empty(path)
    long = next((n for n, line in enumerate(lines, 1) if len(line) > LONGEST_LINE), None)
    if long or len(lines) > MOST_ROWS:
        size = (
            f"line {long} has over {LONGEST_LINE:,} characters" if long else f"{len(lines):,} lines"
        )
        raise PriceError(f"{path} is too large for a table of prices ({size}); {CONVERT}")
    delimiter = "\t" if "\t" in header else ","
    if delimiter == "," and header.count(";") > header.count(","):
        raise PriceError(
            f"{path}: line {number} is separated by semicolons, often with decimal commas, "
            f"which are not read yet; {CONVERT}"
        )
    rows = list(_parsed(path, text, delimiter))
    first = next((i for i, row in enumerate(rows) if not row.is_empty), None)
    if first is None:
        raise _empty(path)
    return rows[first:]


def _empty(path: Path) -> PriceError:
    return PriceError(
        f"{path} is empty; it should hold a line of column names, such as date,close, "
        "and a row a day"
    )


def _parsed(path: Path, text: str, delimiter: str) -> Iterator[TextRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield TextRow(line, tuple(" ".join(cell.split()) for cell in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise PriceError(
            f"{path}: line {line} cannot be split into cells ({error}); check its quotes"
        ) from None


def _text(path: Path) -> str:
    content = _content(path)
    for start, kind in BINARY_STARTS.items():
        if content.startswith(start):
            raise PriceError(f"{path} is {kind}, which is not read yet; {CONVERT}")
    if b"\0" in content:
        raise PriceError(f"{path} is binary or UTF-16, not UTF-8 text; {CONVERT}")
    if len(content) > LARGEST_TEXT:
        raise PriceError(
            f"{path} holds more than {LARGEST_TEXT / 2**20:g} MB of text, too much for a table of "
            "prices; check the file, or keep only its columns of date and price"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PriceError(
            f"{path}: line {line} is not UTF-8 text (byte 0x{content[error.start]:02x}); {CONVERT}"
        ) from None


def _content(path: Path) -> bytes:
    """Read, and decompress, one byte more than the limit at most."""
    try:
        with path.open("rb") as file:
            if path.suffix.lower() != ".gz":
                return file.read(LARGEST_TEXT + 1)
            with gzip.GzipFile(fileobj=file) as packed:
                return packed.read(LARGEST_TEXT + 1)
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise PriceError(
            f"{path} is no complete gzip file ({error}); download or compress it again"
        ) from None
    except FileNotFoundError:
        raise SourceError(f"there is no file {path}; check its name and its folder") from None
    except (OSError, ValueError) as error:  # a null byte in the name is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            f"{path} cannot be read: {reason.lower()}; give the name of a readable file"
        ) from None


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
