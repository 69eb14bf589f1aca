"""Days of a history drawn independently of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.baselines.base import BLOCK, Continuation, FittedBaseline
from simgan.errors import ConfigError


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
            picked = (
                day - days + (rng.random((horizon, paths)) * days).astype(np.intp)
            )  # step by step: a prefix
            return np.moveaxis(sample[picked], 0, 1)

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        return replace(self, window=None)._continuation(self.sample)(
            len(self.sample), horizon, BLOCK, rng
        )


def checked_sample(log_returns: FloatArray, owner: str, least: int, told: str) -> FloatArray:
    """Return the sample (days, assets) that days can be drawn from; `told` says in words how many it must have.

    Raises
    ------
    ConfigError
        The shape is wrong, a value is not finite, there are fewer than `least` days, or nothing varies.
    """
    expect_shape(log_returns, ("days", "assets"), owner)
    expect_finite(log_returns, owner)
    if len(log_returns) < least or np.ptp(log_returns) == 0.0:
        raise ConfigError(
            owner, "days", len(log_returns), f"at least {told}, with returns that vary"
        )
    return np.asarray(log_returns, np.float64)
