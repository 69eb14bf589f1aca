"""GJR-GARCH with Student-t innovations, variance-targeted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.innovations import StudentT
from simgan.baselines.likelihood import GJR, estimate
from simgan.baselines.volatility import FittedVolatility, parametric


@dataclass(frozen=True)
class GjrT(Baseline):
    """GJR-GARCH(1,1,1)-t: one asset, leverage, fat tails, memory of one half life."""

    kind: ClassVar[str] = "gjr-t"

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Estimate by maximum likelihood under the law that will be simulated."""
        return parametric(self.kind, estimate(log_returns, self.kind, GJR, StudentT))
