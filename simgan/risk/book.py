"""A book: shares of several assets, and its value along their scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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

    def summed_gains(self, gains: FloatArray) -> Float32Array:
        """Return the log return of the book from the start to each day, as `summed`, by `gains`."""
        return self.log_worth(gains).astype(np.float32)

    def log_worth(self, gains: FloatArray) -> FloatArray:
        """Return the numbers of `summed_gains` in double precision."""
        worth = 1.0 + gains.sum(axis=2)
        if endless := int((~np.isfinite(worth).all(axis=1)).sum()):
            found = Words(f"with prices beyond all numbers in {endless:,} scenarios")
            raise ConfigError("book", "scenarios", found, "of a volatility with bounds")
        if not worth.min() > 0:
            found = Words(f"with all value lost in {(worth.min(axis=1) <= 0).sum():,} scenarios")
            raise ConfigError("book", "weights", found, "less short")
        return np.asarray(np.log(worth), np.float64)

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
