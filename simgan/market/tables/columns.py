"""Which column of a table is the price."""

from __future__ import annotations

from simgan.errors import PriceError, UnknownNameError
from simgan.market.tables.layouts import Column, Table

ADJUSTED = ("adj close", "adjclose", "adjusted close")
CLOSE = ("close",)
PRICE = ("price",)
TIERS = (ADJUSTED, CLOSE, PRICE)  # the first tier with a column decides
BAR = ("open", "high", "low", *ADJUSTED, *CLOSE, *PRICE)


def price_column(table: Table, asked: str) -> Column:
    """Return the column the user asked for, or else the adjusted close, or else the close.

    Raises
    ------
    UnknownNameError
        There is no column of the name asked for.
    PriceError
        Nothing was asked for and no column, or more than one, can be meant.
    """
    return _asked(table, asked) if asked else _default(table)


def bar_columns(table: Table, price: Column) -> tuple[Column, ...]:
    """Return the price columns of the same ticker; a row in which all of them are empty says nothing."""
    bar = tuple(
        c for c in table.columns if c.ticker == price.ticker and c.plain in BAR and c != price
    )
    return (price, *bar)


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
            f"there are several tickers ({', '.join(tickers)}); choose one with --column, for example --column '{example}'"
        )
    for tier in TIERS:
        found = [c for c in table.columns if c.plain in tier]
        if found:
            return _only(found)
    names = ", ".join(c.label or "(blank)" for c in table.columns[:20]) or "none beside the date"
    raise PriceError(
        f"no column is named Adj Close, Close or Price; the columns are: {names}; choose one with --column"
    )


def _only(found: list[Column]) -> Column:
    if len(found) > 1:
        raise PriceError(
            f"{len(found)} columns are named {found[0].label!r}; rename or remove all but one"
        )
    return found[0]
