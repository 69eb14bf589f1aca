"""The contract of a baseline: settings that can be fitted, and the fitted scenario model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.errors import SamplingError
from simgan.seeds import Seed

BLOCK = 256  # scenarios per addressed block: scenario i is row i % BLOCK of block i // BLOCK, however it was asked for
CONTINUE, LONG_RUN, ONE_STEP = range(3)  # second word of a stream address: the three kinds of draws never share numbers


class Baseline(ABC):
    """A frozen dataclass whose fields are the settings of the baseline."""

    kind: ClassVar[str]

    @abstractmethod
    def fit(self, log_returns: FloatArray) -> FittedBaseline:
        """Estimate the model on log returns of shape (days, assets).

        Raises
        ------
        ConfigError
            Too few days, nothing that varies, or more assets than the model knows.
        TrainingError
            The likelihood could not be maximised inside the stationary region.
        """


class FittedBaseline(ABC):
    """A `simgan.scenarios.model.ScenarioModel` that also runs free and forecasts day by day."""

    kind: ClassVar[str]

    def simulate(self, history: FloatArray, horizon: int, seed: Seed, first: int, n: int) -> FloatArray:
        """Draw scenarios ``first … first + n − 1`` that continue `history`, as `ScenarioModel.simulate` promises.

        The first steps do not depend on the horizon.

        Raises
        ------
        SamplingError
            The range of scenarios or the horizon is not possible.
        """
        _expect_history(history, self.kind)
        return _in_blocks(lambda rng: self._continue(history, horizon, rng), horizon, partial(seed.stream, "baseline", CONTINUE), first, n)

    def simulate_long_run(self, horizon: int, seed: Seed, first: int, n: int) -> FloatArray:
        """Draw scenarios from the stationary law, whatever today is like.

        Returns
        -------
        array of shape (n, horizon, assets)
            Log returns per step; scenario i depends on (model, seed, i) only.

        Raises
        ------
        SamplingError
            The range of scenarios or the horizon is not possible.
        """
        return _in_blocks(lambda rng: self._run_free(horizon, rng), horizon, partial(seed.stream, "baseline", LONG_RUN), first, n)

    def one_step(self, log_returns: FloatArray, start: int, draws: int, seed: Seed) -> FloatArray:
        """Draw each day's return given all earlier days, parameters fixed: a walk-forward forecast.

        Parameters
        ----------
        log_returns : array of shape (days, 1)
            Log returns of one asset; the draws for a day depend neither on that day nor on later ones.
        start : int
            First day to forecast, from 1 to days − 1.
        draws : int
            Draws per day.
        seed : Seed
            Each day has its own address.

        Returns
        -------
        array of shape (days − start, draws)

        Raises
        ------
        SamplingError
            `start`, `draws` or the number of assets is not possible.
        """
        _expect_history(log_returns, self.kind)
        days, assets = log_returns.shape
        if assets != 1 or not 1 <= start < days or draws < 1:
            raise SamplingError(
                f"{self.kind}: one step ahead from day {start} with {draws} draws is not possible for {days} days of {assets} assets"
            )
        streams = [seed.stream("baseline", ONE_STEP, day) for day in range(start, days)]
        return self._forecast(log_returns[:, 0], draws, streams)

    @abstractmethod
    def _continue(self, history: FloatArray, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Draw one block of shape (BLOCK, horizon, assets) that continues the history; step by step, so that a horizon is a prefix."""

    @abstractmethod
    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Draw one block of shape (BLOCK, horizon, assets) of the stationary law."""

    @abstractmethod
    def _forecast(self, series: FloatArray, draws: int, streams: list[np.random.Generator]) -> FloatArray:
        """Forecast the last ``len(streams)`` days of a series (days,), each from the days before it: shape (len(streams), draws)."""


def _in_blocks(
    draw: Callable[[np.random.Generator], FloatArray], horizon: int, stream: Callable[[int], np.random.Generator], first: int, n: int
) -> FloatArray:
    """Draw the blocks that hold scenarios first … first + n − 1 and cut those scenarios out of them."""
    if horizon < 1 or first < 0 or n < 1:
        raise SamplingError(
            f"scenarios {first} to {first + n - 1} over {horizon} steps are not possible; ask for at least one of each, from 0 on"
        )
    blocks = range(first // BLOCK, (first + n - 1) // BLOCK + 1)
    parts = [draw(stream(b))[max(first - b * BLOCK, 0) : first + n - b * BLOCK] for b in blocks]
    return np.concatenate(parts)


def _expect_history(history: FloatArray, owner: str) -> None:
    expect_shape(history, ("days", "assets"), owner)
    expect_finite(history, owner)
