"""EGARCH with filtered historical simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.innovations import SkewT
from simgan.baselines.likelihood import EGARCH, estimate
from simgan.baselines.volatility import FittedVolatility, residuals


@dataclass(frozen=True)
class EgarchFhs(Baseline):
    """EGARCH(1,1,1) estimated under the skewed t law; news moves the logarithm of the variance, so that no crash explodes it.

    Its variance cannot be targeted in closed form: the long-run variance is what the estimates imply.
    """

    kind: ClassVar[str] = "egarch-fhs"

    def fit(self, log_returns: FloatArray) -> FittedVolatility:
        """Estimate by maximum likelihood, then draw from the standardised residuals."""
        found = estimate(log_returns, self.kind, EGARCH, SkewT)
        return FittedVolatility(
            self.kind, found.mean, found.recursion, residuals(found, log_returns)
        )
