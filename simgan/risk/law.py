"""A forecast law known by its draws: everything that a walk-forward keeps of it, from one sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.risk.backtests.law import GRID


@dataclass(frozen=True)
class DrawnLaw:
    """Draws of one forecast law, in ascending order, shape (draws,); the same definitions as in `measures` and `scores`."""

    draws: FloatArray

    @classmethod
    def of(cls, draws: AnyFloatArray) -> Self:
        """Sort the draws.

        Raises
        ------
        ConfigError
            There are fewer than two, or one is not finite.
        """
        expect_shape(draws, ("draws",), "forecast law")
        expect_finite(draws, "forecast law")
        if len(draws) < 2:
            raise ConfigError("forecast law", "draws", len(draws), "at least 2")
        return cls(np.sort(np.asarray(draws, np.float64)))

    @cached_property
    def _running(self) -> FloatArray:
        """Sums of the i lowest draws, i from 0."""
        return np.concatenate([[0.0], np.cumsum(self.draws)])

    def value_at_risk(self, level: float) -> float:
        """Loss not exceeded with probability `level`, an order statistic; positive for a loss."""
        return -float(self.draws[self._tail(level)])

    def expected_shortfall(self, level: float) -> float:
        """Mean loss in the worst ``1 − level`` of the draws: VaR + E[(L − VaR)⁺] / (1 − level)."""
        tail, var = self._tail(level), self.value_at_risk(level)
        excess = max(
            -float(self._running[tail]) - tail * var, 0.0
        )  # Σ (L − VaR) over the draws beyond; of ties a last bit below 0
        return var + excess / len(self.draws) / (1.0 - level)

    def tail_measures(self, levels: Sequence[float]) -> list[float]:
        """VaR at each level, then ES at each."""
        return [
            measure(level)
            for measure in (self.value_at_risk, self.expected_shortfall)
            for level in levels
        ]

    def crps(self, realized: float) -> float:
        """Fair CRPS of what came, as `simgan.risk.scores.crps`."""
        m = len(self.draws)
        below = int(np.searchsorted(self.draws, realized))
        distance = (
            realized * (2 * below - m) - 2.0 * self._running[below] + self._running[m]
        )  # Σ |x − y|
        return float(distance / m - self._half_spread)

    def pit(self, realized: float) -> float:
        """Forecast probability of a return up to the one that came; ties count half, and it is never 0 or 1."""
        below, upto = (
            float(np.searchsorted(self.draws, realized, side)) for side in ("left", "right")
        )
        return ((below + upto) / 2.0 + 0.5) / (len(self.draws) + 1.0)

    def quantiles(self) -> FloatArray:
        """Quantile function on `simgan.risk.backtests.law.GRID`, as `QuantileLaw.of` estimates it: shape (K,)."""
        m = len(self.draws)
        return np.maximum.accumulate(np.interp(GRID, (np.arange(m) + 0.5) / m, self.draws))

    @cached_property
    def _half_spread(self) -> float:
        m = len(self.draws)
        return float(self.draws @ (2.0 * np.arange(1, m + 1) - m - 1.0) / (m * (m - 1.0)))

    def _tail(self, level: float) -> int:
        """How many draws lie beyond the VaR, which is the inverse of the losses' CDF: NumPy's ``inverted_cdf``."""
        if not 0.0 < level < 1.0:
            raise ConfigError(
                "forecast law", "level", level, "a coverage inside (0, 1), such as 0.99"
            )
        m = len(self.draws)
        return m - int(np.ceil(m * level))
