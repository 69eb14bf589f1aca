"""Blocks of history of random length, joined end to end: no model, all the marginals, and memory as long as a block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.baselines.base import BLOCK, Baseline, Continuation, FittedBaseline
from simgan.errors import ConfigError
from simgan.stats.intervals import block_length


@dataclass(frozen=True)
class StationaryBootstrap(Baseline):
    """Stationary bootstrap (Politis & Romano, 1994).

    It wins every in-sample comparison of marginals by copying; held-out scores and the memorisation ratio tell.
    """

    kind: ClassVar[str] = "stationary-bootstrap"
    mean_block: float = field(
        default=0.0,
        metadata={"help": "mean block length in days; 0 = rule of Politis & White on |r|"},
    )

    def __post_init__(self) -> None:
        if not (self.mean_block == 0.0 or 1.0 <= self.mean_block < np.inf):
            raise ConfigError(
                "StationaryBootstrap",
                "mean_block",
                self.mean_block,
                "0 (estimated) or at least 1 day",
            )

    def fit(self, log_returns: FloatArray) -> FittedBootstrap:
        """Keep the sample and, unless it is given, estimate the block length: the longest of the assets'."""
        expect_shape(log_returns, ("days", "assets"), self.kind)
        expect_finite(log_returns, self.kind)
        sample = np.asarray(log_returns, np.float64)
        return FittedBootstrap(
            sample, self.mean_block or max(block_length(column) for column in sample.T)
        )


@dataclass(frozen=True)
class FittedBootstrap(FittedBaseline):
    """Resamples the history it is given; without one (`simulate_long_run`) the sample it was fitted on.

    It is unconditional: the first day of a scenario may be any day. One step ahead it is historical simulation with an
    expanding window.

    Attributes
    ----------
    sample : array of shape (days, assets)
        Log returns of the fit; days are drawn whole, so the dependence between assets is kept.
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
        """Day numbers (paths, horizon): each step starts a new block with probability 1/mean block, or goes on to the next day."""
        chance, place = np.moveaxis(
            rng.random((horizon, paths, 2)), -1, 0
        )  # (horizon, paths) each; step by step: a prefix
        is_start = chance < 1.0 / self.mean_block
        is_start[0] = True
        step = np.arange(horizon)[:, None]
        begun = np.maximum.accumulate(
            np.where(is_start, step, 0), axis=0
        )  # the step at which the running block began
        origin = np.take_along_axis((place * days).astype(np.intp), begun, axis=0)
        return ((origin + step - begun) % days).T
