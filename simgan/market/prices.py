"""Prices: the rows of a source before they are judged, and prices in the order of time after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgan.arguments import Day, given_date
from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.readable import ByValue

Dates = NDArray[np.datetime64]
Selection = NDArray[np.intp] | NDArray[np.bool_] | slice  # rows to keep
OnBadRows = Literal["stop", "drop"]


class NoteKind(StrEnum):
    """Kinds of notes about prices."""

    READ = "read"  # how the prices were understood
    REPAIR = "repair"  # a change that loses no information
    WARNING = "warning"  # a reason to look at the prices before they are used


@dataclass(frozen=True)
class Note:
    """A sentence about prices for the user."""

    kind: NoteKind
    text: str

    def __str__(self) -> str:
        return f"warning: {self.text}" if self.kind is NoteKind.WARNING else self.text


def read_as(text: str) -> Note:
    """Make a note of how prices were understood."""
    return Note(NoteKind.READ, text)


def repaired(text: str) -> Note:
    """Make a note of a repair."""
    return Note(NoteKind.REPAIR, text)


def warned(text: str) -> Note:
    """Make a note of a reason for doubt."""
    return Note(NoteKind.WARNING, text)


@dataclass(frozen=True, eq=False)
class Bars(ByValue):
    """Open, high, low and volume beside closes. All four have the shape of the closes.

    Attributes
    ----------
    open, high, low : array
        Prices in the unit of the closes. NaN where there is none.
    volume : array
        Traded units. NaN where there is none.
    """

    open: FloatArray
    high: FloatArray
    low: FloatArray
    volume: FloatArray

    def each(self, change: Callable[[FloatArray], FloatArray]) -> Bars:
        """Apply one change, such as a choice of rows, to all four arrays."""
        return Bars(change(self.open), change(self.high), change(self.low), change(self.volume))

    def scaled(self, factor: FloatArray) -> Bars:
        """Multiply the prices by the factor that adjusts the closes."""
        return replace(
            self, open=self.open * factor, high=self.high * factor, low=self.low * factor
        )


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used, and why: ``'x' in column 'close' is no number``."""

    row: int
    text: str


@dataclass(frozen=True, eq=False)
class Quotes(ByValue):
    """Rows of one asset as a source gives them, in its order and before they are judged.

    Attributes
    ----------
    asset : str
    dates : array of datetime64[D], shape (rows,)
        NaT where the date cannot be read. Such a row has a fault.
    closes : array of shape (rows,)
        The chosen price: adjusted for splits and dividends where the source allows it. NaN where
        there is none.
    place : callable
        Names the place of row i: ``line 12``.
    raw_closes : array of shape (rows,), optional
        Closes in the unit of `bars`, where that is another unit than that of `closes`.
    bars : Bars, optional
        Open, high, low and volume as they stand in the source, each of shape (rows,).
    splits : array of shape (rows,), optional
        New shares for one old share on that day, and 1 on days without a split.
    faults : tuple of Fault
        Rows that cannot be read.
    notes : tuple of Note
    facts : mapping
        How the source was understood, by topic: layout, encoding, column.
    origin : str
        The file, for messages. Empty means the name of the asset.
    """

    asset: str
    dates: Dates
    closes: FloatArray
    place: Callable[[int], str]
    raw_closes: FloatArray | None = None
    bars: Bars | None = None
    splits: FloatArray | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def priced_days(self) -> Dates:
        """The known dates of rows with a price."""
        return self.dates[~np.isnan(self.closes) & ~np.isnat(self.dates)]


@dataclass(frozen=True)
class Scope:
    """The days of a source that are used, and the treatment of rows that are wrong.

    Attributes
    ----------
    start, end : str, optional
        First and last day as ISO dates, both included.
    on_bad_rows : {"stop", "drop"}
        ``drop`` leaves out rows that cannot be used, and tells how many.
    """

    start: str | None = None
    end: str | None = None
    on_bad_rows: OnBadRows = "stop"

    @classmethod
    def of(cls, start: Day | None, end: Day | None, on_bad_rows: OnBadRows) -> Scope:
        """Return the scope of days that are given as text, dates or timestamps.

        Raises
        ------
        ConfigError
            One is no date.
        """
        first, last = given_date(start, "prices", "start"), given_date(end, "prices", "end")
        return cls(first, last, on_bad_rows)

    def __str__(self) -> str:
        """The days in words: ``from 2010-01-01 to 2018-12-31``."""
        ends = (("from", self.start), ("to", self.end))
        return " ".join(f"{word} {date}" for word, date in ends if date)

    def holds(self, dates: Dates) -> NDArray[np.bool_]:
        """Mark the dates that are used."""
        keep = np.ones(len(dates), bool)
        if self.start is not None:
            keep &= dates >= np.datetime64(self.start)
        if self.end is not None:
            keep &= dates < np.datetime64(self.end, "D") + np.timedelta64(1, "D")
        return keep


WHOLE = Scope()
NAMES, REASONS = 20, 3  # refused assets that are named, and those whose reasons are told


@dataclass(frozen=True, eq=False)
class Prices(ByValue):
    """Positive prices in the order of time.

    Attributes
    ----------
    dates : array of datetime64, shape (days,)
        Strictly increasing.
    values : array of shape (days, assets)
        Positive and finite. Adjusted for splits and dividends where the source allows it.
    assets : tuple of str
        One name per column.
    notes : tuple of Note
        Sentences for the user, such as the column that was read and harmless repairs.
    bars : Bars, optional
        Open, high and low, adjusted by the same factors as the closes, and volume, each of shape
        (days, assets).
    facts : mapping
        How the source was understood, by topic.
    """

    dates: Dates
    values: FloatArray
    assets: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    bars: Bars | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def rows(self, rows: Selection) -> Prices:
        """Keep some rows."""
        bars = self.bars and self.bars.each(lambda values: values[rows])
        return replace(self, dates=self.dates[rows], values=self.values[rows], bars=bars)

    def between(self, start: str | None, end: str | None) -> Prices:
        """Keep the rows from `start` to `end` (ISO dates, both included).

        Raises
        ------
        PriceError
            There are prices, but none between these dates.
        """
        scope = Scope(start, end)
        keep = scope.holds(self.dates)
        if len(keep) and not keep.any():
            raise PriceError(
                f"{', '.join(self.assets)}: there is no price {scope}; "
                f"give dates in the range of the prices, {self.dates[0]} to {self.dates[-1]}"
            )
        return self.rows(keep)


def panel(series: Sequence[Prices]) -> Prices:
    """Join the prices of several assets on the dates that all of them have.

    Facts that all assets share are kept, and notes say which asset they belong to.

    Raises
    ------
    PriceError
        There are no such dates, or two assets have the same name.
    """
    names = tuple(name for prices in series for name in prices.assets)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PriceError(f"{', '.join(twice)} is there twice; name each asset once")
    common = reduce(np.intersect1d, [prices.dates for prices in series])
    if not len(common):
        spans = ", ".join(f"{'/'.join(p.assets)} {p.dates[0]} to {p.dates[-1]}" for p in series)
        raise PriceError(f"no day has prices of all of {', '.join(names)} ({spans})")
    kept = [prices.rows(np.isin(prices.dates, common)) for prices in series]
    notes = _notes_of(series)
    if dropped := _dropped(series, len(common)):
        notes.append(repaired(dropped))
    return Prices(
        common,
        np.concatenate([p.values for p in kept], axis=1),  # (days, assets)
        names,
        tuple(notes),
        _joined([p.bars for p in kept]),
        shared_facts([p.facts for p in series]),
    )


def _notes_of(series: Sequence[Prices]) -> list[Note]:
    """Return notes that all assets have once, and the others with the name of their asset."""
    counts = Counter(note for prices in series for note in set(prices.notes))
    notes = [
        note
        if counts[note] == len(series)
        else Note(note.kind, f"{', '.join(prices.assets)}: {note.text}")
        for prices in series
        for note in prices.notes
    ]
    return list(dict.fromkeys(notes))


def shared_facts(facts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the facts that all assets have."""
    return {
        topic: text
        for topic, text in facts[0].items()
        if all(others.get(topic) == text for others in facts)
    }


def refusal_of_some(reasons: Mapping[str, str], assets: Sequence[str]) -> str:
    """Return one sentence for the assets that are refused, with the reasons of the first few."""
    if len(assets) == 1:
        return next(iter(reasons.values()))
    names, few = list(reasons), dict(list(reasons.items())[:REASONS])
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    told = "; ".join(f"{name}: {reason}" for name, reason in few.items())
    good = next((name for name in assets if name not in reasons), "")
    others = f", or use only the others, such as {good}" if good else ""
    return (
        f"{len(names)} of {len(assets)} tickers cannot be used ({', '.join(names[:NAMES])}{more}); "
        f"{told}; correct them{others}"
    )


def _dropped(series: Sequence[Prices], common: int) -> str:
    """Tell which days of which assets are not used, or nothing."""
    lost = [(", ".join(p.assets), len(p.dates) - common) for p in series]
    lost = [(name, days) for name, days in lost if days]
    if not lost:
        return ""
    each = ", ".join(f"{days} of {name}" for name, days in lost)
    return f"{common} days have prices of each of {len(series)} assets; days left out: {each}"


def _joined(bars: Sequence[Bars | None]) -> Bars | None:
    """Join bars along the assets, where each asset has them."""
    given = [b for b in bars if b is not None]
    if len(given) < len(bars) or not given:
        return None
    return Bars(
        *(
            np.concatenate([getattr(b, name) for b in given], axis=1)
            for name in ("open", "high", "low", "volume")
        )
    )
