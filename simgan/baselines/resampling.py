"""Models that draw days of a history independently of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import BLOCK, Baseline, Continuation, FittedBaseline, expect_varying
from simgan.settings import setting

FEWEST_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class HistoricalSimulation(Baseline):
    """Historical simulation: the returns of the last days, all equally likely.

    Most risk departments use it. Over several days it sums independent days, so it knows no
    volatility clusters.
    """

    kind: ClassVar[str] = "historical"
    is_joint: ClassVar[bool] = True
    window: int = setting(250, "days at the end of the history to draw from", low=2)

    def _fit(self, log_returns: FloatArray) -> FittedResampling:
        expect_varying(log_returns, self.kind, self.window)
        return FittedResampling(self.kind, log_returns, self.window)


@dataclass(frozen=True, kw_only=True)
class IidBootstrap(Baseline):
    """The bootstrap of Efron (1979), applied to days: the right marginal law and no memory.

    A model that does not beat it has learned no dependence.
    """

    kind: ClassVar[str] = "iid-bootstrap"
    is_joint: ClassVar[bool] = True

    def _fit(self, log_returns: FloatArray) -> FittedResampling:
        expect_varying(log_returns, self.kind, FEWEST_DAYS)
        return FittedResampling(self.kind, log_returns, None)


@dataclass(frozen=True)
class FittedResampling(FittedBaseline):
    """Draws days from the end of a given history, or from its sample for long-run paths.

    Attributes
    ----------
    sample : array of shape (days, assets)
        Log returns of the fit. A day is drawn whole, which keeps the dependence between assets.
    window : int or None
        Days to draw from, counted from the end. None means all days.
    """

    kind: str
    sample: FloatArray
    window: int | None

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        sample = np.asarray(log_returns, np.float64)

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            days = day if self.window is None else min(day, self.window)
            # One row of random numbers a step, so that a short horizon is a prefix of a long one.
            picked = day - days + (rng.random((horizon, paths)) * days).astype(np.intp)
            return np.moveaxis(sample[picked], 0, 1)

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        draw = replace(self, window=None)._continuation(self.sample)
        return draw(len(self.sample), horizon, BLOCK, rng)
