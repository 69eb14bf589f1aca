"""A book: the shares of the assets of a model, as the command line and Python give them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.errors import ConfigError, PriceError, Words
from simgan.market.history import History
from simgan.risk.holdings import shares_of

REBALANCED = ("none", "daily")
_SHOWN = 4  # assets in a title


@dataclass(frozen=True, eq=False)
class Book:
    """Shares of some assets.

    Attributes
    ----------
    assets : tuple of str
        Of the model.
    shares : array of shape (assets,)
        Of the value at the start, of sum 1.
    is_rebalanced : bool
        Whether the shares are restored every day. Otherwise the assets are bought and held.
    """

    assets: tuple[str, ...]
    shares: FloatArray
    is_rebalanced: bool = False

    @property
    def title(self) -> str:
        """The only asset, or the shares."""
        if len(self.assets) == 1:
            return self.assets[0]
        held = [
            f"{100 * share:g} % {asset}"
            for asset, share in zip(self.assets, self.shares.round(4), strict=True)
            if share
        ]
        more = len(held) - _SHOWN
        return ", ".join(held[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

    @property
    def weights(self) -> dict[str, float]:
        """Shares by asset, or nothing where there is one asset."""
        if len(self.assets) == 1:
            return {}
        return dict(zip(self.assets, self.shares.tolist(), strict=True))

    def summed(self, log_returns: AnyFloatArray) -> Float32Array:
        """Return the log return of the book from the start to each day (paths, days).

        Parameters
        ----------
        log_returns : array of shape (paths, days, assets)

        Raises
        ------
        ConfigError
            The book loses all its value in a scenario.
        """
        if len(self.assets) == 1:
            sums = np.cumsum(log_returns[:, :, 0], axis=1, dtype=np.float64)
            return sums.astype(np.float32)
        return self.summed_gains(self.gains(log_returns))

    def summed_gains(self, gains: FloatArray) -> Float32Array:
        """Return the log return of the book from the start to each day, as `summed`, by `gains`."""
        worth = 1.0 + gains.sum(axis=2)
        if not worth.min() > 0:
            found = Words(f"with all value lost in {(worth.min(axis=1) <= 0).sum():,} scenarios")
            raise ConfigError("risk", "weights", found, "less short")
        return np.asarray(np.log(worth), np.float32)

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

    def past(self, history: History) -> FloatArray:
        """Return the log returns (days,) of the book with the shares of each day.

        An asset that did not trade did not move.
        """
        moves = np.expm1(np.nan_to_num(history.log_returns))
        return np.asarray(np.log1p(moves @ self.shares), np.float64)


def book_of(
    assets: tuple[str, ...], weights: str | Mapping[str, float], rebalance: str = "none"
) -> Book:
    """Return the book that weights ask for, by default equal shares of all assets.

    Parameters
    ----------
    assets : tuple of str
        Of the model.
    weights : str or mapping
        Shares by asset, or text such as ``A=.6,B=.4``, or the path of a CSV file with lines
        ``asset,weight``. An asset that it does not name has none.
    rebalance : {"none", "daily"}

    Raises
    ------
    ConfigError
        A weight is no number, the shares have another sum than 1, or the word is unknown.
    UnknownNameError
        The model has no such asset.
    PriceError
        The file cannot be read.
    """
    if rebalance not in REBALANCED:
        raise ConfigError("risk", "rebalance", rebalance, f"one of {', '.join(REBALANCED)}")
    if not weights:
        shares = np.full(len(assets), 1 / len(assets))
    else:
        named = _named(weights) if isinstance(weights, str) else weights
        shares = shares_of(named, len(assets), assets, "risk")
    return Book(assets, shares, rebalance == "daily")


def _named(text: str) -> dict[str, float]:
    """Read weights from text or from a file."""
    if "=" in text:
        pairs = [part.rpartition("=")[::2] for part in text.split(",")]
        return {name.strip(): _number(name, value) for name, value in pairs}
    try:
        with Path(text).open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PriceError(
            f"weights {text}: {reason.lower()}; give A=.6,B=.4, or a file of lines asset,weight"
        ) from error
    if any(len(row) < 2 for row in rows):
        raise PriceError(f"{text}: a line has no weight; give lines asset,weight")
    first = 1 if rows and not _is_number(rows[0][1]) else 0  # a header
    return {row[0].strip(): _number(row[0], row[1]) for row in rows[first:]}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(name: str, text: str) -> float:
    if not _is_number(text):
        found, allowed = Words(f"{name}={text}"), "a number for each asset, such as A=.6,B=.4"
        raise ConfigError("risk", "weights", found, allowed)
    return float(text)
