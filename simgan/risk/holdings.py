"""Shares of the assets in a portfolio, and the log return of assets that are bought and held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np

from simgan.arrays import FloatArray, Numbers, numbers_of
from simgan.errors import ConfigError, UnknownNameError, Words

SUM_SLACK = 1e-6  # how far a sum of shares or probabilities may be from 1


class Holdings(Protocol):
    """Assets with their weights, such as `simgan.risk.portfolio.Portfolio`."""

    @property
    def assets(self) -> tuple[str, ...]: ...

    @property
    def weights(self) -> tuple[float, ...]: ...


Shares: TypeAlias = Numbers | Mapping[str, float] | Holdings
"""Weights of assets as people have them: numbers in order, or by the names of the assets."""


def shares_of(weights: Shares, count: int, assets: Sequence[str], owner: str) -> FloatArray:
    """Return the share of each asset, shape (assets,), of sum 1.

    Parameters
    ----------
    weights : list, tuple, array, series, mapping by asset, or Portfolio
        A mapping, a portfolio, or a series with names in its index gives the shares by name. An
        asset that it does not name has none.
    count : int
        Number of assets.
    assets : sequence of str
        Their names, or nothing if they have none.
    owner : str
        For messages.

    Raises
    ------
    ConfigError, UnknownNameError
        There are not as many shares as assets, their sum is not 1, or a name is unknown.
    """
    named = _named(weights)
    if named is None:
        shares = np.asarray(numbers_of(weights, owner, "weights"), np.float64)
    else:
        shares = _in_order(named, assets, owner)
    if shares.shape != (count,):
        raise ConfigError(
            owner, "shape of the weights", Words(shares.shape), f"({count},): one an asset"
        )
    total = float(sum(shares.tolist()))
    if not abs(total - 1.0) <= SUM_SLACK:  # NaN fails, too
        allowed = "of sum 1; hold the rest as an asset of return 0"
        raise ConfigError(owner, "weights", Words(f"of sum {total:g}"), allowed)
    return shares


def held(sums: FloatArray, shares: FloatArray, owner: str) -> FloatArray:
    """Return the log return of a portfolio that is bought and held.

    Parameters
    ----------
    sums : array of shape (…, assets)
        Log returns of the assets over the same time.
    shares : array of shape (assets,)
        Of the value at the start.
    owner : str
        For messages.

    Raises
    ------
    ConfigError
        A scenario loses everything, which has no log return.
    """
    growth = 1.0 + np.expm1(sums) @ shares
    if not growth.min() > 0.0:
        ruined = np.count_nonzero(growth <= 0.0)
        raise ConfigError(
            owner,
            "weights",
            Words(f"with all value lost in {ruined:,} of {growth.size:,} scenarios"),
            "less short: a log return needs value",
        )
    return np.asarray(np.log(growth), np.float64)


def _named(weights: object) -> dict[object, object] | None:
    """Return shares by name, or None if they have no names."""
    if isinstance(weights, Mapping):
        return dict(weights)
    assets, values = getattr(weights, "assets", None), getattr(weights, "weights", None)
    if assets is not None and values is not None:
        return dict(zip(assets, values, strict=True))
    index = getattr(weights, "index", None)
    if not isinstance(index, Iterable):  # that of a list is a method
        return None
    labels = list(index)
    if not any(isinstance(label, str) for label in labels):
        return None
    if len(set(labels)) < len(labels):
        raise ConfigError("portfolio", "names of the weights", labels, "each asset once")
    return dict(zip(labels, numbers_of(weights, "portfolio", "weights"), strict=True))


def _in_order(named: dict[object, object], assets: Sequence[str], owner: str) -> FloatArray:
    if not assets:
        raise ConfigError(
            owner,
            "weights",
            Words("by name"),
            "numbers in the order of the assets: an array has no names; give the Scenarios",
        )
    for name in named:
        if name not in assets:
            raise UnknownNameError("asset", str(name), assets, "in the weights")
    shares = [named.get(asset, 0.0) for asset in assets]
    return np.asarray(numbers_of(shares, owner, "weights"), np.float64)
