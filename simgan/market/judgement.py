"""Judgement: rows of a source become prices, or are refused with the places of all faults.

Only the days asked for are judged. Repairs that lose no information are made and told: sorting,
exact duplicates, rows without a price. Doubts are told as warnings. Everything else stops, or is
left out where the user wants that.

The parts: `faults` finds rows that cannot be used, `splits` applies splits that the source knows,
and `doubts` finds reasons for a warning.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.bars import adjusted_bars
from simgan.market.doubts import DOUBTS
from simgan.market.faults import (
    JUMP_FAULTS,
    ROW_FAULTS,
    BadRows,
    conflicts,
    days_beside,
    other_column,
)
from simgan.market.missing_days import days_without_price, missing_sessions
from simgan.market.prices import (
    WHOLE,
    Dates,
    Note,
    Prices,
    Quotes,
    Scope,
    repaired,
    warned,
)
from simgan.market.sessions import (
    Flags,
    Rows,
    Sessions,
    counted,
    first_few,
    origin_of,
    place_and_date,
)
from simgan.market.splits import factors_of, notes_of, splits_of

MOST = 0.1  # share of rows that may be left out
FEW = 3  # rows that may be left out of a short table


def judged(quotes: Quotes, scope: Scope = WHOLE) -> Prices:
    """Return the prices of the days asked for, with notes on repairs and doubts.

    Raises
    ------
    PriceError
        There is no price on these days, or rows are wrong. The message names their places.
    """
    asked = _asked(quotes, scope)
    bad = [find(quotes, asked) for find in ROW_FAULTS]
    usable = asked.copy()
    usable[np.concatenate([kind.rows for kind in bad])] = False
    order, notes = _in_order(quotes, np.flatnonzero(usable))
    clashes = conflicts(quotes, order)
    rows, told = _one_a_day(quotes, order[~np.isin(order, clashes.rows)])
    days, splits = _sessions(quotes, rows)
    jumped = [replace(k, rows=rows[k.rows]) for find in JUMP_FAULTS for k in find(days)]
    bad = [kind for kind in (*bad, clashes, *jumped) if kind.places]
    _expect_usable(quotes, scope, bad, asked)
    if any(kind.places for kind in jumped):
        rows = rows[~np.isin(rows, np.concatenate([kind.rows for kind in jumped]))]
        days, splits = _sessions(quotes, rows)  # a split may have been hidden by a wrong price
    _expect_moving(quotes, days.closes)
    bars, inconsistent = adjusted_bars(quotes, rows, days.closes)
    days = replace(days, bars=bars)
    left_out = [warned(f"left out: {'; '.join(map(str, bad))}")] if bad else []
    doubts = [note for doubt in DOUBTS for note in doubt(days)]
    return Prices(
        days.dates,
        days.closes[:, np.newaxis],  # (days, 1)
        (quotes.asset,),
        (
            *quotes.notes,
            *notes,
            *told,
            *left_out,
            *splits,
            *inconsistent,
            *doubts,
            *_missing(quotes, scope),
        ),
        days.bars and days.bars.each(lambda values: values[:, np.newaxis]),  # (days, 1)
        quotes.facts,
    )


def _asked(quotes: Quotes, scope: Scope) -> Flags:
    """Mark the rows of the days asked for. A row without a date counts unless it lies outside."""
    asked = scope.holds(quotes.dates)
    unknown = np.isnat(quotes.dates)
    if len(quotes) and not (asked | unknown).any():
        raise PriceError(
            f"{origin_of(quotes)}: there is no price {scope}; "
            "give dates in the range of the prices, "
            f"{np.nanmin(quotes.dates)} to {np.nanmax(quotes.dates)}"
        )
    if unknown.any():
        asked |= unknown & ~_outside(quotes.dates, unknown, scope)
    return asked


def _outside(dates: Dates, unknown: Flags, scope: Scope) -> Flags:
    """Mark rows without a date that lie among days not asked for, in a table in order of time."""
    known = dates[~unknown].astype("datetime64[D]")
    if len(known) == 0:
        return np.zeros(len(dates), bool)
    if known[0] > known[-1]:
        return _outside(dates[::-1], unknown[::-1], scope)[::-1]
    steps = np.diff(known).astype(np.int64)
    if (steps < 0).any():
        return np.zeros(len(dates), bool)
    apart = np.timedelta64(1 if (steps > 0).all() else 0)  # days between a row and the next
    before = np.cumsum(~unknown) - 1  # (rows,): the last known date up to each row
    earlier = known[np.maximum(before, 0)]
    later = known[np.minimum(before + 1, len(known) - 1)]
    far_past, far_future = Scope(end=scope.end), Scope(scope.start)
    return (~far_past.holds(earlier + apart) & (before >= 0)) | (
        ~far_future.holds(later - apart) & (before + 1 < len(known))
    )


def _in_order(quotes: Quotes, rows: Rows) -> tuple[Rows, list[Note]]:
    """Leave out rows without a price, and sort the others by date. Notes tell it.

    Of the rows of one day, the one with the largest volume comes first, which was written last, and
    then the one with most prices.
    """
    notes = list[Note]()
    priced = rows[~np.isnan(quotes.closes[rows])]
    if len(priced) < len(rows):
        notes += _without_price(quotes, rows[np.isnan(quotes.closes[rows])])
    steps = np.diff(quotes.dates[priced]).astype(np.int64)
    if (steps < 0).any():
        was = " (they began with the newest)" if (steps <= 0).all() else ""
        notes.append(repaired(f"rows put in the order of time{was}"))
    if (steps > 0).all():
        return priced, notes
    keys = [quotes.closes[priced]]
    if quotes.raw_closes is not None:
        keys.append(quotes.raw_closes[priced])
    if (bars := quotes.bars) is not None:
        keys += [part[priced] for part in (bars.open, bars.high, bars.low)]
        keys += [np.isnan(keys).sum(axis=0), -np.nan_to_num(bars.volume[priced], nan=-1.0)]
    return priced[np.lexsort((*keys, quotes.dates[priced]))], notes


def _without_price(quotes: Quotes, rows: Rows) -> Iterable[Note]:
    """Tell rows that are left out, with the dates of a download, which has no rows to look at."""
    if not quotes.origin:
        return days_without_price(quotes, rows)
    return [repaired(f"{counted(len(rows), 'row')} without a price left out")]


def _missing(quotes: Quotes, scope: Scope) -> Iterator[Note]:
    """Tell missing sessions of a download, whose facts name the time zone of the exchange."""
    if zone := quotes.facts.get("zone"):
        dates = np.unique(quotes.dates[~np.isnat(quotes.dates)])
        yield from missing_sessions(dates, zone, scope)


def _one_a_day(quotes: Quotes, order: Rows) -> tuple[Rows, list[Note]]:
    """Keep the first row of each day. Notes tell how many were left out."""
    dates = quotes.dates[order]
    again = np.zeros(len(order), bool)
    again[1:] = dates[1:] == dates[:-1]
    if not again.any():
        return order, []
    first = order[np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))][again]
    others = order[again]
    volumes = quotes.bars.volume if quotes.bars is not None else np.zeros(len(quotes))
    equal = np.isclose(volumes[others], volumes[first], rtol=0.0, atol=0.0, equal_nan=True)
    notes = []
    if equal.any():
        notes.append(repaired(f"{counted(int(equal.sum()), 'exact duplicate')} left out"))
    if not equal.all():
        days = [place_and_date(quotes, int(row)) for row in np.sort(others[~equal])]
        text = f"{counted(len(days), 'row')} left out: prices of a day again, with another volume"
        notes.append(repaired(f"{text}: {first_few(days)}"))
    return order[~again], notes


def _sessions(quotes: Quotes, rows: Rows) -> tuple[Sessions, list[Note]]:
    """Return sessions of the rows, adjusted for the splits that the source knows, with notes."""
    dates, closes = quotes.dates[rows], quotes.closes[rows]

    def at(day: int) -> str:
        return place_and_date(quotes, int(rows[day]))

    splits = splits_of(quotes, dates, closes)
    return Sessions(dates, closes / factors_of(splits, len(rows)), at), notes_of(splits, at)


def _expect_usable(quotes: Quotes, scope: Scope, bad: list[BadRows], asked: Flags) -> None:
    """Refuse rows that are wrong, unless they shall and can be left out.

    Raises
    ------
    PriceError
        The message names all kinds, the first places of each, and the remedies.
    """
    if not bad:
        return
    lasting = any(kind.is_lasting for kind in bad)
    wrong, rows = len(np.unique(np.concatenate([kind.rows for kind in bad]))), int(asked.sum())
    are_few = wrong <= max(FEW, MOST * rows)
    if scope.on_bad_rows == "drop" and are_few and not lasting:
        return
    remedies = [kind.remedy for kind in bad] + [days_beside(quotes, bad, asked)]
    if not all(kind.is_lasting for kind in bad):
        remedies.append(_mend(quotes, are_few and not lasting))
    count = f"{wrong:,} of {counted(rows, 'row')} ({100 * wrong / max(rows, 1):.0f} %) are wrong"
    many = "" if are_few else f"{count}, which is more than a few to leave out: "
    advice = "; ".join(dict.fromkeys(filter(None, remedies)))
    raise PriceError(f"{origin_of(quotes)}: {many}{'; '.join(map(str, bad))}; {advice}")


def _mend(quotes: Quotes, can_drop: bool) -> str:
    """Advise how to get better rows."""
    mend = "correct these rows or remove them" if quotes.origin else "use --prices FILE"
    if can_drop:
        return f"{mend}, or leave them out with --on-bad-rows drop"
    shown = "FILE" if quotes.origin else quotes.asset
    return f"`simgan data show {shlex.quote(shown)}` shows the rows: {mend}"


def _expect_moving(quotes: Quotes, closes: FloatArray) -> None:
    """Refuse a series without a price, or with one price only."""
    if len(closes) == 0:
        other = other_column(quotes, np.arange(len(quotes)))
        way = other or "check the range of dates or use another source"
        raise PriceError(f"{origin_of(quotes)}: there are no prices; {way}")
    if len(closes) > 1 and (closes == closes[0]).all():
        raise PriceError(
            f"{origin_of(quotes)}: all {len(closes)} prices are {closes[0]:g}, "
            "nothing can be learned; choose another column or source"
        )
