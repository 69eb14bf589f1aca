"""A price history as log returns, and windows of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape, numbers_of
from simgan.errors import ConfigError, PriceError, Words
from simgan.market.prices import Bars, Dates, Prices
from simgan.market.ranges import right_shapes
from simgan.market.sessions import counted
from simgan.market.shapes import PARTS, range_variance
from simgan.provenance import sha256_of_array
from simgan.readable import ByValue, Readable, of_each


@dataclass(frozen=True, eq=False, repr=False)
class History(Readable, ByValue):
    """Log returns with their dates. A model learns from them and starts after them.

    Attributes
    ----------
    dates : array of datetime64, shape (days,)
        The day on which each return was realised.
    log_returns : array of shape (days, assets)
        ln(Pₜ/Pₜ₋₁), dimensionless. Of several assets, NaN marks the days on which one did not
        trade. The next return holds its whole move since then.
    last_price : array of shape (assets,)
        The price at the end of the history.
    assets : tuple of str
    bars : Bars, optional
        Open, high, low and volume of each day, of shape (days, assets), adjusted like the prices.
        A model on disk does not keep them.
    shapes : array of shape (days, assets, 3), optional
        Gap, upper and lower of each day in log returns (`simgan.market.shapes`). NaN where a day
        shows no range. None where the history has none.
    """

    dates: Dates
    log_returns: FloatArray
    last_price: FloatArray
    assets: tuple[str, ...]
    bars: Bars | None = None
    shapes: FloatArray | None = None

    def __post_init__(self) -> None:
        assets: object = self.assets
        if isinstance(assets, str):
            raise ConfigError("History", "assets", assets, "a tuple of names")
        read = {
            "dates": _dates_of(self.dates),
            "log_returns": _float64(self.log_returns, "log_returns"),
            "last_price": _float64(self.last_price, "last_price"),
            "assets": tuple(self.assets),
        }
        for name, value in read.items():
            object.__setattr__(self, name, value)
        shape, expected = self.log_returns.shape, (len(self.dates), len(self.assets))
        if shape != expected:
            allowed = f"(days, assets), here {expected}"
            raise ConfigError("History", "shape of log_returns", Words(shape), allowed)
        _expect_returns(self.log_returns)
        prices = self.last_price
        if prices.shape != expected[1:] or not ((prices > 0) & np.isfinite(prices)).all():
            allowed = "one positive number per asset"
            raise ConfigError("History", "last_price", Words(prices.tolist()), allowed)
        if self.shapes is not None:
            object.__setattr__(self, "shapes", _shapes(self.shapes, (*expected, PARTS)))

    def __len__(self) -> int:
        return len(self.dates)

    def _title(self) -> str:
        return f"History of {', '.join(self.assets)}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        days = f", {self.day(0)} to {self.day(-1)}" if len(self) else ""
        yield "log returns", f"{len(self):,}{days}"
        yield "last price", of_each(self.assets, (f"{price:,.6g}" for price in self.last_price))

    @property
    def prices(self) -> FloatArray:
        """The price at the end of each day, shape (days, assets). NaN before the first return."""
        traded = np.isfinite(self.log_returns)
        moves = np.where(traded, self.log_returns, 0.0)
        later = np.cumsum(moves[::-1], axis=0)[::-1] - moves
        is_listed = np.maximum.accumulate(traded, axis=0)
        return np.where(is_listed, self.last_price * np.exp(-later), np.nan)

    def day(self, index: int) -> str:
        """ISO date of a return."""
        return str(self.dates[index].astype("datetime64[D]"))

    def rows(self, rows: slice) -> History:
        """Return part of the history, with the price at its end."""
        stop = rows.indices(len(self))[1]
        later = np.nansum(self.log_returns[stop:], axis=0)  # (assets,)
        return replace(
            self,
            dates=self.dates[rows],
            log_returns=self.log_returns[rows],
            last_price=self.last_price * np.exp(-later),
            bars=self.bars and self.bars.each(lambda values: values[rows]),
            shapes=None if self.shapes is None else self.shapes[rows],
        )

    def only(self, asset: str) -> History:
        """Return the history of one asset, on the days on which it traded."""
        return self.of_assets((asset,))

    def of_assets(self, assets: Sequence[str]) -> History:
        """Return the history of some of the assets, on the days on which one of them traded."""
        columns = [self.assets.index(asset) for asset in assets]
        days = np.isfinite(self.log_returns[:, columns]).any(axis=1)
        return History(
            self.dates[days],
            self.log_returns[days][:, columns],
            self.last_price[columns],
            tuple(assets),
            self.bars and self.bars.each(lambda values: values[days][:, columns]),
            None if self.shapes is None else self.shapes[days][:, columns],
        )

    @property
    def ranges(self) -> FloatArray | None:
        """Range variance of each day (days, assets), squared log return. NaN where it has none."""
        return None if self.shapes is None else range_variance(self.log_returns, self.shapes)

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
        if self.day(start - 1) < datetime.datetime.fromisoformat(first).date().isoformat():
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
            last = np.datetime64(datetime.datetime.fromisoformat(date).date(), "D")
        except ValueError as error:
            known = (
                "'latest', 'stationary', a date such as 2008-09-12, "
                "or two such as 2008-09-01..2009-03-31"
            )
            raise ConfigError("sample", "as_of", date, known) from error
        days = int(np.searchsorted(self.dates, last + np.timedelta64(1, "D")))
        if days < 1 or str(last) > end:
            allowed = f"a date of the history, {first} to {end}"
            if days >= 1:
                allowed += "; --prices takes a newer one"
            raise ConfigError("sample", "as_of", date, allowed)
        return days

    @cached_property
    def sha256(self) -> str:
        """Identity of the log returns, float64."""
        return sha256_of_array(self.log_returns)

    @cached_property
    def identity(self) -> str:
        """Identity of all that a model can learn from: log returns, and shapes if there are any."""
        if self.shapes is None:
            return self.sha256
        return sha256_of_array(np.concatenate([self.log_returns[..., None], self.shapes], axis=-1))


def expect_returns(name: str, prices: int, least: int) -> None:
    """Refuse a number of prices that gives fewer log returns than are needed.

    Raises
    ------
    PriceError
        It names both numbers.
    """
    returns = max(prices - 1, 0)
    if returns < least:
        raise PriceError(
            f"{name}: {counted(prices, 'price')} {'gives' if prices == 1 else 'give'} "
            f"{counted(returns, 'log return')}, but at least {least:,} are needed; use a longer "
            "history"
        )


def history_of(prices: Prices, least_days: int = 0) -> History:
    """Turn prices into log returns.

    Raises
    ------
    PriceError
        There are fewer than `least_days` returns, or fewer than two prices.
    """
    expect_returns(", ".join(prices.assets), len(prices.dates), max(least_days, 1))
    return History(
        dates=prices.dates[1:],
        log_returns=np.diff(np.log(prices.values), axis=0),  # (days, assets)
        last_price=prices.values[-1],
        assets=prices.assets,
        bars=prices.bars and prices.bars.each(lambda values: values[1:]),
        shapes=right_shapes(prices.values, prices.bars),
    )


def _expect_returns(log_returns: FloatArray) -> None:
    """Refuse returns that are not finite, but for days on which one of several did not trade.

    Raises
    ------
    ConfigError
        Counts them.
    """
    if log_returns.shape[1] == 1 or not np.isnan(log_returns).any():
        expect_finite(log_returns, "History")
        return
    traded = ~np.isnan(log_returns)
    expect_finite(log_returns[traded], "History")
    if not traded.any(axis=1).all():
        found = Words("a day without a number")
        raise ConfigError("History", "log_returns", found, "a number for one asset at least")


def _float64(values: object, name: str) -> FloatArray:
    return np.asarray(numbers_of(values, "History", name), np.float64)


def _shapes(values: object, shape: tuple[int, ...]) -> FloatArray:
    """Return the shapes of days as float64.

    Raises
    ------
    ConfigError
        The array has another size than the log returns, a number is infinite, or a high or low
        lies on the wrong side of open and close.
    """
    shapes = _float64(values, "shapes")
    if shapes.shape != shape:
        allowed = f"(days, assets, gap-upper-lower), here {shape}"
        raise ConfigError("History", "shape of shapes", Words(shapes.shape), allowed)
    bad = int((np.isinf(shapes).any(axis=-1) | (shapes[..., 1:] < 0).any(axis=-1)).sum())
    if bad:
        found = Words(f"{bad:,} of {shapes[..., 0].size:,} days with an infinite or negative part")
        allowed = "gap, upper and lower, the last two at least 0, or NaN on days without a range"
        raise ConfigError("History", "shapes", found, allowed)
    return shapes


def _dates_of(values: object) -> Dates:
    """Return dates as an array of datetime64, each later than the one before.

    Raises
    ------
    ConfigError
        They are no dates, or not in order.
    """
    try:
        dates = np.asarray(values)
        if dates.dtype.kind in "UTO":
            dates = np.asarray(values, "datetime64[D]")
        in_order = not np.isnat(dates).any() and (np.diff(dates) > np.timedelta64(0)).all()
    except (TypeError, ValueError):
        in_order = False
    if not in_order:
        allowed = "dates without a time zone, each later than the one before"
        raise ConfigError("History", "dates", Words(type(values).__name__), allowed)
    return dates


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
