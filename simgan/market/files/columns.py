"""Choice of the rows and columns of one asset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simgan.arrays import IntArray
from simgan.errors import PriceError, UnknownNameError, in_shell
from simgan.market.files.layouts import Column, FileLayout, are_counting
from simgan.market.files.names import Meaning, is_derived, key_of, says_adjusted
from simgan.market.files.sheet import Grid
from simgan.market.prices import Note, warned
from simgan.market.sessions import counted

TIERS = (Meaning.ADJUSTED, Meaning.CLOSE, Meaning.PRICE)  # the first one with a column decides
SHOWN = 12
_PLACEHOLDER = re.compile(r"Unnamed: \d+")  # the name that pandas gives a column without one
_ANY_NUMBER = r"^[-+$€£]?\d[\d.,' ]*$"


@dataclass(frozen=True)
class Choice:
    """Columns of one asset.

    Attributes
    ----------
    price : Column
    bars : dict
        Columns of open, high, low and volume, by field.
    raw : Column or None
        The close in the unit of the bars, where that is another column than the price.
    split : Column or None
    asset : str
        Name of the asset in the file, or nothing.
    left_over : tuple of str
        Names that speak of an adjustment and are not understood.
    """

    price: Column
    bars: dict[Meaning, Column]
    raw: Column | None
    split: Column | None
    asset: str = ""
    left_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tickers:
    """Tickers of a file, looked up once for all of its assets.

    Attributes
    ----------
    names : tuple of str
        In the order in which rows or columns name them.
    below : array of row numbers
        The rows below the header.
    number : array, optional
        Number of the ticker of each row below the header, where rows name tickers.
    nameless : tuple of str
        Columns of numbers beside those of tickers, without a name: the names left of them.
    """

    names: tuple[str, ...]
    below: IntArray
    number: IntArray | None = None
    nameless: tuple[str, ...] = ()

    @classmethod
    def of(cls, layout: FileLayout, sheet: Grid) -> Tickers:
        """Look up the tickers in the rows of a file, else in the names of its columns."""
        below = np.arange(layout.first, len(sheet))
        if layout.ticker is None:
            named = tuple(dict.fromkeys(c.ticker for c in layout.columns if c.ticker))
            names = named or tuple(c.label for c in panel_columns(layout))
            return cls(names, below, nameless=_nameless(layout, sheet) if names else ())
        cells = sheet.cells(layout.ticker)[layout.first :]
        names = pc.unique(cells)
        number = pc.index_in(cells, value_set=names)
        return cls(tuple(names.to_pylist()), below, np.asarray(number))

    @cached_property
    def known(self) -> tuple[str, ...]:
        """The tickers, without an empty one."""
        return tuple(name for name in self.names if name)

    @cached_property
    def unnamed(self) -> int:
        """Number of rows without a ticker below others with several."""
        if self.number is None or len(self.known) < 2 or "" not in self.names:
            return 0
        return int((self.number == self.names.index("")).sum())

    def notes(self) -> list[Note]:
        """Tell rows and columns without a ticker, which belong to no asset."""
        found = []
        if self.unnamed:
            rows = f"{self.unnamed} of {counted(len(self.below), 'row')}"
            found.append(warned(f"{rows} without a ticker left out; write it in each row"))
        if self.nameless:
            columns = counted(len(self.nameless), "column")
            place = f"right of {self.nameless[0]!r}"
            place = place if len(self.nameless) == 1 else f"the first {place}"
            text = f"{columns} of numbers without a name left out, {place}"
            found.append(warned(f"{text}; write the asset in the header"))
        return found

    def rows_of(self, name: str) -> tuple[IntArray, str]:
        """Return the rows below the header that belong to an asset, and its name in the file.

        Raises
        ------
        PriceError
            Rows name several tickers, and none of them is `name`, or most rows name none.
        """
        if self.number is None:
            return self.below, ""
        if len(self.known) < 2:
            return self.below, "".join(self.known)
        chosen = _matching(self.known, name)
        if self.unnamed > len(self.below) / 2:  # merged cells
            raise PriceError(
                f"{self.unnamed} of {len(self.below)} rows name no ticker; write it in each row"
            )
        return self.below[self.number == self.names.index(chosen)], chosen


def panel_columns(layout: FileLayout) -> tuple[Column, ...]:
    """Return the columns of a panel: one for each ticker, and no price by its name.

    The tickers LOW and OPEN are columns of a panel, too.
    """
    fields = {c.field for c in layout.columns}
    named = [c for c in layout.columns if not _is_nameless(c)]
    unknown = [c for c in named if c.field is None and not is_derived(c.label)]
    if fields & set(TIERS) or len(unknown) == 0 or layout.ticker is not None:
        return ()
    bars = fields & {Meaning.OPEN, Meaning.HIGH, Meaning.LOW}
    if {Meaning.HIGH, Meaning.LOW} <= bars or Meaning.VOLUME in fields:
        return ()
    no_price = (Meaning.OTHER, Meaning.DATE, Meaning.TIME, Meaning.PERIOD, Meaning.CONTRACT)
    return tuple(c for c in named if c.field not in no_price)


def _is_nameless(column: Column) -> bool:
    return not column.label or bool(_PLACEHOLDER.fullmatch(column.label))


def _nameless(layout: FileLayout, sheet: Grid) -> tuple[str, ...]:
    """Return the name left of each column that has numbers and no name. Counts of rows are none."""
    left, found = layout.dates or "(blank)", list[str]()
    for column in layout.columns:
        if not _is_nameless(column):
            left = column.label
        elif has_numbers(sheet.cells(column.position)[layout.first :]):
            found.append(left)
    return tuple(found)


def has_numbers(cells: pa.Array) -> bool:
    """Tell whether a column holds a number, and more than the count of its rows."""
    found = cells.filter(pc.match_substring_regex(cells, _ANY_NUMBER))
    return len(found) > 0 and not are_counting(found.to_pylist())


def _matching(tickers: Sequence[str], name: str) -> str:
    """Return the ticker that is meant by a name: ``XOM`` means ``XOM.US`` and ``XOM US Equity``."""
    same = [t for t in tickers if t == name]
    same = same or [t for t in tickers if t.casefold() == name.casefold()]
    if not same:
        same = [t for t in tickers if stem_of(t) == stem_of(name)]
    if len(same) != 1:
        found = f"several of them can be ({', '.join(same[:SHOWN])})" if same else "none is"
        listing = ", ".join(tickers[:SHOWN]) + (" …" if len(tickers) > SHOWN else "")
        raise PriceError(
            f"it holds {len(tickers)} tickers ({listing}), and {found} {name!r}; "
            "give one of them as the ticker, or for one asset with --column"
        )
    return same[0]


def stem_of(ticker: str) -> str:
    """Return a ticker without exchange and kind: ``xom`` of ``XOM.US`` and ``NYSE:XOM``."""
    plain = ticker.casefold().removeprefix("^").split(":")[-1]
    return re.split(r"[. ]", plain)[0]


def choice_of(layout: FileLayout, sheet: Grid, name: str, asked: str) -> Choice:
    """Choose the price of an asset and the columns beside it.

    Parameters
    ----------
    name : str
        Ticker that the user named.
    asked : str
        Label of a price column, or empty for the adjusted close, else the close.

    Raises
    ------
    UnknownNameError
        No column has the name `asked`.
    PriceError
        None or several of the columns can be the price.
    """
    price = _asked(layout, name, asked) if asked else _default(layout, sheet, name)
    beside = [c for c in layout.columns if c.ticker == price.ticker and c is not price]
    bars, raw = _bars(price, beside)
    split = next((c for c in beside if c.field is Meaning.SPLIT), None)
    unread = tuple(
        c.label
        for c in beside
        if c.field is None
        and says_adjusted(c.label)
        and not asked
        and price.field is not Meaning.ADJUSTED
    )
    return Choice(price, bars, raw, split, price.ticker, unread)


def _bars(price: Column, beside: Sequence[Column]) -> tuple[dict[Meaning, Column], Column | None]:
    """Return the bars beside a price, and the close in their unit."""
    by_field: dict[Meaning, Column] = {}
    for column in beside:
        if column.field is not None:
            by_field.setdefault(column.field, column)
    volume = _of(by_field, Meaning.VOLUME)
    adjusted: dict[Meaning, Column] = {
        plain: by_field[field]
        for plain, field in (
            (Meaning.OPEN, Meaning.ADJUSTED_OPEN),
            (Meaning.HIGH, Meaning.ADJUSTED_HIGH),
            (Meaning.LOW, Meaning.ADJUSTED_LOW),
        )
        if field in by_field
    }
    if price.field is Meaning.ADJUSTED and adjusted:
        return adjusted | volume, None
    plain = _of(by_field, Meaning.OPEN, Meaning.HIGH, Meaning.LOW)
    if price.field is not Meaning.ADJUSTED:
        is_close = price.field in (Meaning.CLOSE, Meaning.PRICE)
        return (plain if is_close else {}) | volume, None
    raw = by_field.get(Meaning.CLOSE) or by_field.get(Meaning.PRICE)
    return (plain if raw else {}) | volume, raw


def _of(by_field: dict[Meaning, Column], *fields: Meaning) -> dict[Meaning, Column]:
    return {field: by_field[field] for field in fields if field in by_field}


def _asked(layout: FileLayout, name: str, asked: str) -> Column:
    ways = (
        lambda c: c.label == asked,
        lambda c: c.label.casefold() == asked.casefold(),
        lambda c: bool(key_of(asked)) and key_of(c.label) == key_of(asked),
        lambda c: bool(c.field) and key_of(c.field or "") == key_of(asked),
        lambda c: bool(c.ticker) and key_of(c.label) == key_of(f"{name} {asked}"),
    )
    for way in ways:
        if found := [c for c in layout.columns if way(c)]:
            return _only(found, asked)
    raise UnknownNameError("column", asked, [c.label for c in layout.columns if c.label])


def _default(layout: FileLayout, sheet: Grid, name: str) -> Column:
    panel = panel_columns(layout)
    if len(panel) > 1:
        _refuse_other_number(layout, panel, name)
        chosen = _matching([c.label for c in panel], name)
        return next(c for c in panel if c.label == chosen)
    if len(panel) == 1:
        _refuse_unread(layout, panel[0], name)
        return panel[0]
    columns = layout.columns
    tickers = list(dict.fromkeys(c.ticker for c in columns if c.ticker))
    if tickers:
        chosen = _matching(tickers, name)
        columns = tuple(c for c in columns if c.ticker == chosen)
    else:
        _refuse_rival(layout, name)
    for tier in TIERS:
        if found := [c for c in columns if c.field is tier]:
            return _only(_distinct(found, layout, sheet), found[0].label)
    names = ", ".join(c.label or "(blank)" for c in columns[:20]) or "none beside the date"
    raise PriceError(
        "no column is named Adj Close, Close or Price, or as they are called in other languages; "
        f"the columns are: {names}; choose one with --column"
    )


def _refuse_rival(layout: FileLayout, name: str) -> None:
    """Refuse a column with the name of the asset beside a close without a name."""
    rivals = [c.label for c in layout.columns if c.field is None and c.label == name]
    closes = [c.label for c in layout.columns if c.field in TIERS]
    if rivals and closes:
        raise PriceError(
            f"columns {rivals[0]!r} and {closes[0]!r} can both be the price of {name}; "
            "choose one with --column"
        )


def _refuse_unread(layout: FileLayout, price: Column, name: str) -> None:
    """Refuse another column with the name of the asset, such as the ticker VAR."""
    others = [c.label for c in layout.columns if c.label == name and c is not price]
    if others:
        raise PriceError(
            f"column {name!r} has the name of the asset, but {price.label!r} would be read as its "
            "price; choose one with --column"
        )


def _refuse_other_number(layout: FileLayout, panel: Sequence[Column], name: str) -> None:
    """Refuse a column that has the name of the asset, but is called like another number."""
    others = [c.label for c in layout.columns if c.label == name and c not in panel]
    if others and name not in [c.label for c in panel]:
        raise PriceError(
            f"column {name!r} has the name of the asset, but is called like a number that is no "
            f"price; give --column {in_shell(name)} if it holds its prices"
        )


def _distinct(found: list[Column], layout: FileLayout, sheet: Grid) -> list[Column]:
    """Leave out columns that repeat the cells of the first one."""
    if len(found) == 1:
        return found
    first = sheet.cells(found[0].position)[layout.first :]
    return [found[0]] + [
        c for c in found[1:] if not sheet.cells(c.position)[layout.first :].equals(first)
    ]


def _only(found: list[Column], name: str) -> Column:
    if len(found) > 1:
        labels = ", ".join(repr(c.label) for c in found[:SHOWN])
        alike = len({c.label for c in found}) == 1
        way = "give them different names" if alike else "choose one with --column"
        raise PriceError(
            f"{len(found)} columns can be {name!r}: {labels}; {way}, or remove all but one"
        )
    return found[0]
