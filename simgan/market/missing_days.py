"""Missing days of a download: days without a price, and usual trading days without a row.

The history itself shows the usual days. A day of the week is usual where most weeks around have it.
Holidays come back each year, and so a closure that comes back at the same season is no doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgan.market.doubts import LONG_GAP
from simgan.market.prices import WHOLE, Dates, Note, Quotes, Scope, warned
from simgan.market.sessions import Flags, Rows, counted, first_few

LEAST = 30  # rows that show the usual days
AROUND = 26  # weeks before and after a day that show whether its day of the week is usual
USUAL = 0.7  # share of these weeks
SHORTEST = 2  # missing days in a row that are told where other years can be compared
UNCOMPARED = 3  # and where they cannot
SEASON = 25  # days by which a holiday of the lunar calendar moves between years
YEARS = 10  # years before and after that are compared
RETURNING = 1 / 3  # share of these years with a like closure, if it is a holiday
LIKE = 0.6  # length of a like closure, as a share. A weekend may fall on a part of it.
FEWER = 6  # sessions that a year has fewer than the years around it
KNOWN = {  # closures of an exchange that everybody knows, by its time zone: first and last day
    "America/New_York": (
        ("2001-09-11", "2001-09-14"),  # the attacks of that day
        ("2007-01-01", "2007-01-02"),  # New Year and the mourning for President Ford
        ("2012-10-29", "2012-10-30"),  # Hurricane Sandy
    )
}


@dataclass(frozen=True)
class Closure:
    """Usual trading days in a row without a session."""

    first: np.datetime64
    last: np.datetime64
    days: int
    gap: int  # calendar days between the sessions before and after

    @property
    def center(self) -> float:
        """Middle of the closure in days since 1970."""
        return float(np.mean([day.astype(np.int64) for day in (self.first, self.last)]))

    def __str__(self) -> str:
        if self.days == 1:
            return str(self.first)
        return f"{self.first} to {self.last} ({self.days} days)"


def days_without_price(quotes: Quotes, rows: Rows) -> Iterator[Note]:
    """Tell the dates of rows that have no price."""
    raw = quotes.raw_closes
    no_close = np.ones(len(rows), bool) if raw is None else np.isnan(raw[rows])
    for lost, column in ((no_close, "a close"), (~no_close, "an adjusted close")):
        if lost.any():
            dates = first_few([str(day) for day in quotes.dates[rows[lost]]])
            count = int(lost.sum())
            verb = "was" if count == 1 else "were"
            yield warned(f"{counted(count, 'day')} without {column} {verb} left out: {dates}")


def missing_sessions(dates: Dates, zone: str = "", scope: Scope = WHOLE) -> Iterator[Note]:
    """Tell unusual closures, and years with fewer sessions than those around them.

    Parameters
    ----------
    dates : array of datetime64[D]
        The days that have a row, increasing. Gaps beyond all holidays are told elsewhere.
    zone : str
        Time zone of the exchange. Its well-known closures are not told.
    scope : Scope
        The days asked for. Other days are compared, and nothing is told of them.
    """
    if len(dates) < LEAST:
        return
    days = np.arange(dates[0], dates[-1] + 1)  # (calendar days,)
    usual = _usual(dates)
    present = np.isin(days, dates, assume_unique=True)
    closures = list(_closures(days[usual], present[usual]))
    doubted = [c for c in closures if c.gap <= LONG_GAP and not _is_known(c, zone)]
    odd = [closure for closure in doubted if _is_unusual(closure, closures, dates)]
    if asked := [c for c in odd if scope.holds(np.array([c.first, c.last])).any()]:
        count = counted(sum(closure.days for closure in asked), "usual trading day")
        yield warned(
            f"there is no session on {count}: {first_few([str(c) for c in asked])}: "
            "was the exchange closed, or are prices missing?"
        )
    others = [closure for closure in doubted if closure not in odd]
    yield from _poor_years(others, dates, scope)


def _usual(dates: Dates) -> Flags:
    """Mark the usual trading days among all days from the first to the last date."""
    number = dates.astype("datetime64[D]").astype(np.int64) + 3  # 0 is a Monday
    first, last = int(number[0]), int(number[-1])
    weeks = last // 7 - first // 7 + 1
    held = np.zeros((weeks, 7), bool)
    held[number // 7 - first // 7, number % 7] = True
    total = np.vstack([np.zeros(7), np.cumsum(held, axis=0)])  # (weeks + 1, 7)
    start = np.maximum(np.arange(weeks) - AROUND, 0)
    stop = np.minimum(np.arange(weeks) + AROUND + 1, weeks)
    share = (total[stop] - total[start]) / (stop - start)[:, np.newaxis]  # (weeks, 7)
    begin = first % 7
    return np.asarray((share >= USUAL).ravel()[begin : begin + last - first + 1], bool)


def _closures(days: Dates, present: Flags) -> Iterator[Closure]:
    """Find usual days in a row that have no session."""
    edges = np.flatnonzero(np.diff(np.r_[False, ~present, False]))  # (2 × closures,)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        before, after = days[max(start - 1, 0)], days[min(stop, len(days) - 1)]
        gap = int((after - before).astype(np.int64))
        yield Closure(days[start], days[stop - 1], int(stop - start), gap)


def _is_known(closure: Closure, zone: str) -> bool:
    return any(
        np.datetime64(first) <= closure.first and closure.last <= np.datetime64(last)
        for first, last in KNOWN.get(zone, ())
    )


def _is_unusual(closure: Closure, closures: list[Closure], dates: Dates) -> bool:
    """Tell whether a closure is long enough for a doubt, and comes back in few other years."""
    if closure.days < SHORTEST:
        return False
    first, last = (float(day.astype(np.int64)) for day in (dates[0], dates[-1]))
    others = [closure.center + 365.25 * year for year in range(-YEARS, YEARS + 1) if year]
    others = [day for day in others if first <= day - SEASON and day + SEASON <= last]
    if len(others) < UNCOMPARED:
        return closure.days >= UNCOMPARED
    like = [c.center for c in closures if c.days >= max(SHORTEST, LIKE * closure.days)]
    near = np.abs(np.subtract.outer(others, like)) <= SEASON  # (years, closures)
    return bool(near.any(axis=1).mean() < RETURNING)


def _poor_years(closures: list[Closure], dates: Dates, scope: Scope) -> Iterator[Note]:
    """Tell whole years of the scope that have fewer sessions than the years around them."""
    first, last = (int(y) + 1970 for y in dates[[0, -1]].astype("datetime64[Y]").astype(np.int64))
    whole = np.arange(first + 1, last)  # years of which all days are known
    missing = _by_year(closures, whole)
    found = []
    from_year, to_year = (scope.start or "0001")[:4], (scope.end or "9999")[:4]
    for row, year in enumerate(whole):
        if not int(from_year) <= year <= int(to_year):
            continue
        around = missing[(np.abs(whole - year) <= YEARS / 2) & (whole != year)]
        if len(around) >= SHORTEST and missing[row] - np.median(around) >= FEWER:
            found.append(f"{year} ({int(missing[row] - np.median(around))} fewer)")
    if found:
        yield warned(
            f"there are fewer sessions than in the years around in {first_few(found)}: "
            "are prices missing?"
        )


def _by_year(closures: list[Closure], years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the missing days of each year."""
    of = [int(c.last.astype("datetime64[Y]").astype(np.int64)) + 1970 for c in closures]
    days = [c.days for c in closures]
    return np.array([sum(d for y, d in zip(of, days, strict=True) if y == x) for x in years], int)
