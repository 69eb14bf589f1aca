"""GARCH with normal innovations, variance-targeted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.innovations import Normal
from simgan.baselines.likelihood import GARCH, estimate
from simgan.baselines.volatility import FittedVolatility, parametric


@dataclass(frozen=True)
class GarchNormal(Baseline):
    """GARCH(1,1) (Bollerslev 1986): clusters, but tails too thin and no leverage; the straw man of many comparisons, here for reference."""

    kind: ClassVar[str] = "garch-normal"

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Estimate by maximum likelihood under the law that will be simulated."""
        return parametric(self.kind, estimate(log_returns, self.kind, GARCH, Normal))
