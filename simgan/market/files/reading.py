"""From a file to the rows of one asset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.faults import BUDDHIST
from simgan.market.files import books
from simgan.market.files.columns import Choice, Tickers, choice_of, stem_of
from simgan.market.files.consistency import (
    contracts,
    hint_at_renaming,
    refuse_fields,
    refuse_other_bars,
    refuse_two_currencies,
)
from simgan.market.files.content import Content, SeveralTables, content_of, text_of
from simgan.market.files.dates import Stamps, stamps_of
from simgan.market.files.days import days_of
from simgan.market.files.ends import cut_off
from simgan.market.files.file_bars import bars_of, unscaled, wordy
from simgan.market.files.layouts import HEAD, FileLayout, layout_of
from simgan.market.files.names import PRICES, Meaning
from simgan.market.files.numbers import (
    Notation,
    ReadNumbers,
    cleaned,
    notation_of,
    numbers,
)
from simgan.market.files.rows import (
    days_only,
    faults_of,
    refuse_counting,
    refuse_most,
    refuse_percentages,
    refuse_words,
)
from simgan.market.files.sheet import Grid, split
from simgan.market.files.unknown_layouts import no_layout
from simgan.market.prices import Note, Quotes, read_as, warned

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "blank"}
_PROBED = 2**16  # characters that show the separator


@dataclass(frozen=True)
class PriceTable:
    """A file whose layout is understood.

    Attributes
    ----------
    sheet : Grid
    layout : FileLayout
    facts : mapping
        How the file was understood, by topic.
    """

    sheet: Grid
    layout: FileLayout
    facts: Mapping[str, str]

    @property
    def tickers(self) -> tuple[str, ...]:
        """Tickers that rows or columns of the file name."""
        return self.named.known

    @cached_property
    def named(self) -> Tickers:
        """Tickers with their rows."""
        return Tickers.of(self.layout, self.sheet)

    def ticker_meant_by(self, column: str) -> str:
        """Return the ticker that a user names as a column, or nothing where it is a column."""
        same = [t for t in self.tickers if t == column]
        same = same or [t for t in self.tickers if t.casefold() == column.casefold()]
        labels = [c.label.casefold() for c in self.layout.columns]
        is_column = self.layout.ticker is not None and column.casefold() in labels
        return same[0] if len(same) == 1 and not is_column else ""


class NoLayout(PriceError):
    """A file has no layout that is known.

    Attributes
    ----------
    facts : mapping
        How the file was understood up to there, by topic.
    """

    def __init__(self, reason: str, facts: Mapping[str, str]) -> None:
        self.reason, self.facts = reason, dict(facts)
        super().__init__(reason, self.facts)

    def __str__(self) -> str:
        return self.reason


def read_table(path: Path, asked: str = "") -> PriceTable:
    """Read a file and find its layout. A ticker may choose among sheets or files of a zip.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    PriceError
        It cannot be unpacked, or no layout fits.
    """
    return table_of(content_of(path, asked), path.name)


def table_of(content: Content, name: str) -> PriceTable:
    """Find the layout of a file's content.

    Raises
    ------
    NoLayout
        No layout fits.
    SeveralTables
        It is a workbook with several sheets, and no ticker chooses one.
    """
    facts = {"file": name}
    if content.packing:
        facts["packing"] = content.packing
    try:
        sheet, layout = _recognised(content, facts)
    except SeveralTables:
        raise
    except PriceError as error:
        raise NoLayout(str(error), facts) from error
    return _understood(replace(sheet, notes=(*content.notes, *sheet.notes)), layout, facts)


def table_of_grid(sheet: Grid, name: str) -> PriceTable:
    """Find the layout of cells that come from no file.

    Raises
    ------
    PriceError
        No layout fits.
    """
    layout = layout_of(sheet.head(HEAD))
    if layout is None:
        raise no_layout(sheet.head(HEAD), sheet.place(0))
    return _understood(sheet, layout, {"file": name})


def _understood(sheet: Grid, layout: FileLayout, facts: dict[str, str]) -> PriceTable:
    facts |= {
        "layout": layout.name,
        "header": sheet.place(layout.header) if layout.header is not None else "none",
        "date column": layout.dates or "(blank)",
    }
    return PriceTable(sheet, layout, facts)


def _recognised(content: Content, facts: dict[str, str]) -> tuple[Grid, FileLayout]:
    if content.kind == "text":
        text, facts["encoding"] = text_of(content.data)
        sheet, layout = _separated(text)
        facts["separator"] = SEPARATORS.get(sheet.separator, repr(sheet.separator))
    else:
        sheet = (
            books.grid_of_book(content)
            if content.kind == "workbook"
            else books.grid_of_table(content)
        )
        facts["encoding"] = content.kind
        facts |= sheet.facts
        layout = layout_of(sheet.head(HEAD))
    if not len(sheet):
        raise PriceError(
            "it is empty; it should hold a line of column names, such as date,close, and a row a "
            "day"
        )
    if layout is None:
        raise no_layout(sheet.head(HEAD), sheet.place(0))
    return sheet, layout


def _separated(text: str) -> tuple[Grid, FileLayout | None]:
    """Split text by the first separator that makes a layout."""
    named = re.match(r"\s*sep=(.)\s*\n", text, re.IGNORECASE)
    if named:
        text = "\n" + text[named.end() :]  # lines keep their numbers
    head = text[:_PROBED]
    head = head if len(text) <= _PROBED else head[: head.rfind("\n") + 1]
    for separator in [named[1]] if named else SEPARATORS:
        with suppress(PriceError):
            probed = split(head, separator)
            if layout := layout_of(probed.head(HEAD)):
                return (probed if head is text else split(text, separator)), layout
    sheet = split(text, named[1] if named else _commonest(head))
    return sheet, layout_of(sheet.head(HEAD))  # for its reason to refuse


def _commonest(head: str) -> str:
    seen = [sign for sign in SEPARATORS if sign != " " and sign in head]
    return max(seen, key=head.count, default=" " if re.search(r"\w \w|\" \"", head) else ",")


def read_quotes(path: Path, name: str, column: str = "") -> Quotes:
    """Read the rows of one asset.

    Parameters
    ----------
    path : Path
    name : str
        Ticker that the user named. It chooses among the tickers of the file.
    column : str
        Price column. Empty means the adjusted close, else the close.

    Raises
    ------
    SourceError
        The file is missing or cannot be opened.
    UnknownNameError
        No column has the name `column`.
    PriceError
        The file is not understood. The message names the lines.
    """
    try:
        return replace(quotes_of(read_table(path, name), name, column), origin=str(path))
    except PriceError as error:
        raise PriceError(f"{path}: {error}") from None


def quotes_of(table: PriceTable, name: str, column: str = "") -> Quotes:
    """Return the rows of one asset of a table."""
    layout = table.layout
    refuse_fields(table.sheet, layout)
    chosen = table.ticker_meant_by(column)
    choice = choice_of(layout, table.sheet, chosen or name, "" if chosen else column)
    try:
        rows, ticker = table.named.rows_of(chosen or name)
    except PriceError as error:
        raise PriceError(f"{error}{hint_at_renaming(table.sheet, layout)}") from None
    sheet, told = days_only(table.sheet.take(rows), layout, choice.price.position)
    if not len(sheet):
        raise PriceError("there are no prices below the names of the columns")
    refuse_other_bars(sheet, layout)
    refuse_two_currencies(sheet, layout, choice.price.position)
    stamps = _stamps(sheet, layout)
    refuse_percentages(sheet, layout, choice)
    cells = _cells(sheet, choice)
    notation = _notation(sheet, layout, choice, cells)
    told = [*table.named.notes(), *told, *cut_off(table.sheet, layout, notation)]
    told += unscaled(layout, choice)
    volume = choice.bars.get(Meaning.VOLUME)  # amounts have a notation of their own: 1.2M
    read = {p: numbers(cells[p], notation) for p in cells if volume is None or p != volume.position}
    told += wordy(choice, read, cells)
    price = read[choice.price.position]
    refuse_words(sheet, layout, choice.price, price)
    faults = faults_of(sheet, layout, stamps, choice.price, price)
    refuse_most(faults, sheet, layout, choice)
    refuse_counting(price.values, choice)
    dates, clock = days_of(stamps, sheet.place)
    rolls = contracts(sheet, layout, dates)
    facts = dict(table.facts) | {
        "dates": stamps.notation + (f", {clock}" if clock else ""),
        "numbers": notation.name,
        "column": choice.price.label or "(blank)",
        "unadjusted column": choice.raw.label if choice.raw else "",
        "columns": ", ".join(c.label for c in layout.columns if c.label),
        "ticker": ticker or choice.asset,
    }
    return Quotes(
        name,
        dates,
        price.values,
        sheet.place,
        raw_closes=read[choice.raw.position].values if choice.raw else None,
        bars=bars_of(choice, read, cells, notation),
        splits=_splits(choice, read, cells),
        faults=faults,
        notes=(*_notes(facts, choice, name), *_doubts(notation), *sheet.notes, *told, *rolls),
        facts={topic: fact for topic, fact in facts.items() if fact},
    )


def _stamps(sheet: Grid, layout: FileLayout) -> Stamps:
    cells = sheet.cells(layout.date)
    if layout.time is not None:
        clock = sheet.cells(layout.time)
        digits = pc.match_substring_regex(clock, r"^\d{1,5}$")
        clock = pc.if_else(digits, pc.utf8_lpad(clock, 6, "0"), clock)
        cells = pc.binary_join_element_wise(cells, clock, " ")
    is_thai = any("\u0e00" <= letter <= "\u0e7f" for letter in layout.dates)
    return stamps_of(cells, BUDDHIST if is_thai else 0)


def _cells(sheet: Grid, choice: Choice) -> dict[int, pa.Array]:
    """Return the cleaned cells of the columns that are read, the price first."""
    beside = [*choice.bars.values(), *([choice.raw] if choice.raw else [])]
    beside += [choice.split] if choice.split else []
    return {c.position: cleaned(sheet.cells(c.position)) for c in (choice.price, *beside)}


def _notation(
    sheet: Grid, layout: FileLayout, choice: Choice, cells: Mapping[int, pa.Array]
) -> Notation:
    """Decide the notation of numbers by the prices of the asset, then by all other columns."""
    is_price = {c.position for c in layout.columns if c.field in PRICES}
    prices = [cells[p] for p in cells if p in is_price or p == choice.price.position]
    others = [
        cleaned(sheet.cells(c.position))
        for c in layout.columns
        if c.position not in is_price and c.position != choice.price.position
    ]
    return notation_of(prices, others, sheet.separator)


def _splits(
    choice: Choice, read: Mapping[int, ReadNumbers], cells: Mapping[int, pa.Array]
) -> FloatArray | None:
    """Return new shares for one old share, and 1 where there is no split."""
    if choice.split is None:
        return None
    ratios = np.nan_to_num(read[choice.split.position].values, nan=1.0)
    for row in np.flatnonzero(read[choice.split.position].is_wrong):
        if match := re.fullmatch(
            r"(\d+(?:\.\d+)?)[:/](\d+(?:\.\d+)?)", cells[choice.split.position][row].as_py()
        ):
            ratios[row] = float(match[1]) / float(match[2]) if float(match[2]) else 1.0
    return np.where(ratios > 0, ratios, 1.0)


def _doubts(notation: Notation) -> list[Note]:
    if not notation.doubt:
        return []
    text = f"numbers such as {notation.doubt!r} are read with a decimal point"
    return [warned(f"{text}; if it stands between thousands, remove it from the file")]


def _notes(facts: Mapping[str, str], choice: Choice, name: str) -> list[Note]:
    """Tell how the file was understood."""
    manner = [facts["layout"], f"dates as {facts['dates']}", facts["numbers"]]
    manner += [facts[topic] for topic in ("encoding", "separator") if topic in facts]
    notes = [read_as(f"{facts['file']}: column {facts['column']!r}, {', '.join(manner)}")]
    if facts["ticker"] and stem_of(facts["ticker"]) != stem_of(name):
        notes.append(read_as(f"the file calls {name} {facts['ticker']!r}"))
    notes += [
        warned(
            f"the price is column {facts['column']!r}, but {label!r} speaks of an adjustment; "
            "choose it with --column if it is the adjusted close"
        )
        for label in choice.left_over
    ]
    return notes
