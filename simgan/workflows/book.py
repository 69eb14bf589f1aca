"""The shares of a book, as the command line and Python give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict

import numpy as np

from simgan.errors import ConfigError, Words
from simgan.risk.book import Book
from simgan.risk.holdings import CASH, cash_beside, shares_given
from simgan.workflows.weights import FORMS, weights_in

REBALANCED = ("none", "daily")
EQUAL = "equal"  # weights

Weights: TypeAlias = str | Sequence[float] | Mapping[str, float]
"""Shares of assets as `book_of` reads them: text, numbers in the order of the assets, by name."""


class BookOptions(TypedDict, total=False):
    """The book of a backtest.

    Attributes
    ----------
    weights : str, sequence or mapping
        Shares of the assets, as for `book_of`. Without them each asset is walked by itself.
    rebalance : {"none", "daily"}
        Whether the shares are restored every day.
    """

    weights: str | Sequence[float] | Mapping[str, float] | None
    rebalance: Literal["none", "daily"]


def book_of(assets: tuple[str, ...], weights: Weights, rebalance: str = "none") -> Book:
    """Return the book that weights ask for, by default equal shares of all assets.

    Parameters
    ----------
    assets : tuple of str
        Of the model.
    weights : str, sequence or mapping
        Shares by asset, or in the order of the assets. Or text such as ``A=.6,B=.4``, or ``equal``,
        or the path of a CSV file with lines ``asset,weight``. An asset that they do not name has
        none. The name ``CASH`` is a share without return. Text may have percentages.
    rebalance : {"none", "daily"}

    Raises
    ------
    ConfigError
        The weights cannot be read, the shares and the cash have another sum than 1, there is cash
        beside one asset, or the word is unknown.
    UnknownNameError
        The model has no such asset.
    """
    if rebalance not in REBALANCED:
        raise ConfigError("book", "rebalance", rebalance, f"one of {', '.join(REBALANCED)}")
    if isinstance(weights, str) and weights != EQUAL and weights.strip().lower() in ("", EQUAL):
        raise ConfigError("book", "weights", weights, f"{EQUAL}, or {FORMS}")
    if are_equal(weights):
        shares, given = np.full(len(assets), 1 / len(assets)), 1.0
    else:
        named = weights_in(weights, assets) if isinstance(weights, str) else weights
        shares, given = shares_given(named, len(assets), assets, "book")
    if len(assets) == 1 and cash_beside(shares):
        allowed = "left out: of one asset, --position is the value that is held"
        raise ConfigError("book", "weights", Words(f"{shares[0]:g} of {assets[0]}"), allowed)
    return Book(assets, shares, rebalance == "daily", given)


def are_equal(weights: Weights) -> bool:
    """Tell whether weights ask for equal shares of all assets, the default."""
    return isinstance(weights, str) and weights == EQUAL


def by_name(weights: Weights, assets: tuple[str, ...]) -> str | Mapping[str, float]:
    """Return weights as a command line has them: text as it is, and numbers by asset."""
    if isinstance(weights, str):
        return weights
    named = book_of(assets, weights).weights
    return {asset: share for asset, share in named.items() if share} or EQUAL


def expect_no_cash(owner: str, assets: Iterable[str]) -> None:
    """Refuse an asset whose name weights use for a share without return.

    Raises
    ------
    ConfigError
    """
    if CASH in assets:
        allowed = f"another name: in weights {CASH} is a share without return; rename this asset"
        raise ConfigError(owner, "asset", Words(CASH), allowed)
