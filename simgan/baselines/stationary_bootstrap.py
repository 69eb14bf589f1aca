"""The stationary bootstrap: blocks of history of random length, joined end to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.baselines import BLOCK, Baseline, Continuation, FittedBaseline
from simgan.errors import ConfigError
from simgan.settings import setting
from simgan.stats.intervals import block_length


@dataclass(frozen=True, kw_only=True)
class StationaryBootstrap(Baseline):
    """Stationary bootstrap (Politis & Romano, 1994).

    It copies the history, so it wins every in-sample comparison of marginal laws. Held-out scores
    and the memorisation ratio show the copying.
    """

    kind: ClassVar[str] = "stationary-bootstrap"
    is_joint: ClassVar[bool] = True
    mean_block: float = setting(
        0.0, "mean block length in days; 0 = rule of Politis & White on |r|", low=0.0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0.0 < self.mean_block < 1.0 or not np.isfinite(self.mean_block):
            raise ConfigError(
                self.kind, "mean_block", self.mean_block, "0 (estimated) or at least 1 day"
            )

    def _fit(self, log_returns: FloatArray) -> FittedBootstrap:
        """Estimate the block length unless it is given: the longest among those of the assets."""
        mean_block = self.mean_block or max(block_length(column) for column in log_returns.T)
        return FittedBootstrap(log_returns, mean_block)


@dataclass(frozen=True)
class FittedBootstrap(FittedBaseline):
    """Resamples a given history, or its sample for long-run paths.

    It is unconditional: the first day of a scenario may be any day. One step ahead it is
    historical simulation with an expanding window.

    Attributes
    ----------
    sample : array of shape (days, assets)
        Log returns of the fit. A day is drawn whole, which keeps the dependence between assets.
    mean_block : float
        Mean block length in days.
    """

    sample: FloatArray
    mean_block: float
    kind: str = "stationary-bootstrap"

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        sample = np.asarray(log_returns, np.float64)

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            return sample[self._days(day, horizon, paths, rng)]

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        return self._continuation(self.sample)(len(self.sample), horizon, BLOCK, rng)

    def _days(
        self, days: int, horizon: int, paths: int, rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """Draw day numbers of shape (paths, horizon).

        Each step starts a new block with probability 1/mean block, or goes on to the next day.
        """
        # (horizon, paths) each. One row a step, so that a short horizon is a prefix of a long one.
        chance, place = np.moveaxis(rng.random((horizon, paths, 2)), -1, 0)
        is_start = chance < 1.0 / self.mean_block
        is_start[0] = True
        step = np.arange(horizon)[:, None]
        block_start = np.maximum.accumulate(np.where(is_start, step, 0), axis=0)
        origin = np.take_along_axis((place * days).astype(np.intp), block_start, axis=0)
        return ((origin + step - block_start) % days).T
