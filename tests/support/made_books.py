"""Panels of correlated assets, and a contender that knows their law, or half of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import TrainingError
from simgan.market.history import History
from simgan.progress import SILENT, Progress
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import Refit, content_key

ASSETS = ("A", "B", "C")
CORRELATIONS = np.array([[1.0, 0.8, 0.6], [0.8, 1.0, 0.7], [0.6, 0.7, 1.0]])
SPREAD = 0.01


def made_panel(days: int = 700, first: str = "2019-01-01", listed: int = 0) -> History:
    """Normal returns of three assets. The third has none before the day `listed`."""
    noise = Seed(5).stream("validation").standard_normal((days, 3))
    returns = SPREAD * noise @ np.linalg.cholesky(CORRELATIONS).T
    returns[:listed, 2] = np.nan
    dates = np.datetime64(first) + np.arange(days)
    return History(dates, returns, np.array([100.0, 50.0, 20.0]), ASSETS)


@dataclass(frozen=True)
class NormalVectors:
    """Draws normal vectors with these correlations. It refuses a history with holes."""

    correlations: FloatArray

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        assert np.isfinite(log_returns[: days.stop - 1]).all()
        root = np.linalg.cholesky(self.correlations)
        for day in days:
            shape = (draws, horizon, len(root))
            noise = seed.stream("latent", day).standard_normal(shape)
            yield 0.1 * log_returns[day - 1] + SPREAD * noise @ root.T


@dataclass(frozen=True)
class MadeVectors:
    """Forecasts all assets together, with their correlations or with none."""

    name: str = "made"
    is_independent: bool = False
    bad: tuple[str, ...] = ()
    least_days: int = 10

    def record(self) -> dict[str, Any]:
        return {"kind": self.name, "independent": self.is_independent, "bad": list(self.bad)}

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        if history.day(-1) in self.bad:
            raise TrainingError("the fit did not converge")
        return self.again(history, content_key([history.sha256, earlier]))

    def again(self, history: History, key: str) -> Refit:
        return Refit(NormalVectors(np.eye(3) if self.is_independent else CORRELATIONS), key)
