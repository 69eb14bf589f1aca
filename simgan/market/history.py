"""A price history as log returns, and the check that prices are plausible."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray, expect_shape
from simgan.errors import ConfigError, PriceError
from simgan.provenance import sha256_of_array

Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Prices:
    """Positive prices in the order of time.

    Attributes
    ----------
    dates : array of datetime64, shape (days,)
        Strictly increasing.
    values : array of shape (days, assets)
        Positive, finite; adjusted for splits and dividends where the source allows it.
    assets : tuple of str
        One name per column.
    notes : tuple of str
        Sentences for the user, such as the column that was read and harmless repairs.
    """

    dates: Dates
    values: FloatArray
    assets: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def between(self, start: str | None, end: str | None) -> Prices:
        """Keep the rows from `start` to `end` (ISO dates, both included).

        Raises
        ------
        PriceError
            There are prices, but none between these dates.
        """
        keep = np.ones(len(self.dates), bool)
        if start is not None:
            keep &= self.dates >= np.datetime64(start)
        if end is not None:
            keep &= self.dates < np.datetime64(end, "D") + np.timedelta64(1, "D")
        if len(keep) and not keep.any():
            asked = " ".join(
                f"{word} {date}" for word, date in (("from", start), ("to", end)) if date
            )
            raise PriceError(
                f"{', '.join(self.assets)}: there is no price {asked}; "
                f"give dates in the range of the prices, {self.dates[0]} to {self.dates[-1]}"
            )
        return replace(self, dates=self.dates[keep], values=self.values[keep])


@dataclass(frozen=True)
class History:
    """Log returns with their dates. A model learns from them and starts after them.

    Attributes
    ----------
    dates : array of datetime64, shape (days,)
        The day on which each return was realised.
    log_returns : array of shape (days, assets)
        ln(Pₜ/Pₜ₋₁), dimensionless.
    last_price : array of shape (assets,)
        The price at the end of the history.
    assets : tuple of str
    """

    dates: Dates
    log_returns: FloatArray
    last_price: FloatArray
    assets: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.dates)

    def day(self, index: int) -> str:
        """ISO date of a return."""
        return str(self.dates[index].astype("datetime64[D]"))

    def rows(self, rows: slice) -> History:
        """Return part of the history, with the price at its end."""
        stop = rows.indices(len(self))[1]
        later = self.log_returns[stop:].sum(axis=0)  # (assets,)
        return replace(
            self,
            dates=self.dates[rows],
            log_returns=self.log_returns[rows],
            last_price=self.last_price * np.exp(-later),
        )

    def until(self, date: str) -> History:
        """Return the history up to and including an ISO date, with the price of that day.

        Raises
        ------
        ConfigError
            It is not a date, or it lies before or after the history.
        """
        return self.rows(slice(self._days_until(date)))

    def ends_within(self, dates: str) -> range:
        """Return the number of days up to each date of the history from A to B.

        The dates are written ``A..B`` in ISO form.

        Raises
        ------
        ConfigError
            One is not a date, or lies before or after the history, or no day lies between them.
        """
        first, _, last = dates.partition("..")
        stop = self._days_until(last)
        start = self._days_until(first)
        if self.day(start - 1) < datetime.date.fromisoformat(first).isoformat():
            start += 1  # no trading day: the next one is the first
        if start > stop:
            raise ConfigError(
                "sample",
                "as_of",
                dates,
                "two dates with a day of the history between them, the earlier one first",
            )
        return range(start, stop + 1)

    def _days_until(self, date: str) -> int:
        """Return how many days there are up to and including an ISO date."""
        first, end = self.day(0), self.day(-1)
        try:
            last = np.datetime64(datetime.date.fromisoformat(date), "D")
        except ValueError as error:
            known = (
                "'latest', 'stationary', a date such as 2008-09-12, "
                "or two such as 2008-09-01..2009-03-31"
            )
            raise ConfigError("sample", "as_of", date, known) from error
        days = int(np.searchsorted(self.dates, last + np.timedelta64(1, "D")))
        if days < 1 or str(last) > end:
            raise ConfigError(
                "sample",
                "as_of",
                date,
                f"a date of the history, {first} to {end}; --prices takes a newer one",
            )
        return days

    @cached_property
    def sha256(self) -> str:
        """Identity of the log returns, float64."""
        return sha256_of_array(self.log_returns)


def history_of(prices: Prices, least_days: int = 0) -> History:
    """Turn prices into log returns.

    Raises
    ------
    PriceError
        There are fewer than `least_days` returns, or fewer than two prices.
    """
    days = len(prices.dates) - 1
    name = ", ".join(prices.assets)
    if days < max(least_days, 1):
        raise PriceError(
            f"{name}: {len(prices.dates)} prices give {max(days, 0)} log returns, but at least "
            f"{max(least_days, 1)} are needed; use a longer history"
        )
    return History(
        dates=prices.dates[1:],
        log_returns=np.diff(np.log(prices.values), axis=0),  # (days, assets)
        last_price=prices.values[-1],
        assets=prices.assets,
    )


def windows(log_returns: FloatArray, horizon: int) -> FloatArray:
    """Return every stretch of `horizon` consecutive days, as a read-only view.

    Parameters
    ----------
    log_returns : array of shape (days, assets)
        Log returns per day.
    horizon : int
        Days per window, at least 1.

    Returns
    -------
    array of shape (days − horizon + 1, horizon, assets)
        Window i begins at day i. No memory is copied.

    Raises
    ------
    PriceError
        The history is shorter than one window.

    Examples
    --------
    >>> windows(np.array([[0.1], [0.2], [0.3]]), horizon=2)[:, :, 0].tolist()
    [[0.1, 0.2], [0.2, 0.3]]
    """
    expect_shape(log_returns, ("days", "assets"), "windows")
    if horizon < 1:
        raise ConfigError("windows", "horizon", horizon, "at least 1")
    if horizon > len(log_returns):
        raise PriceError(
            f"{len(log_returns)} log returns hold no window of {horizon} days; "
            "use a longer history or a shorter horizon"
        )
    # (windows, assets, horizon)
    stretches = np.lib.stride_tricks.sliding_window_view(log_returns, horizon, axis=0)
    return np.moveaxis(stretches, -1, 1)  # (windows, horizon, assets)


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
