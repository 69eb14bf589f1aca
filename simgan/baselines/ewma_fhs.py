"""Exponentially weighted variance with filtered historical simulation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.ewma import DECAY, moving_average
from simgan.baselines.innovations import Historical
from simgan.baselines.volatility import FittedVolatility, raw_residuals


@dataclass(frozen=True)
class EwmaFhs(Baseline):
    """Returns divided by their RiskMetrics volatility, drawn again at today's volatility (Hull & White 1998; Barone-Adesi et al. 1999)."""

    kind: ClassVar[str] = "ewma-fhs"
    decay: float = field(default=DECAY, metadata={"help": "λ, the weight of yesterday's variance"})

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Keep the residuals of the sample as they are: the average knows no long-run variance that they would have to keep.

        Their deviation is a little above 1, for the average lags behind; brought to 1, VaR would be too small.
        """
        found = moving_average(log_returns, self.kind, self.decay)
        return FittedVolatility(
            self.kind, found.mean, found.recursion, Historical(raw_residuals(found, log_returns))
        )
