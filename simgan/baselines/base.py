"""The contract of a baseline: settings that can be fitted, and the fitted scenario model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.errors import SamplingError
from simgan.seeds import Seed

BLOCK = 256  # scenarios per addressed block: scenario i is row i % BLOCK of block i // BLOCK, however it was asked for
CONTINUE, LONG_RUN, FORECAST = range(
    3
)  # second word of a stream address: the three kinds of draws never share numbers

Continuation = Callable[
    [int, int, int, np.random.Generator], FloatArray
]  # day, horizon, paths → (paths, horizon, assets)


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

    kind: str

    def simulate(
        self, history: FloatArray, horizon: int, seed: Seed, first: int, n: int
    ) -> FloatArray:
        """Draw scenarios ``first … first + n − 1`` that continue `history`, as `ScenarioModel.simulate` promises.

        The first steps do not depend on the horizon.

        Raises
        ------
        SamplingError
            The range of scenarios or the horizon is not possible.
        """
        _expect_history(history, self.kind)
        draw, days = self._continuation(history), len(history)
        stream = partial(seed.stream, "baseline", CONTINUE)
        return _in_blocks(lambda rng: draw(days, horizon, BLOCK, rng), horizon, stream, first, n)

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
        return _in_blocks(
            lambda rng: self._run_free(horizon, rng),
            horizon,
            partial(seed.stream, "baseline", LONG_RUN),
            first,
            n,
        )

    def forecast(
        self, log_returns: FloatArray, days: range, horizon: int, draws: int, seed: Seed
    ) -> Iterator[FloatArray]:
        """Continue a history from each of its days, parameters fixed, as `ScenarioModel.forecast` promises.

        Raises
        ------
        SamplingError
            A day, the horizon or the number of draws is not possible.
        """
        _expect_history(log_returns, self.kind)
        if (
            not days
            or not 1 <= min(days) <= max(days) <= len(log_returns)
            or horizon < 1
            or draws < 1
        ):
            raise SamplingError(
                f"{self.kind}: {draws} paths over {horizon} steps from {days} are not possible "
                f"for a history of {len(log_returns)} days; ask for at least one of each, from day 1 on"
            )
        draw = self._continuation(log_returns)
        for day in days:
            yield draw(day, horizon, draws, seed.stream("baseline", FORECAST, day))

    @abstractmethod
    def _continuation(self, log_returns: FloatArray) -> Continuation:
        """Prepare what draws paths (paths, horizon, assets) that continue the first `day` days of the history.

        They depend on those days only, and are drawn step by step, so that a horizon is a prefix.
        """

    @abstractmethod
    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Draw one block of shape (BLOCK, horizon, assets) of the stationary law."""


def _in_blocks(
    draw: Callable[[np.random.Generator], FloatArray],
    horizon: int,
    stream: Callable[[int], np.random.Generator],
    first: int,
    n: int,
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
