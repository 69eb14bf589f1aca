"""Facts about prices as they were understood, for people and for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.doubts import LONGEST_STEP
from simgan.market.judgement import judged
from simgan.market.prices import (
    WHOLE,
    Bars,
    Dates,
    Note,
    NoteKind,
    Prices,
    Quotes,
    Scope,
    shared_facts,
)
from simgan.market.ranges import days_with_ranges

SHOWN = 3  # first rows, and as many last rows
WIDE = 10.0  # largest / smallest price from which on a logarithmic scale is used
FIELDS = ("open", "high", "low", "volume")
_MOST_PLACES = 200_000  # rows whose places are searched for one that a warning names
_ISO = re.compile(r"(?<!--start )(?<!--end )(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")  # not of a remedy
_LINE = re.compile(r"\blines? (\d+)(?: and (\d+)(?! more))?")  # line 3; lines 3 and 4


@dataclass(frozen=True)
class ShownRow:
    """A row for people: its place in the source, its day, and its numbers by field."""

    place: str
    date: str
    values: Mapping[str, float]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON data. A number that is missing is null."""
        numbers = {
            name: float(value) if np.isfinite(value) else None
            for name, value in self.values.items()
        }
        return {"place": self.place, "date": self.date, **numbers}


@dataclass(frozen=True)
class RawRow:
    """A row that could not be read: its place in the file, and its cells."""

    place: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """A place on the time axis that a warning or a refusal names."""

    number: int
    date: np.datetime64
    text: str


@dataclass(frozen=True, kw_only=True)
class InspectedAsset:
    """Prices of one asset: rows of the source, and the prices made of them.

    Attributes
    ----------
    quotes : Quotes
        The rows as the source gives them.
    prices : Prices, optional
        The judged prices. None where they are refused.
    refusal : str
        Reason of the refusal, or nothing.
    scope : Scope
        The days asked for.
    names : tuple of str
        Names of the columns of `raw`. Empty where there are none.
    raw : tuple of RawRow
        The first and the last rows as they stand in the file, where `quotes` has no rows.
    """

    quotes: Quotes
    prices: Prices | None = None
    refusal: str = ""
    scope: Scope = WHOLE
    names: tuple[str, ...] = ()
    raw: tuple[RawRow, ...] = ()

    @property
    def name(self) -> str:
        """Name of the asset."""
        return self.quotes.asset

    @property
    def dates(self) -> Dates:
        """Days in use. For refused prices, the days of all rows with a price, in time order."""
        return self.prices.dates if self.prices is not None else self.quotes.dates[self._rows]

    @property
    def closes(self) -> FloatArray:
        """Prices of these days, shape (days,)."""
        return self.quotes.closes[self._rows] if self.prices is None else self.prices.values[:, 0]

    @property
    def bars(self) -> Bars | None:
        """Open, high, low and volume of these days, each of shape (days,), if there are any."""
        if self.prices is None:
            return self.quotes.bars and self.quotes.bars.each(lambda values: values[self._rows])
        return self.prices.bars and self.prices.bars.each(lambda values: values[:, 0])

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        """Rows with a day asked for and a positive price, in time order."""
        dates, closes = self.quotes.dates, self.quotes.closes
        usable = np.flatnonzero(self.scope.holds(dates) & np.isfinite(closes) & (closes > 0))
        usable = usable[~np.isnat(dates[usable])]
        return usable[np.argsort(dates[usable], kind="stable")]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes: of the judgement, or those of the source where the prices are refused."""
        return (self.prices or self.quotes).notes

    def texts(self, kind: NoteKind) -> list[str]:
        """Return the notes of one kind."""
        return [note.text for note in self.notes if note.kind == kind]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields beside the price that hold any number."""
        bars = self.quotes.bars
        return tuple(name for name in FIELDS if bars and np.isfinite(getattr(bars, name)).any())

    @property
    def splits(self) -> tuple[tuple[str, float], ...]:
        """Days with a split, and the number of new shares for one old share."""
        if self.quotes.splits is None:
            return ()
        ratios = np.nan_to_num(self.quotes.splits, nan=1.0)
        rows = np.flatnonzero((ratios != 1.0) & (ratios > 0.0))
        return tuple((day(self.quotes.dates[row]), float(ratios[row])) for row in rows)

    @property
    def days(self) -> int:
        """Number of days with a price. Several bars on one day count once."""
        return len(np.unique(self.dates.astype("datetime64[D]")))

    @property
    def bars_by_day(self) -> NDArray[np.intp]:
        """Number of bars of each day with a price, shape (days,)."""
        return np.unique(self.dates.astype("datetime64[D]"), return_counts=True)[1]

    @property
    def step(self) -> float:
        """Median number of calendar days between two days with a price. Zero for a single day."""
        apart = np.diff(np.unique(self.dates.astype("datetime64[D]"))).astype(int)
        return float(np.median(apart)) if apart.size else 0.0

    @property
    def rhythm(self) -> str:
        """Bars a day in words."""
        if not len(self.dates):
            return "none"
        if len(self.dates) == self.days:
            return "1" if self.step <= LONGEST_STEP else f"1 in about {self.step:g} days"
        counts = self.bars_by_day
        return f"{np.median(counts):g} on most days, {counts.min()} to {counts.max()}"

    @property
    def is_wide(self) -> bool:
        """Whether the prices need a logarithmic scale."""
        return bool(len(self.closes)) and self.closes.max() > WIDE * self.closes.min()

    @property
    def shown_rows(self) -> tuple[tuple[ShownRow, ...], tuple[ShownRow, ...]]:
        """The first and the last days, or rows of the source where none has a day and a price."""
        n = len(self.dates) or len(self.quotes)
        split = min(SHOWN, n)
        first, last = range(split), range(max(split, n - SHOWN), n)
        return tuple(map(self._shown, first)), tuple(map(self._shown, last))

    def _shown(self, index: int) -> ShownRow:
        quotes, prices = self.quotes, self.prices
        if prices is None:
            row = index = int(self._rows[index]) if len(self._rows) else index
            date, close, bars = quotes.dates[row], quotes.closes[row], quotes.bars
        else:
            date, close, bars = prices.dates[index], prices.values[index, 0], self.bars
            alike = np.flatnonzero((quotes.dates == date) & np.isfinite(quotes.closes))
            row = int(alike[0]) if len(alike) else index
        values = {name: float(getattr(bars, name)[index]) for name in self.fields if bars}
        volume = {"volume": values.pop("volume")} if "volume" in values else {}
        raw = {} if quotes.raw_closes is None else {"raw close": float(quotes.raw_closes[row])}
        place, shown = quotes.place(row), day(date)
        return ShownRow(
            "" if place == shown else place, shown, values | {"close": float(close)} | raw | volume
        )

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Places on the time axis: those of the refusal first, then those of each warning."""
        texts = [self.refusal] if self.refusal else []
        texts += self.texts(NoteKind.WARNING)
        return tuple(
            Mark(number, date, text)
            for number, text in enumerate(texts, start=1)
            for date in self._named_in(text)
        )

    def _named_in(self, text: str) -> list[np.datetime64]:
        """Return the days of this asset that a text names, by date or by line."""
        if not len(self.dates):
            return []
        first, last = self.dates[0], self.dates[-1]
        found = [np.datetime64(iso) for iso in _ISO.findall(text) if _is_day(iso)]
        if not found and len(self.quotes) <= _MOST_PLACES:
            found = self._days_of_lines(text)
        return sorted({date for date in found if first <= date <= last})

    def _days_of_lines(self, text: str) -> list[np.datetime64]:
        named = {f"line {n}" for pair in _LINE.findall(text) for n in pair if n}
        if not named:
            return []
        dates = self.quotes.dates
        rows = [row for row in range(len(dates)) if self.quotes.place(row) in named]
        return [dates[row] for row in rows if not np.isnat(dates[row])]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON data."""
        first, last = self.shown_rows
        known = len(self.dates) > 0
        return {
            "name": self.name,
            "rows": len(self.quotes),
            "first": day(self.dates[0]) if known else None,
            "last": day(self.dates[-1]) if known else None,
            "days": self.days,
            "bars": len(self.dates),
            "bars_a_day": float(np.median(self.bars_by_day)) if known else None,
            "days_apart": self.step,
            "fields": list(self.fields),
            "ranges": days_with_ranges(self.prices) if self.prices else 0,
            "splits": [{"date": date, "ratio": ratio} for date, ratio in self.splits],
            "facts": dict(self.quotes.facts),
            "read": self.texts(NoteKind.READ),
            "repairs": self.texts(NoteKind.REPAIR),
            "warnings": self.texts(NoteKind.WARNING),
            "first_rows": [row.to_json() for row in first],
            "last_rows": [row.to_json() for row in last],
            "raw_rows": [{"place": row.place, "cells": list(row.cells)} for row in self.raw],
            "refused": self.refusal or None,
        }


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Prices of a file or a ticker as they were understood.

    Attributes
    ----------
    name : str
        Name for the page and the heading.
    origin : str
        Path of the file, or the source.
    assets : tuple of InspectedAsset
        One, or each ticker of a file. None where the layout was not understood.
    facts : mapping
        How the file was understood, by topic, where no asset could be read.
    panel : Prices, optional
        The assets on their common days, where there are several that fit together.
    apart, refusal : str
        Reasons why several assets do not fit together, and why the prices cannot be used.
    """

    name: str
    origin: str
    assets: tuple[InspectedAsset, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    panel: Prices | None = None
    apart: str = ""
    refusal: str = ""

    @property
    def topics(self) -> dict[str, str]:
        """The facts on which all assets agree."""
        if not self.assets:
            return dict(self.facts)
        return shared_facts([asset.quotes.facts for asset in self.assets])

    @property
    def shared_repairs(self) -> list[str]:
        """Repairs that all of several assets have, such as the order of time."""
        if len(self.assets) < 2:
            return []
        first, *others = (asset.texts(NoteKind.REPAIR) for asset in self.assets)
        return [text for text in first if all(text in texts for texts in others)]

    @property
    def sentence(self) -> str:
        """Summary in one sentence."""
        if self.refusal:
            return f"Refused. {self.refusal}"
        if len(self.assets) > 1:
            if self.panel is None:
                return f"{len(self.assets)} tickers. They do not fit together: {self.apart}"
            dates = self.panel.dates
            return (
                f"{len(self.assets)} tickers with {len(dates):,} common days, "
                f"{day(dates[0])} to {day(dates[-1])}."
            )
        [asset] = self.assets
        repairs = _count(len(asset.texts(NoteKind.REPAIR)), "repair")
        warnings = _count(len(asset.texts(NoteKind.WARNING)), "warning")
        return (
            f"{asset.days:,} days, {day(asset.dates[0])} to {day(asset.dates[-1])}: "
            f"{repairs}, {warnings}."
        )

    @property
    def panel_repairs(self) -> list[str]:
        """Sentences on the days that the panel leaves out."""
        if self.panel is None:
            return []
        known = [(asset.name, note.text) for asset in self.assets for note in asset.notes]
        of_assets = {text for _, text in known} | {f"{name}: {text}" for name, text in known}
        return [note.text for note in self.panel.notes if note.text not in of_assets]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON data."""
        return {
            "name": self.name,
            "origin": self.origin,
            "facts": self.topics,
            "assets": [asset.to_json() for asset in self.assets],
            "panel": self._panel_json(),
            "refused": self.refusal or None,
        }

    def _panel_json(self) -> dict[str, object] | None:
        if self.panel is None:
            return None
        dates = self.panel.dates
        return {
            "assets": list(self.panel.assets),
            "first": day(dates[0]),
            "last": day(dates[-1]),
            "days": len(dates),
            "left_out": self.panel_repairs,
        }


def inspected(quotes: Quotes, scope: Scope = WHOLE) -> InspectedAsset:
    """Judge the rows of one asset, and keep the reason if they are refused."""
    try:
        return InspectedAsset(quotes=quotes, prices=judged(quotes, scope), scope=scope)
    except PriceError as error:
        return InspectedAsset(quotes=quotes, refusal=str(error), scope=scope)


def unread(
    name: str,
    facts: Mapping[str, str],
    refusal: str,
    names: tuple[str, ...] = (),
    raw: tuple[RawRow, ...] = (),
) -> InspectedAsset:
    """Describe an asset whose rows could not be read."""
    nothing = np.empty(0)
    quotes = Quotes(name, np.empty(0, "datetime64[D]"), nothing, place=str, facts=facts)
    return InspectedAsset(quotes=quotes, refusal=refusal, names=names, raw=raw)


def day(date: np.datetime64) -> str:
    """ISO date, with the time of day where there is one."""
    if np.isnat(date):
        return "no date"
    text = str(date.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(" 00:00:00").removesuffix(":00")


def _count(number: int, noun: str) -> str:
    return f"no {noun}s" if number == 0 else f"{number} {noun}{'s' if number > 1 else ''}"


def _is_day(iso: str) -> bool:
    try:
        np.datetime64(iso, "D")
    except ValueError:
        return False
    return True
