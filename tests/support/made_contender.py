"""A contender for the walk-forward, which can fail on a date.

Every forecast can be worked out by hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import TrainingError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Step
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import Refit, content_key


@dataclass(frozen=True)
class NormalModel:
    """Draws normal returns: deviation from the fit, and as mean the return of the day before."""

    deviation: float
    kind: str = "made"

    def simulate(
        self,
        history: FloatArray,
        horizon: int,
        seed: Seed,
        first: int,
        n: int,
        ranges: FloatArray | None = None,
    ) -> FloatArray:
        return next(self.forecast(history, range(len(history), len(history) + 1), horizon, n, seed))

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        for day in days:
            noise = seed.stream("latent", day).standard_normal((draws, horizon, 1))
            yield log_returns[day - 1] + self.deviation * noise


@dataclass(frozen=True)
class MadeContender:
    """Fits the deviation. The fit fails for histories that end on one of the `bad` dates."""

    name: str = "made"
    bad: tuple[str, ...] = ()
    least_days: int = 10

    def record(self) -> dict[str, Any]:
        return {"kind": self.name, "bad": list(self.bad)}

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        if history.day(-1) in self.bad:
            raise TrainingError("the fit did not converge")
        return Refit(
            NormalModel(float(history.log_returns.std())), content_key([history.sha256, earlier])
        )

    def again(self, history: History, key: str) -> Refit:
        return Refit(NormalModel(float(history.log_returns.std())), key)


@dataclass(frozen=True)
class TellingContender(MadeContender):
    """Tells a step of each fit, and takes a while for it."""

    name: str = "telling"
    pause: float = 0.0

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        progress.step(Step("warm start", 30, 300, stage=1, stages=2))
        time.sleep(self.pause)
        return super().refit(history, earlier)


def made_days(days: int = 900, first: str = "2019-01-01") -> History:
    """Returns of a made-up stock, one a day, weekends too."""
    returns = 0.01 * Seed(3).stream("validation").standard_t(5, (days, 1))
    return History(np.datetime64(first) + np.arange(days), returns, np.array([100.0]), ("MADE",))
