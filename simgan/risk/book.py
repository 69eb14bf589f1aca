"""A book: shares of several assets, and its value along their scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.errors import ConfigError, Words
from simgan.risk.holdings import CASH, SUM_SLACK, cash_beside

_LEAST = 1e-12  # worth of a book that has lost everything
_SHOWN = 4  # assets in a title


@dataclass(frozen=True, eq=False)
class Book:
    """Shares of some assets.

    Attributes
    ----------
    assets : tuple of str
        Of the model.
    shares : array of shape (assets,)
        Of the value at the start. The rest to a sum of 1 is cash.
    is_rebalanced : bool
        Whether the shares are restored every day. Otherwise the assets are bought and held.
    given : float
        Sum of the weights as they were given.
    """

    assets: tuple[str, ...]
    shares: FloatArray
    is_rebalanced: bool = False
    given: float = 1.0

    @property
    def note(self) -> str:
        """Sentence on weights that were scaled, or nothing."""
        is_scaled = abs(self.given - 1.0) > SUM_SLACK
        return f"the weights have the sum {self.given:.6g}, and are scaled to 1" * is_scaled

    @property
    def title(self) -> str:
        """The only asset, or the largest shares, long or short."""
        if len(self.assets) == 1:
            return self.assets[0]
        largest = sorted(self.weights.items(), key=lambda item: -abs(item[1]))
        held = [
            f"{'−' if share < 0 else ''}{100 * abs(share):g} % {asset}"
            for asset, each in largest
            if (share := round(each, 4))
        ]
        more = len(held) - _SHOWN
        return ", ".join(held[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

    @property
    def weights(self) -> dict[str, float]:
        """Shares by asset and that of cash, or nothing where there is one asset."""
        if len(self.assets) == 1:
            return {}
        cash = cash_beside(self.shares)
        shares = dict(zip(self.assets, self.shares.tolist(), strict=True))
        return shares | {CASH: cash} if cash else shares

    def summed(self, log_returns: AnyFloatArray) -> Float32Array:
        """Return the log return of the book from the start to each day (paths, days).

        Parameters
        ----------
        log_returns : array of shape (paths, days, assets)

        Returns
        -------
        array of shape (paths, days)
            In single precision, which scenarios have.

        Raises
        ------
        ConfigError
            The book loses all its value in a scenario, or a price grows beyond all numbers.
        """
        if len(self.assets) == 1:
            sums = np.cumsum(log_returns[:, :, 0], axis=1, dtype=np.float64)
            return sums.astype(np.float32)
        return self.summed_gains(self.gains(log_returns))

    def summed_gains(self, gains: FloatArray, days: int | None = None) -> Float32Array:
        """Return the log return of the book from the start to each day, as `summed`, by `gains`.

        Parameters
        ----------
        gains : array of shape (paths, days, assets)
        days : int, optional
            Days within which the book must keep value, by default all. If it loses everything
            later, it keeps a trillionth from then on.
        """
        return self.log_worth(gains, days).astype(np.float32)

    def log_worth(self, gains: FloatArray, days: int | None = None) -> FloatArray:
        """Return the numbers of `summed_gains` in double precision."""
        worth = 1.0 + gains.sum(axis=2)
        if endless := int((~np.isfinite(worth).all(axis=1)).sum()):
            found = Words(f"with prices beyond all numbers in {endless:,} scenarios")
            raise ConfigError("book", "scenarios", found, "of a volatility with bounds")
        has_value = np.minimum.accumulate(worth, axis=1) > 0.0
        _expect_value(has_value[:, :days])
        return np.asarray(np.log(np.where(has_value, worth, _LEAST)), np.float64)

    def moves(self, log_returns: AnyFloatArray) -> FloatArray:
        """Return the log return of the book of each day (paths, days), for a condition on it.

        A book that loses all its value keeps a trillionth.

        Parameters
        ----------
        log_returns : array of shape (paths, days, assets)
        """
        worth = np.maximum(1.0 + self.gains(log_returns).sum(axis=2), _LEAST)
        return np.diff(np.log(worth), axis=1, prepend=0.0)

    @np.errstate(over="ignore", invalid="ignore")  # `log_worth` judges the result
    def gains(self, log_returns: AnyFloatArray) -> FloatArray:
        """Return the gain of each asset from the start to each day, in values of the book.

        Parameters
        ----------
        log_returns : array of shape (paths, days, assets)

        Returns
        -------
        array of shape (paths, days, assets)
            Over the assets they add up to the simple return of the book.
        """
        if not self.is_rebalanced:
            sums = np.cumsum(log_returns, axis=1, dtype=np.float64)
            return np.asarray(self.shares * np.expm1(sums), np.float64)
        days = self.shares * np.expm1(log_returns.astype(np.float64))
        after = np.cumprod(1.0 + days.sum(axis=2), axis=1)
        before = np.concatenate([np.ones((len(after), 1)), after[:, :-1]], axis=1)
        return np.asarray(np.cumsum(before[..., None] * days, axis=1), np.float64)

    def past(self, log_returns: FloatArray) -> FloatArray:
        """Return the log returns (days,) of the book with the shares of each day.

        An asset that did not trade did not move.

        Parameters
        ----------
        log_returns : array of shape (days, assets)
            NaN where one did not trade.
        """
        moves = np.expm1(np.nan_to_num(log_returns))
        return np.asarray(np.log1p(moves @ self.shares), np.float64)


def lost_later(sums: Float32Array, asked: int) -> str:
    """Say how often a book loses everything after the days asked for, or nothing.

    Parameters
    ----------
    sums : array of shape (paths, days)
        As `Book.summed_gains` returns them.
    asked : int
        Days within which the book keeps value.
    """
    paths, days = sums.shape
    lost = int((sums.min(axis=1) <= 0.999 * np.log(_LEAST)).sum())
    return (
        f"the book loses all its value in {lost:,} of {paths:,} scenarios between day {asked + 1} "
        f"and day {days}, and the fan keeps it at −100 %"
    ) * bool(lost)


def _expect_value(has_value: NDArray[np.bool_]) -> None:
    """Refuse scenarios (paths, days) without value on a day.

    Raises
    ------
    ConfigError
    """
    if ruined := int((~has_value.all(axis=1)).sum()):
        paths, days = has_value.shape
        within = f"within {days:,} days" if days > 1 else "in one day"
        found = Words(f"with all value lost in {ruined:,} of {paths:,} scenarios {within}")
        allowed = "less short or with a smaller loan"
        raise ConfigError("book", "weights", found, allowed)
