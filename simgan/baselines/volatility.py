"""A fitted volatility model: mean + σ z, with any recursion for σ and any law for z."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines.base import BLOCK, Continuation, FittedBaseline
from simgan.baselines.innovations import HistoricalInnovations, InnovationLaw
from simgan.baselines.likelihood import Estimate
from simgan.baselines.recursions import Recursion
from simgan.errors import ConfigError

# Steps from the long-run variance that a free run drops. A shock of half life 100 days falls to
# 1/1000 of its size in that time.
BURN_IN = 1000


@dataclass(frozen=True)
class FittedVolatility(FittedBaseline):
    """The model r = μ + σ z for one asset.

    σ moves by the recursion, and z is drawn from the law of the innovations.
    """

    kind: str
    mean: float
    recursion: Recursion
    innovations: InnovationLaw

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        variance = self.recursion.filtered(self._one_asset(log_returns) - self.mean)  # (days + 1,)

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            return self._paths(np.full(paths, variance[day]), horizon, rng)

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        # A moving average has no stationary law: it starts from the variance of the sample.
        burn_in = BURN_IN if self.recursion.persistence < 1.0 else 0
        variance = np.full(BLOCK, self.recursion.variance)
        return self._paths(variance, burn_in + horizon, rng)[:, burn_in:]

    def _paths(self, variance: FloatArray, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Roll paths from these variances and return them in shape (paths, horizon, 1)."""
        shocks = self.recursion.roll(variance, self.innovations.draw(rng, (horizon, len(variance))))
        shocks += self.mean
        return shocks.T[:, :, None]

    def _one_asset(self, history: FloatArray) -> FloatArray:
        if history.shape[1] != 1:
            raise ConfigError(
                self.kind, "assets", history.shape[1], "1: the model was fitted on one asset"
            )
        return np.asarray(history[:, 0], np.float64)


def parametric(kind: str, found: Estimate) -> FittedVolatility:
    """Return the model that draws its innovations from the estimated law."""
    return FittedVolatility(kind, found.mean, found.recursion, found.law)


def residuals(found: Estimate, log_returns: FloatArray) -> HistoricalInnovations:
    """Return the residuals of a fit as a law of mean 0 and variance 1.

    A targeted variance is kept only under innovations of variance 1.
    """
    return HistoricalInnovations.of_raw(raw_residuals(found, log_returns))


def raw_residuals(found: Estimate, log_returns: FloatArray) -> FloatArray:
    """Return (r − μ)/σ of the sample of a fit, of shape (days,)."""
    shocks = np.asarray(log_returns[:, 0], np.float64) - found.mean
    return np.asarray(shocks / np.sqrt(found.recursion.filtered(shocks)[:-1]), np.float64)
