"""GARCH with Student-t innovations, variance-targeted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.innovations import StudentT
from simgan.baselines.likelihood import GARCH, estimate
from simgan.baselines.volatility import FittedVolatility, parametric


@dataclass(frozen=True)
class GarchT(Baseline):
    """GARCH(1,1)-t (Bollerslev 1987): clusters and fat tails, no leverage."""

    kind: ClassVar[str] = "garch-t"

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Estimate by maximum likelihood under the law that will be simulated."""
        return parametric(self.kind, estimate(log_returns, self.kind, GARCH, StudentT))
