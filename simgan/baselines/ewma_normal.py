"""RiskMetrics: exponentially weighted variance, normal innovations, mean 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.ewma import DECAY, moving_average
from simgan.baselines.volatility import FittedVolatility, parametric


@dataclass(frozen=True)
class EwmaNormal(Baseline):
    """The standard of 1996: quick to react, tails too thin."""

    kind: ClassVar[str] = "ewma-normal"
    decay: float = field(default=DECAY, metadata={"help": "λ, the weight of yesterday's variance"})

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Only the variance to begin with is taken from the sample."""
        return parametric(self.kind, moving_average(log_returns, self.kind, self.decay))
