"""GJR-GARCH with filtered historical simulation: the recursion of `gjr-t`, the innovations of history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.innovations import StudentT
from simgan.baselines.likelihood import GJR, estimate
from simgan.baselines.recursions import Gjr
from simgan.baselines.volatility import FittedVolatility, residuals
from simgan.errors import TrainingError


@dataclass(frozen=True)
class GjrFhs(Baseline):
    """Filtered historical simulation (Barone-Adesi, Giannopoulos & Vosper, 1999): the baseline that is hard to beat."""

    kind: ClassVar[str] = "gjr-fhs"

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Fit twice: historical innovations are skewed, and the long-run variance is that of the sample only if γ knows by how much.

        The first fit gives the share of squared innovations that falls have, the second targets the variance with it.
        """
        first = estimate(log_returns, self.kind, GJR, StudentT)
        found = estimate(
            log_returns, self.kind, GJR, StudentT, residuals(first, log_returns).negative_share
        )
        innovations = residuals(found, log_returns)
        assert isinstance(found.recursion, Gjr)
        simulated = (
            found.recursion.alpha
            + found.recursion.gamma * innovations.negative_share
            + found.recursion.beta
        )
        if not simulated < 1.0:
            raise TrainingError(
                f"{self.kind}: with historical innovations the variance grows by {simulated:.4f} a day; use gjr-t"
            )
        return FittedVolatility(self.kind, found.mean, found.recursion, innovations)
