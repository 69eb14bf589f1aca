"""Exponentially weighted variance with filtered historical simulation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.ewma import DECAY, moving_average
from simgan.baselines.volatility import FittedVolatility, residuals


@dataclass(frozen=True)
class EwmaFhs(Baseline):
    """Returns divided by their RiskMetrics volatility, drawn again at today's volatility (Hull & White 1998; Barone-Adesi et al. 1999)."""

    kind: ClassVar[str] = "ewma-fhs"
    decay: float = field(default=DECAY, metadata={"help": "λ, the weight of yesterday's variance"})

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Keep the standardised residuals of the sample; the mean is 0."""
        found = moving_average(log_returns, self.kind, self.decay)
        return FittedVolatility(self.kind, found.mean, found.recursion, residuals(found, log_returns))
