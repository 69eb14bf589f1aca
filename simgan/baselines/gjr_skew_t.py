"""GJR-GARCH with innovations of the skewed t law of Hansen, variance-targeted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.innovations import SkewT
from simgan.baselines.likelihood import GJR, estimate
from simgan.baselines.volatility import FittedVolatility, parametric


@dataclass(frozen=True)
class GjrSkewT(Baseline):
    """GJR-GARCH(1,1,1) whose falls have another tail than its gains."""

    kind: ClassVar[str] = "gjr-skew-t"

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Estimate by maximum likelihood under the law that will be simulated."""
        return parametric(self.kind, estimate(log_returns, self.kind, GJR, SkewT))
