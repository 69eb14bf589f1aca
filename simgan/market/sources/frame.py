"""Prices from a series or a frame that the user's program holds."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from simgan.errors import IN_SHELL, ConfigError, PriceError
from simgan.market.files.columns import stem_of
from simgan.market.files.content import CONVERT
from simgan.market.files.frames import (
    FrameColumns,
    columns_of,
    is_frame,
    is_polars,
    is_series,
    says_kind_of_price,
)
from simgan.market.files.reading import PriceTable, quotes_of, table_of_grid
from simgan.market.prices import NoteKind, Quotes, read_as
from simgan.market.sources import PriceSource

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame

NAMELESS = "prices"  # name of an asset that nothing names
_GIVE_DATES = "give it a DatetimeIndex, as pd.to_datetime(dates) makes one"
_SHOWN = 8  # assets that a refusal names


@dataclass(frozen=True, eq=False)
class PriceFrame(PriceSource):
    """A series or frame of pandas, or a frame of polars, as yfinance and others give it.

    Its cells pass the same reading and the same judgement as those of a file.

    Attributes
    ----------
    frame : Frame
    column : str
        Name of the price column. Empty means the adjusted close, else the close.
    """

    kind: ClassVar[str] = "frame"
    frame: Frame = field(metadata={"help": "series or frame of prices"})
    column: str = field(
        default="", metadata={"help": "price column; empty: adjusted close, else close"}
    )

    def __post_init__(self) -> None:
        if not is_frame(self.frame):
            allowed = (
                "a pandas Series or DataFrame with a DatetimeIndex, a polars DataFrame with a "
                "column of dates, or the path of a price file"
            )
            raise ConfigError("prices", "prices", type(self.frame).__name__, allowed)

    @property
    def title(self) -> str:
        """The kind of frame, for messages."""
        if is_polars(self.frame):
            return "polars DataFrame"
        return "Series" if is_series(self.frame) else "DataFrame"

    @property
    def asset(self) -> str:
        """Name of the one asset: that of the series, of its ticker or of its column.

        A name such as ``Close`` names no asset. Then it is "prices".

        Raises
        ------
        PriceError
            The frame has no dates, or it holds several assets.
        """
        if is_series(self.frame):
            return _named(getattr(self.frame, "name", None))
        with self._told():
            tickers = self._tickers
            if self.column and self._table.ticker_meant_by(self.column):
                return self.column
            if len(tickers) > 1:
                raise _several(tickers)
            return _named(tickers[0] if tickers else self.column)

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that the frame names, or nothing where it holds one asset."""
        with self._told():
            return self._tickers

    @property
    def ticker_of_column(self) -> str:
        """The ticker that `column` names, or nothing where it names a kind of price."""
        with self._told():
            return self._table.ticker_meant_by(self.column)

    @property
    def _tickers(self) -> tuple[str, ...]:
        return (self._columns.ticker,) if self._columns.ticker else self._table.tickers

    def quotes(self, name: str) -> Quotes:
        """Read the rows of an asset. A frame of one asset takes any name."""
        with self._told():
            read = quotes_of(self._table, name, self.column)
        known = self._columns.ticker
        notes = [read_as(self._in_words(read))]
        if known and stem_of(known) != stem_of(name):
            notes.append(read_as(f"the frame calls {name} {known!r}"))
        notes += [
            replace(note, text=in_python(note.text))
            for note in read.notes
            if not (note.kind is NoteKind.READ and note.text.startswith(f"{self.title}: column"))
        ]
        return replace(read, notes=tuple(notes), origin=self.title)

    def _in_words(self, read: Quotes) -> str:
        days = read.priced_days
        span = f", {days.min()} to {days.max()}" if len(days) else ""
        column = "" if is_series(self.frame) else f"column {read.facts['column']!r}, "
        return f"{self.title}: {column}{len(days):,} prices{span}"

    def origin(self, name: str) -> dict[str, object]:
        """Describe the prices by the column and the hash of its dates and values.

        The hash is the SHA-256 of the days since 1970 as int64 and of the prices as float64.
        """
        read = self.quotes(name)
        content = read.dates.astype("<i8").tobytes() + read.closes.astype("<f8").tobytes()
        return {
            "kind": self.kind,
            "frame": self.title,
            "column": read.facts["column"],
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    @cached_property
    def _columns(self) -> FrameColumns:
        return columns_of(self.frame)

    @cached_property
    def _table(self) -> PriceTable:
        unit = "row" if is_polars(self.frame) else "iloc"
        try:
            return table_of_grid(self._columns.grid(unit), self.title)
        except PriceError as error:
            if self._columns.has_dates:
                raise
            raise PriceError(f"its index holds no dates; {error}") from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Name the frame in a refusal, and the options as Python spells them."""
        try:
            yield
        except PriceError as error:
            raise PriceError(f"{self.title}: {in_python(str(error))}") from None


def in_python(sentence: str) -> str:
    """Spell the options of a sentence as keyword arguments.

    >>> in_python("choose one with --column, or leave them out with --on-bad-rows drop")
    "choose one with column=, or leave them out with on_bad_rows='drop'"
    """
    spelled = re.sub(f"--column ({IN_SHELL})", _column_in_python, sentence)
    spelled = spelled.replace("--on-bad-rows drop", "on_bad_rows='drop'")
    spelled = spelled.replace("`simgan data show FILE` shows the rows: ", "")
    spelled = spelled.replace(CONVERT, _GIVE_DATES)
    return re.sub(r"--(column|prices|start|end|source)\b", r"\1=", spelled)


def _column_in_python(option: re.Match[str]) -> str:
    return f"column={shlex.split(option[1])[0]!r}"


def _named(name: object) -> str:
    text = "" if name is None else str(name).strip()
    return NAMELESS if not text or says_kind_of_price(text) else text


def _several(tickers: tuple[str, ...]) -> PriceError:
    listing = ", ".join(tickers[:_SHOWN]) + (" …" if len(tickers) > _SHOWN else "")
    return PriceError(
        f"it holds {len(tickers)} assets ({listing}), and one is wanted; name it, as in "
        f"simgan.fit({tickers[0]!r}, prices=frame)"
    )


def named_prices(
    owner: str,
    asset: str | Frame,
    prices: str | Path | Frame | None,
    column: str,
    name: str | None = None,
) -> tuple[str, Path | Frame | None]:
    """Return the name of an asset, and its prices where they come from no source.

    Parameters
    ----------
    owner : str
        The function, for messages.
    asset : str or Frame
        A name, or a series or frame that holds the prices.
    prices : path or Frame, optional
        Prices of the named asset.
    column : str
        Price column of a frame.
    name : str, optional
        Name of the asset of a frame that names none.

    Raises
    ------
    ConfigError
        `asset` or `prices` is of another type, or both hold prices.
    PriceError
        The frame has no dates, or it holds several assets.
    """
    if isinstance(asset, str):
        return asset, Path(prices) if isinstance(prices, str | Path) else _expect_frame(prices)
    if not is_frame(asset):
        allowed = "a ticker, or a Series or DataFrame of prices; a price file is given as prices="
        raise ConfigError(owner, "asset", type(asset).__name__, allowed)
    if prices is not None:
        allowed = "left out, or given with the name of the asset: the first argument holds prices"
        raise ConfigError(owner, "prices", type(prices).__name__, allowed)
    found = PriceFrame(asset, column).asset
    return (name or found if found == NAMELESS else found), asset


def _expect_frame(prices: Frame | None) -> Frame | None:
    return None if prices is None else PriceFrame(prices).frame
