"""Unusual histories: returns without randomness, extreme moves, days without a move."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgan.bundle.store import Bundle
from simgan.errors import DataError
from simgan.market.history import History
from simgan.stats.moments import share_still

_MOST_CERTAIN = 5.0  # standard deviations from a mean return to 0
_MANY = 0.01  # days without a move that are worth a sentence


def expect_variation(history: History) -> None:
    """Refuse returns that are nearly the same every day.

    Raises
    ------
    DataError
        The mean of an asset's returns is many of their standard deviations from 0.
    """
    mean, spread = history.log_returns.mean(axis=0), history.log_returns.std(axis=0)
    for asset, level, deviation in zip(history.assets, np.abs(mean), spread, strict=True):
        if level > _MOST_CERTAIN * deviation > 0:
            raise DataError(
                f"{asset}: the mean of its daily returns is {level / deviation:.3g} times their "
                "standard deviation, so hardly anything in it is random, as in a money-market fund;"
                " divide the prices by a steady growth at their mean rate"
            )


def largest_move(history: History) -> str:
    """Say which move is the largest, and how many days have none."""
    returns = history.log_returns
    sizes = np.abs(returns) / returns.std(axis=0)
    day, asset = np.unravel_index(np.argmax(sizes), sizes.shape)
    return (
        f"the largest move of the history is {100 * np.expm1(returns[day, asset]):.3g} % on "
        f"{history.day(int(day))}, {sizes[day, asset]:.3g} standard deviations, and "
        f"{_still(history):.3g} % of its days have no move"
    )


def rare_days(bundle: Bundle, history: History) -> Iterator[str]:
    """Describe the jumps and the still days of a model."""
    if _has(bundle, "jumps"):
        yield (
            "volatility does not explain the largest moves, so they are kept as jumps: "
            f"{largest_move(history)}"
        )
    if _has(bundle, "rest") and _still(history) > 100 * _MANY:
        yield f"{_still(history):.3g} % of the days have no move, and scenarios keep that share"


def _has(bundle: Bundle, name: str) -> bool:
    return name in bundle.weights and bool(bundle.weights[name].any())


def _still(history: History) -> float:
    return 100 * max(map(share_still, history.log_returns.T))
