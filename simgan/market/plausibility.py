"""Checks that numbers can be daily prices. Every source runs them before it returns prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.errors import PriceError
from simgan.market.history import Prices

SHOWN = 5  # faulty rows named in one message
# A price in the wrong unit (×100) changes at least this much, even on a day that halves it.
HUNDREDFOLD = 50.0
SUSPICIOUS = 5.0  # a missing split explains a change of this size better than the market

LONG_GAP = 14  # calendar days, more than the longest holidays of exchanges
LONGEST_STEP = 4  # calendar days between two trading days of a long weekend

Place = Callable[[int], str]
Flags = NDArray[np.bool_]


def plausible(prices: Prices, place: Place | None = None) -> Prices:
    """Return the prices if they can be true, with notes on missing splits, gaps and weekly prices.

    Parameters
    ----------
    prices : Prices
        Any number of days and assets.
    place : callable, optional
        Names the place of row i, for example ``line 12``. By default its date.

    Raises
    ------
    PriceError
        There are no rows, dates do not increase, or a price is not finite and positive. A price
        jumps at least 50-fold and back, as with a unit error. All prices are equal.
    """
    where = place or (lambda row: str(prices.dates[row]))
    owner = ", ".join(prices.assets)
    if len(prices.dates) == 0:
        raise PriceError(
            f"{owner}: there are no prices; check the range of dates or use another source"
        )
    _refuse(owner, "the date is not later than the one before", ~_increasing(prices), where)
    _refuse(owner, "the price is not a positive number", _not_positive(prices.values), where)
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


def _not_positive(values: FloatArray) -> Flags:
    return np.asarray((~(np.isfinite(values) & (values > 0))).any(axis=1), bool)


def _reversed_jumps(values: FloatArray) -> Flags:
    """Mark 50-fold jumps of an asset that has 50-fold jumps in both directions."""
    moves = np.diff(np.log(values), axis=0, prepend=np.log(values[:1]))  # (days, assets)
    up, down = moves > np.log(HUNDREDFOLD), moves < -np.log(HUNDREDFOLD)
    both = up.any(axis=0) & down.any(axis=0)  # (assets,)
    return np.asarray(((up | down) & both).any(axis=1), bool)


def _missing_splits(prices: Prices, where: Place) -> tuple[str, ...]:
    moves = np.abs(np.diff(np.log(prices.values), axis=0)).max(axis=1, initial=0.0)  # (days − 1,)
    rows = [where(int(row) + 1) for row in np.flatnonzero(moves > np.log(SUSPICIOUS))]
    if not rows:
        return ()
    return (
        f"the price changes more than {SUSPICIOUS:g}-fold at {first_few(rows)}: "
        "check for a missing split",
    )


def _gaps(prices: Prices) -> tuple[str, ...]:
    days = np.diff(prices.dates).astype("timedelta64[D]").astype(int)  # (days − 1,)
    if days.size and np.median(days) > LONGEST_STEP:
        return (
            f"there is a price about every {np.median(days):g} days only: "
            "one step is not a trading day",
        )
    gaps = [
        f"{prices.dates[row + 1]} ({days[row]} days)" for row in np.flatnonzero(days > LONG_GAP)
    ]
    return (
        (f"there are no prices for more than {LONG_GAP} days before {first_few(gaps)}",)
        if gaps
        else ()
    )
