"""The contract that a trained GAN and a classical baseline share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from simgan.arrays import FloatArray
from simgan.seeds import Seed


class ScenarioModel(Protocol):
    """Given a history, a horizon, a seed and a range of scenario numbers, it gives log returns."""

    @property
    def kind(self) -> str:
        """Name of the model in tables, for example ``gjr-t``."""
        ...

    def simulate(
        self, history: FloatArray, horizon: int, seed: Seed, first: int, n: int
    ) -> FloatArray:
        """Draw scenarios ``first … first + n − 1`` that continue `history`.

        Parameters
        ----------
        history : array of shape (days, assets)
            Log returns up to the day before the first simulated one.
        horizon : int
            Steps per scenario.
        seed : Seed
            Scenario i depends on (model, history, seed, i) only.
        first, n : int
            Range of scenario numbers.

        Returns
        -------
        array of shape (n, horizon, assets)
            Log returns per step.
        """
        ...

    def forecast(
        self, log_returns: FloatArray, days: range, horizon: int, draws: int, seed: Seed
    ) -> Iterator[FloatArray]:
        """Continue a history from each of its days: what a walk-forward asks for.

        Parameters
        ----------
        log_returns : array of shape (days, assets)
            The history, later days included: those from a day on are not looked at for its forecast.
        days : range
            Rows, from 1 to the number of days; paths for row t continue the rows before it.
        horizon : int
            Steps per path; a short horizon is the beginning of a long one.
        draws : int
            Paths per day; fewer are not the first of more.
        seed : Seed
            The paths of a day depend on (model, returns before the day, draws, seed, day) only.

        Yields
        ------
        array of shape (draws, horizon, assets)
            Log returns per step, for each of the days in order.
        """
        ...
