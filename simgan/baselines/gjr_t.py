"""GJR-GARCH with Student-t innovations, variance-targeted."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines.base import BLOCK, Baseline, FittedBaseline
from simgan.baselines.gjr_likelihood import fit_gjr
from simgan.baselines.gjr_recursion import GjrParameters, filtered_variance, roll
from simgan.errors import ConfigError

BURN_IN = 1000  # steps from the long-run variance before a free run counts; a shock of half life 100 days is down to 1/1000


@dataclass(frozen=True)
class GjrT(Baseline):
    """GJR-GARCH(1,1,1)-t: one asset, leverage, fat tails, memory of one half life."""

    kind: ClassVar[str] = "gjr-t"

    def fit(self, log_returns: FloatArray) -> FittedGjrT:
        """Estimate by maximum likelihood under the symmetric law that will be simulated."""
        return FittedGjrT(fit_gjr(log_returns, self.kind))


@dataclass(frozen=True)
class FittedGjr(FittedBaseline):
    """The recursion with innovations yet to be named; `parameters` are those of the fit."""

    parameters: GjrParameters

    @abstractmethod
    def _innovations(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Draw standardised innovations, row by row."""

    def _continue(self, history: FloatArray, horizon: int, rng: np.random.Generator) -> FloatArray:
        variance = filtered_variance(self.parameters, self._one_asset(history))[-1]
        return self._paths(np.full(BLOCK, variance), horizon, rng)

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        return self._paths(np.full(BLOCK, self.parameters.variance), BURN_IN + horizon, rng)[:, BURN_IN:]

    def _forecast(self, series: FloatArray, draws: int, streams: list[np.random.Generator]) -> FloatArray:
        variance = filtered_variance(self.parameters, series)[-len(streams) - 1 : -1]
        innovations = np.stack([self._innovations(rng, (draws,)) for rng in streams])  # (days, draws)
        return np.asarray(self.parameters.mean + np.sqrt(variance)[:, None] * innovations, np.float64)

    def _paths(self, variance: FloatArray, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Roll one block and turn (horizon, BLOCK) into (BLOCK, horizon, 1)."""
        return roll(self.parameters, variance, self._innovations(rng, (horizon, BLOCK))).T[:, :, None]

    def _one_asset(self, history: FloatArray) -> FloatArray:
        if history.shape[1] != 1:
            raise ConfigError(self.kind, "assets", history.shape[1], "1: the model was fitted on one asset")
        return np.asarray(history[:, 0], np.float64)


@dataclass(frozen=True)
class FittedGjrT(FittedGjr):
    """Paths with Student-t innovations of variance 1."""

    kind: ClassVar[str] = "gjr-t"

    def _innovations(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        nu = self.parameters.degrees_of_freedom
        return np.asarray(rng.standard_t(nu, shape) * np.sqrt((nu - 2.0) / nu), np.float64)
