"""Shares of the assets in a portfolio, and the log return of assets that are bought and held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from simgan.arrays import FloatArray, Numbers, numbers_of
from simgan.errors import ConfigError, UnknownNameError, Words

SUM_SLACK = 1e-6  # how far a sum of shares or probabilities may be from 1
CASH = "CASH"  # in weights by name: a share of return 0, where no asset has this name
_ROUNDED = 1e-3  # a sum of weights that is as near to 1 is a matter of rounding
_PERCENTAGES = 10.0  # a sum from here on is one of percentages


class Holdings(Protocol):
    """Assets with their weights, such as `simgan.risk.portfolio.Portfolio`."""

    @property
    def assets(self) -> tuple[str, ...]: ...

    @property
    def weights(self) -> tuple[float, ...]: ...


Shares: TypeAlias = Numbers | Mapping[str, float] | Holdings
"""Weights of assets as people have them: numbers in order, or by the names of the assets."""


class SharesGiven(NamedTuple):
    """Shares of assets (assets,), and the sum that they and the cash had as they were given."""

    shares: FloatArray
    total: float


def shares_of(
    weights: Shares, count: int, assets: Sequence[str], owner: str, cash: float = 0.0
) -> FloatArray:
    """Return the share of each asset, shape (assets,), as `shares_given` reads them."""
    return shares_given(weights, count, assets, owner, cash).shares


def shares_given(
    weights: Shares, count: int, assets: Sequence[str], owner: str, cash: float = 0.0
) -> SharesGiven:
    """Return the share of each asset. They and the cash have the sum 1.

    Weights whose sum is within 0.1 % of 1 are rounded numbers, and scaled to it.

    Parameters
    ----------
    weights : list, tuple, array, series, mapping by asset, or Portfolio
        A mapping, a portfolio, or a series with names in its index gives the shares by name. An
        asset that it does not name has none. The name ``CASH`` gives a share without return, unless
        it is that of an asset.
    count : int
        Number of assets.
    assets : sequence of str
        Their names, or nothing if they have none.
    owner : str
        For messages.
    cash : float
        Share of cash beside weights that do not name it.

    Raises
    ------
    ConfigError, UnknownNameError
        There are not as many shares as assets, the sum is not 1, or a name is unknown.
    """
    named = _named(weights)
    if named is None:
        shares = np.asarray(numbers_of(weights, owner, "weights"), np.float64)
    else:
        if CASH not in assets:
            cash = cash + float(numbers_of([named.pop(CASH, 0.0)], owner, "weights")[0])
        shares = _in_order(named, assets, owner)
    if shares.shape != (count,):
        raise ConfigError(
            owner, "shape of the weights", Words(shares.shape), f"({count},): one an asset"
        )
    names = (*(assets or (f"asset {number}" for number in range(1, count + 1))), CASH)
    for name, share in zip(names, (*shares.tolist(), cash), strict=True):
        if not np.isfinite(share):
            found = Words(f"{name}={share:g}".replace("-", "−"))
            raise ConfigError(owner, "weights", found, "finite numbers")
    total = float(sum(shares.tolist())) + cash
    if abs(total - 1.0) > _ROUNDED:
        found = Words(f"of sum {total:g}".replace("-", "−"))
        raise ConfigError(owner, "weights", found, f"of sum 1{_remedy(total, assets)}")
    return SharesGiven(shares if abs(total - 1.0) <= SUM_SLACK else shares / total, total)


def cash_beside(shares: FloatArray) -> float:
    """Return the share of cash beside checked shares of assets."""
    rest = 1.0 - float(shares.sum())
    return rest if abs(rest) > SUM_SLACK else 0.0


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


def _remedy(total: float, assets: Sequence[str]) -> str:
    """Say how weights of another sum than 1 may be mended."""
    if total >= _PERCENTAGES:
        return ": a half is 0.5, or 50% in text"
    if CASH in assets:
        return f": {CASH} is the name of an asset here, and no share without return"
    return f"; weights by name may hold the rest, {1.0 - total:.6g}, as {CASH}".replace("-", "−")


def _named(weights: object) -> dict[object, object] | None:
    """Return shares by name, or None if they have no names."""
    if isinstance(weights, Mapping):
        return dict(weights)
    assets, values = getattr(weights, "assets", None), getattr(weights, "weights", None)
    if assets is not None and values is not None:
        named: dict[object, object] = dict(zip(assets, values, strict=True))
        cash = getattr(weights, "cash", 0.0)
        return named | {CASH: cash} if cash else named
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
            raise UnknownNameError("asset", str(name), (*assets, CASH), "in the weights")
    shares = [named.get(asset, 0.0) for asset in assets]
    return np.asarray(numbers_of(shares, owner, "weights"), np.float64)
