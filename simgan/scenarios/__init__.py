"""Scenarios, and the contract that a trained GAN and a classical baseline share.

Every array of returns ends in the axis of assets: a history has shape (days, assets), and scenarios
have shape (paths, horizon, assets). One asset is assets = 1, not an array without the axis. A model
that cannot make several assets together refuses them in a `SimganError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from simgan.arrays import FloatArray
from simgan.seeds import Seed


class ScenarioModel(Protocol):
    """A model that continues a history by log returns.

    Scenario i is a function of (model, history, seed, i). It depends neither on the number of
    scenarios nor on the process or thread that draws it.
    """

    @property
    def kind(self) -> str:
        """Name of the model in tables, for example ``gjr-t``."""
        ...

    def simulate(
        self,
        history: FloatArray,
        horizon: int,
        seed: Seed,
        first: int,
        n: int,
        ranges: FloatArray | None = None,
    ) -> FloatArray:
        """Draw scenarios ``first … first + n − 1`` that continue a history.

        Parameters
        ----------
        history : array of shape (days, assets)
            Log returns up to the day before the first simulated one.
        horizon : int
            Steps per scenario, at least 1.
        seed : Seed
            Scenario i depends on (model, history, seed, i) only.
        first, n : int
            First number and count of the scenarios.
        ranges : array of shape (days, assets), optional
            Range variances of the days (`simgan.market.history.History.ranges`). A model that sees
            closes only takes no notice.

        Returns
        -------
        array of shape (n, horizon, assets)
            Log returns per step, in the order of the history's assets.
        """
        ...

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        """Continue a history from each of its days, as a walk-forward needs it.

        Parameters
        ----------
        log_returns : array of shape (days, assets)
            The whole history. The forecast of a day uses only the rows before that day.
        days : range
            Rows, from 1 to the number of days. Paths for row t continue the rows before it.
        horizon : int
            Steps per path. A short horizon is the beginning of a long one.
        draws : int
            Paths per day. Fewer paths are not the first of more.
        seed : Seed
            The paths of a day depend on (model, returns before the day, draws, seed, day) only.
        ranges : array of shape (days, assets), optional
            Range variances, as for `simulate`.

        Yields
        ------
        array of shape (draws, horizon, assets)
            Log returns per step, for each of the days in order.
        """
        ...
