"""Days of a history drawn independently of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines.base import BLOCK, Continuation, FittedBaseline


@dataclass(frozen=True)
class FittedResampling(FittedBaseline):
    """Draws whole days from the last ones of the history it is given; without one (`simulate_long_run`) from all of its sample.

    Attributes
    ----------
    sample : array of shape (days, assets)
        Log returns of the fit.
    window : int or None
        Days to draw from, counted from the end; None is all.
    """

    kind: str
    sample: FloatArray
    window: int | None

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        sample = np.asarray(log_returns, np.float64)

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            days = day if self.window is None else min(day, self.window)
            picked = day - days + (rng.random((horizon, paths)) * days).astype(np.intp)  # step by step: a prefix
            return np.moveaxis(sample[picked], 0, 1)

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        return replace(self, window=None)._continuation(self.sample)(len(self.sample), horizon, BLOCK, rng)
