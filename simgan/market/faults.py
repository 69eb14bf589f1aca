"""Faults: rows that cannot be used, by kind, with their places.

Each kind is a function that looks for its rows. The tables at the end list them in the order in
which they are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import in_shell
from simgan.market.jumps import HUNDREDFOLD, UNIT
from simgan.market.prices import Quotes
from simgan.market.sessions import (
    SAME,
    Flags,
    Rows,
    Sessions,
    counted,
    first_few,
    place_and_date,
)

SHORT = 10  # days in a wrong unit that can be left out
BUDDHIST = 543  # years that the Thai calendar is ahead
OLDEST = np.datetime64("1600-01-01", "D")  # the first shares were traded after it
SOME = 0.05  # share of negative prices that are exceptions
SIDE = 0.1  # share of the days from which on one side of the bad rows is offered


@dataclass(frozen=True)
class BadRows:
    """Rows that cannot be used for one reason.

    Attributes
    ----------
    noun, reason : str
        Name of the kind. The noun takes a plural: ``2 rows`` ``that cannot be read``.
    rows : array
        The rows that are left out on demand: rows of the quotes, or sessions under judgement.
    places : tuple of str
        One for each case.
    remedy : str
        Advice for this kind.
    is_lasting : bool
        Rows cannot be left out to mend this.
    is_avoidable : bool
        Users may well want only the days before or after these rows.
    """

    noun: str
    reason: str
    rows: Rows
    places: tuple[str, ...]
    remedy: str = ""
    is_lasting: bool = False
    is_avoidable: bool = False

    @property
    def count(self) -> str:
        """The number of cases, in words."""
        return f"{counted(len(self.places), self.noun)} {self.reason}".rstrip()

    def __str__(self) -> str:
        return f"{self.count}: {first_few(self.places)}"


def _unreadable(quotes: Quotes, asked: Flags) -> BadRows:
    faults = sorted((f.row, f.text) for f in quotes.faults if asked[f.row])
    texts = dict[int, str]()
    for row, text in faults:
        texts.setdefault(row, text)
    rows = np.array(list(texts), np.intp)
    return BadRows(
        "row",
        "that cannot be read",
        rows,
        tuple(f"{quotes.place(row)}: {text}" for row, text in texts.items()),
        other_column(quotes, rows),
    )


def _future(quotes: Quotes, asked: Flags) -> BadRows:
    """Find dates after tomorrow. Tomorrow has begun somewhere."""
    today = np.datetime64(datetime.now(UTC).date(), "D")
    rows = np.flatnonzero(asked & (quotes.dates > today + 1))
    is_thai = len(rows) > 0 and bool(
        np.all(quotes.dates[rows].astype("datetime64[Y]") - BUDDHIST <= today)
    )
    remedy = f"years of the Buddhist calendar are {BUDDHIST} ahead: subtract {BUDDHIST}"
    return _at(quotes, rows, ("date", "in the future"), remedy if is_thai else "")


def _ancient(quotes: Quotes, asked: Flags) -> BadRows:
    """Find dates of calendars that are behind: 1395 is 2016 in Iran, 1437 in Arabia."""
    rows = np.flatnonzero(asked & (quotes.dates < OLDEST))
    kind = ("date", "before the year 1600")
    remedy = "convert dates of the Persian or Islamic calendar to YYYY-MM-DD of the Western one"
    return replace(_at(quotes, rows, kind, remedy), is_lasting=True)


def _infinite(quotes: Quotes, asked: Flags) -> BadRows:
    rows = np.flatnonzero(asked & np.isinf(quotes.closes))
    return _at(quotes, rows, ("infinite price", ""), other_column(quotes, rows))


def other_column(quotes: Quotes, rows: Rows) -> str:
    """Name the column of unadjusted closes, where it has good prices in these rows."""
    column = quotes.facts.get("unadjusted column")
    if not column or quotes.raw_closes is None or not len(rows):
        return ""
    closes = quotes.raw_closes[rows]
    if not (np.isfinite(closes) & (closes > 0)).all():
        return ""
    return f"the column {column!r} has prices there: --column {in_shell(column)} takes it"


def _zero(quotes: Quotes, asked: Flags) -> BadRows:
    return _priced(quotes, np.flatnonzero(asked & (quotes.closes == 0)), ("price", "of zero"))


def _negative(quotes: Quotes, asked: Flags) -> BadRows:
    below = asked & (quotes.closes < 0) & np.isfinite(quotes.closes)
    rows = np.flatnonzero(below)
    remedy = "a spread, a rate or another series that is often negative has no log returns"
    are_exceptions = 0 < len(rows) <= max(1, SOME * asked.sum())
    if are_exceptions:
        remedy = "a negative price has no log return"
    if len(rows) and quotes.facts.get("column", "").upper() == "PRC":
        remedy = "CRSP gives the mean of bid and ask as a negative PRC: make these positive"
    kind = _priced(quotes, rows, ("price", "below zero"), remedy)
    return replace(kind, is_avoidable=are_exceptions)


def days_beside(quotes: Quotes, bad: Sequence[BadRows], asked: Flags) -> str:
    """Name the options that choose the days before or after all bad rows, where that helps."""
    if not any(kind.is_avoidable for kind in bad):
        return ""
    dates = quotes.dates[np.concatenate([kind.rows for kind in bad])]
    if np.isnat(dates).any():
        return ""
    others = quotes.dates[asked]
    before, after = (others < dates.min()).mean(), (others > dates.max()).mean()
    sides = [f"--end {dates.min() - 1}"] if before >= SIDE else []
    sides += [f"--start {dates.max() + 1}"] if after >= SIDE else []
    return f"use {' or '.join(sides)}" if sides else ""


def _at(quotes: Quotes, rows: Rows, kind: tuple[str, str], remedy: str = "") -> BadRows:
    return BadRows(*kind, rows, tuple(place_and_date(quotes, int(row)) for row in rows), remedy)


def _priced(quotes: Quotes, rows: Rows, kind: tuple[str, str], remedy: str = "") -> BadRows:
    places = (f"{quotes.closes[row]:g} at {place_and_date(quotes, int(row))}" for row in rows)
    return BadRows(*kind, rows, tuple(places), remedy)


ROW_FAULTS: tuple[Callable[[Quotes, Flags], BadRows], ...] = (
    _unreadable,
    _future,
    _ancient,
    _infinite,
    _zero,
    _negative,
)


def conflicts(quotes: Quotes, order: Rows) -> BadRows:
    """Find days that have rows with different prices.

    Parameters
    ----------
    quotes : Quotes
    order : array of row numbers
        In the order of dates.
    """
    dates = quotes.dates[order]
    again = np.zeros(len(order) + 1, bool)  # a last one, so that every row has a next one
    again[1:-1] = dates[1:] == dates[:-1]
    order = order[again[:-1] | again[1:]]
    starts = np.flatnonzero(~again[:-1][again[:-1] | again[1:]])  # (days with several rows,)
    day_of = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(order)]))
    first = order[starts][day_of]  # the first row of the same day
    differ = np.zeros(len(order), bool)
    for prices in _price_fields(quotes).values():
        differ |= _differ(prices[order], prices[first])
    days = np.unique(day_of[differ])
    rows_of_days = np.split(order, starts[1:])
    places = tuple(_clash(quotes, np.sort(rows_of_days[day])) for day in days)
    many = len(days) > (~again[:-1]).sum() / 2
    remedy = "are these intraday bars, or several tickers in one table?" if many else ""
    rows = order[np.isin(day_of, days)]
    return BadRows("day", "with different prices", rows, places, remedy)


def _price_fields(quotes: Quotes) -> dict[str, FloatArray]:
    fields = {"": quotes.closes}
    if quotes.raw_closes is not None:
        fields["close "] = quotes.raw_closes
    if (bars := quotes.bars) is not None:
        fields |= {"open ": bars.open, "high ": bars.high, "low ": bars.low}
    return fields


def _differ(these: FloatArray, those: FloatArray) -> Flags:
    """Mark prices that differ. A missing price contradicts nothing."""
    with np.errstate(invalid="ignore"):  # ∞ − ∞
        return np.asarray(np.abs(these - those) > SAME * np.abs(those), bool)  # NaN: False


def _clash(quotes: Quotes, rows: Rows) -> str:
    """Name the rows of a day, with the first field in which their prices differ."""
    name, values = next(
        (name, prices[rows])
        for name, prices in _price_fields(quotes).items()
        if _differ(prices[rows], np.roll(prices[rows], 1)).any()
    )
    prices = name + " and ".join(f"{value:.8g}" for value in values[:3])
    date = str(quotes.dates[rows[0]])
    places = [quotes.place(int(row)) for row in rows[:3]]
    where = date if date in places else f"{' and '.join(places)} ({date})"
    return f"{where}: {prices}"


def _reversing(days: Sessions) -> list[BadRows]:
    """Find stretches in a wrong unit. Short ones can be left out."""
    found = [j for j in days.jumps if j.size >= HUNDREDFOLD and j.back is not None]
    kinds = []
    for is_lasting in (False, True):
        runs = [
            (j, range(j.row, j.back))
            for j in found
            if j.back is not None and (j.back - j.row > SHORT) == is_lasting
        ]
        kinds.append(
            BadRows(
                "jump",
                "of 50-fold or more and back" + (", a long time later" if is_lasting else ""),
                np.array([row for _, run in runs for row in run], np.intp),
                tuple(f"{days.between(run[0], run[-1])} ({j.words})" for j, run in runs),
                "bring all prices to one unit" if is_lasting else "",
                is_lasting,
            )
        )
    return kinds


def _changes_of_unit(days: Sessions) -> list[BadRows]:
    low, high = UNIT
    found = [j for j in days.jumps if j.back is None and low <= j.size <= high]
    return [
        BadRows(
            "change",
            "of unit (about 100-fold, for good)",
            np.array([j.row for j in found], np.intp),
            tuple(f"{days.at(j.row)} ({j.words})" for j in found),
            "bring all prices to one unit",
            is_lasting=True,
            is_avoidable=True,
        )
    ]


JUMP_FAULTS: tuple[Callable[[Sessions], list[BadRows]], ...] = (_reversing, _changes_of_unit)
