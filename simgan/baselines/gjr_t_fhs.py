"""GJR-GARCH with filtered historical simulation: the recursion of `gjr-t`, the innovations of history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.gjr_likelihood import fit_gjr
from simgan.baselines.gjr_recursion import GjrParameters, filtered_variance
from simgan.baselines.gjr_t import FittedGjr
from simgan.errors import TrainingError


@dataclass(frozen=True)
class GjrTFhs(Baseline):
    """Filtered historical simulation (Barone-Adesi, Giannopoulos & Vosper, 1999): the baseline that is hard to beat."""

    kind: ClassVar[str] = "gjr-t-fhs"

    def fit(self, log_returns: FloatArray) -> FittedGjrTFhs:
        """Fit twice: historical innovations are skewed, and the long-run variance is that of the sample only if γ knows by how much.

        The first fit gives the share of squared innovations that falls have, the second targets the variance with it.
        """
        first = fit_gjr(log_returns, self.kind)
        share = _negative_share(standardised_residuals(first, log_returns))
        parameters = fit_gjr(log_returns, self.kind, share)
        innovations = standardised_residuals(parameters, log_returns)
        simulated = parameters.alpha + parameters.gamma * _negative_share(innovations) + parameters.beta
        if not simulated < 1.0:
            raise TrainingError(f"{self.kind}: with historical innovations the variance grows by {simulated:.4f} a day; use gjr-t")
        return FittedGjrTFhs(parameters, innovations)


@dataclass(frozen=True)
class FittedGjrTFhs(FittedGjr):
    """Paths whose innovations are drawn from the standardised residuals of the fit.

    Attributes
    ----------
    innovations : array of shape (days,)
        Mean 0, variance 1.
    """

    innovations: FloatArray
    kind: ClassVar[str] = "gjr-t-fhs"

    def _innovations(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        return self.innovations[(rng.random(shape) * self.innovations.size).astype(np.intp)]


def standardised_residuals(parameters: GjrParameters, log_returns: FloatArray) -> FloatArray:
    """Return (r − μ)/σ of a sample of shape (days, 1), brought to mean 0 and variance 1: shape (days,)."""
    series = np.asarray(log_returns[:, 0], np.float64)
    raw = (series - parameters.mean) / np.sqrt(filtered_variance(parameters, series)[:-1])
    return np.asarray((raw - raw.mean()) / raw.std(), np.float64)


def _negative_share(innovations: FloatArray) -> float:
    return float(np.mean(innovations**2 * (innovations < 0.0)))
