"""The contract that a trained GAN and a classical baseline share."""

from __future__ import annotations

from typing import Protocol

from simgan.arrays import FloatArray
from simgan.seeds import Seed


class ScenarioModel(Protocol):
    """Given a history, a horizon, a seed and a range of scenario numbers, it gives log returns."""

    @property
    def kind(self) -> str:
        """Name of the model in tables, for example ``gjr-t``."""
        ...

    def simulate(self, history: FloatArray, horizon: int, seed: Seed, first: int, n: int) -> FloatArray:
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
