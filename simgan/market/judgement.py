"""Judgement: rows of a source become prices, or are refused with the places of all faults.

Only the days asked for are judged. Repairs that lose no information are made and told: sorting,
exact duplicates, days without a price. Doubts are told as warnings. Everything else stops, or is
left out where the user wants that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.prices import (
    WHOLE,
    Bars,
    Fault,
    Note,
    Prices,
    Quotes,
    Scope,
    repaired,
    warned,
)

SHOWN = 5  # faulty rows named in one message
# A price in the wrong unit (×100) changes at least this much, even on a day that halves it.
HUNDREDFOLD = 50.0
SUSPICIOUS = 5.0  # a missing split explains a change of this size better than the market

LONG_GAP = 14  # calendar days, more than the longest holidays of exchanges
LONGEST_STEP = 4  # calendar days between two trading days of a long weekend

Place = Callable[[int], str]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]


def judged(quotes: Quotes, scope: Scope = WHOLE) -> Prices:
    """Return the prices of the days asked for, with notes on repairs and doubts.

    Raises
    ------
    PriceError
        There is no price on these days, or rows are wrong. The message names their places.
    """
    used = _used(quotes, scope)
    notes = list(quotes.notes)
    rows = used[~np.isnan(quotes.closes[used])]
    _tell(notes, len(used) - len(rows), "days without any price left out")
    order = rows[np.argsort(quotes.dates[rows], kind="stable")]
    if not np.array_equal(order, rows):
        notes.append(repaired("rows put in the order of time"))
    kept = order[~_repeats(quotes, order)]
    _tell(notes, len(order) - len(kept), "exact duplicates left out")
    prices = Prices(
        quotes.dates[kept],
        quotes.closes[kept][:, np.newaxis],  # (days, 1)
        (quotes.asset,),
        tuple(notes),
        _adjusted_bars(quotes, kept),
        quotes.facts,
    )
    return _plausible(prices, lambda row: quotes.place(int(kept[row])))


def _used(quotes: Quotes, scope: Scope) -> Rows:
    """Return the rows of the days asked for, without those that are wrong."""
    asked = scope.holds(quotes.dates) | np.isnat(quotes.dates)
    if len(quotes) and not asked.any():
        raise PriceError(
            f"{quotes.asset}: there is no price {scope}; give dates in the range of the prices, "
            f"{np.nanmin(quotes.dates)} to {np.nanmax(quotes.dates)}"
        )
    faults = [fault for fault in (*quotes.faults, *_impossible(quotes)) if asked[fault.row]]
    if faults and scope.on_bad_rows == "stop":
        places = [f"{quotes.place(fault.row)}: {fault.text}" for fault in faults]
        raise PriceError(
            f"{len(faults)} rows cannot be read: {first_few(places)}; correct or remove them"
        )
    asked[[fault.row for fault in faults]] = False
    return np.flatnonzero(asked)


def _impossible(quotes: Quotes) -> list[Fault]:
    known = {fault.row for fault in quotes.faults}
    bad = np.flatnonzero(~np.isnan(quotes.closes) & ~(_finite_positive(quotes.closes)))
    return [
        Fault(int(row), f"{quotes.closes[row]:g} is no positive price")
        for row in bad
        if row not in known
    ]


def _finite_positive(values: FloatArray) -> Flags:
    return np.asarray(np.isfinite(values) & (values > 0), bool)


def _repeats(quotes: Quotes, order: Rows) -> Flags:
    """Mark rows with the date and close of the row before them."""
    dates, closes = quotes.dates[order], quotes.closes[order]
    same = np.zeros(len(order), bool)
    same[1:] = (dates[1:] == dates[:-1]) & (closes[1:] == closes[:-1])
    return same


def _adjusted_bars(quotes: Quotes, rows: Rows) -> Bars | None:
    if quotes.bars is None:
        return None
    bars = quotes.bars.each(lambda values: values[rows])
    if quotes.raw_closes is not None:
        bars = bars.scaled(quotes.closes[rows] / quotes.raw_closes[rows])
    return bars.each(lambda values: values[:, np.newaxis])  # (days, 1)


def _tell(notes: list[Note], count: int, repair: str) -> None:
    if count:
        notes.append(repaired(f"{count} {repair}"))


def _plausible(prices: Prices, where: Place) -> Prices:
    """Refuse prices that cannot be true, and add notes on doubts."""
    owner = ", ".join(prices.assets)
    if len(prices.dates) == 0:
        raise PriceError(
            f"{owner}: there are no prices; check the range of dates or use another source"
        )
    _refuse(owner, "the date is not later than the one before", ~_increasing(prices), where)
    _refuse(
        owner,
        "the price jumps about 100-fold and back, like a unit error",
        _reversed_jumps(prices.values),
        where,
    )
    _refuse_constant(prices)
    return replace(prices, notes=prices.notes + _missing_splits(prices, where) + _gaps(prices))


def first_few(places: list[str]) -> str:
    """Join the first few places of a long list: ``line 3, line 4 and 7 more``."""
    rest = len(places) - SHOWN
    return ", ".join(places[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _refuse(owner: str, fault: str, is_bad: Flags, where: Place) -> None:
    if is_bad.any():
        places = [where(int(row)) for row in np.flatnonzero(is_bad)]
        raise PriceError(
            f"{owner}: {fault} at {first_few(places)}; "
            "correct or remove the faulty rows, or use another source"
        )


def _refuse_constant(prices: Prices) -> None:
    still = np.flatnonzero((prices.values == prices.values[0]).all(axis=0))
    if len(prices.dates) > 1 and still.size:
        owner, price = prices.assets[still[0]], prices.values[0, still[0]]
        raise PriceError(
            f"{owner}: all {len(prices.dates)} prices are {price:g}, nothing can be learned; "
            "choose another column or source"
        )


def _increasing(prices: Prices) -> Flags:
    later = np.ones(len(prices.dates), bool)
    later[1:] = prices.dates[1:] > prices.dates[:-1]  # NaT compares as False
    return np.asarray(later & ~np.isnat(prices.dates), bool)


def _reversed_jumps(values: FloatArray) -> Flags:
    """Mark 50-fold jumps of an asset that has 50-fold jumps in both directions."""
    moves = np.diff(np.log(values), axis=0, prepend=np.log(values[:1]))  # (days, assets)
    up, down = moves > np.log(HUNDREDFOLD), moves < -np.log(HUNDREDFOLD)
    both = up.any(axis=0) & down.any(axis=0)  # (assets,)
    return np.asarray(((up | down) & both).any(axis=1), bool)


def _missing_splits(prices: Prices, where: Place) -> tuple[Note, ...]:
    moves = np.abs(np.diff(np.log(prices.values), axis=0)).max(axis=1, initial=0.0)  # (days − 1,)
    rows = [where(int(row) + 1) for row in np.flatnonzero(moves > np.log(SUSPICIOUS))]
    if not rows:
        return ()
    text = (
        f"the price changes more than {SUSPICIOUS:g}-fold at {first_few(rows)}: "
        "check for a missing split"
    )
    return (warned(text),)


def _gaps(prices: Prices) -> tuple[Note, ...]:
    days = np.diff(prices.dates).astype("timedelta64[D]").astype(int)  # (days − 1,)
    if days.size and np.median(days) > LONGEST_STEP:
        text = (
            f"there is a price about every {np.median(days):g} days only: "
            "one step is not a trading day"
        )
        return (warned(text),)
    gaps = [
        f"{prices.dates[row + 1]} ({days[row]} days)" for row in np.flatnonzero(days > LONG_GAP)
    ]
    text = f"there are no prices for more than {LONG_GAP} days before {first_few(gaps)}"
    return (warned(text),) if gaps else ()
