"""The forecast law of every day as a quantile function on one grid of probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError

_TAIL = np.concatenate(
    [10.0 ** (np.arange(-48, 1) / 12 - 1), [0.005, 0.01, 0.025, 0.05]]
)  # 12 points a decade from 10⁻⁵ on
_POINTS = np.concatenate([[0.0, 1.0], _TAIL, 1.0 - _TAIL, np.arange(11, 90) / 100])
# Fine where VaR, ES and PIT look, the usual levels among its points: ES of t₃ from 95 to 99 % are right within 0.1 %.
GRID = np.unique(_POINTS.round(9))


@dataclass(frozen=True)
class QuantileLaw:
    """Quantile functions of log returns, linear between the points of the grid and constant beyond its ends.

    Attributes
    ----------
    probabilities : array of shape (K,)
        Rising, within [0, 1]; at least two. `GRID` is one that serves.
    quantiles : array of shape (days, K)
        Log returns over the horizon, not falling along the grid; float32 is enough.

    Raises
    ------
    ConfigError
        The grid does not rise within [0, 1], the quantiles fall, shapes disagree, or a value is not finite.
    """

    probabilities: FloatArray
    quantiles: AnyFloatArray

    def __post_init__(self) -> None:
        expect_shape(self.probabilities, ("K",), "QuantileLaw")
        expect_shape(self.quantiles, ("days", "K"), "QuantileLaw")
        if self.quantiles.shape[1] != self.probabilities.size or self.probabilities.size < 2:
            shapes = (self.probabilities.shape, self.quantiles.shape)
            raise ConfigError("QuantileLaw", "shapes", shapes, "(K,) and (days, K), K at least 2")
        expect_finite(self.quantiles, "QuantileLaw")
        if not (
            (np.diff(self.probabilities) > 0).all()
            and self.probabilities[0] >= 0.0
            and self.probabilities[-1] <= 1.0
        ):
            raise ConfigError("QuantileLaw", "probabilities", "a grid", "rising, within [0, 1]")
        if (np.diff(self.quantiles, axis=1) < 0).any():
            raise ConfigError(
                "QuantileLaw", "quantiles", "some that fall", "not falling along the grid"
            )

    @classmethod
    def of(cls, scenarios: AnyFloatArray, probabilities: FloatArray = GRID) -> QuantileLaw:
        """Estimate the law of each day from draws (days, draws): the i-th of m in order is the quantile at (i − ½)/m (Hazen)."""
        expect_shape(scenarios, ("days", "draws"), "QuantileLaw")
        expect_finite(scenarios, "QuantileLaw")
        quantiles = np.quantile(
            np.asarray(scenarios, np.float64), probabilities, axis=1, method="hazen"
        ).T
        return cls(
            probabilities, np.maximum.accumulate(quantiles, axis=1).astype(np.float32)
        )  # interpolation may fall by a last bit

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.quantiles)

    def every(self, step: int) -> QuantileLaw:
        """Keep the first day and every `step`-th after it."""
        return QuantileLaw(self.probabilities, self.quantiles[::step])

    def quantile(self, u: FloatArray) -> FloatArray:
        """Turn probabilities of shape (…, days) into log returns of the same shape, each day by its own law."""
        return self.quantile_of(np.arange(self.days), u)

    def quantile_of(self, day: NDArray[np.intp], u: FloatArray) -> FloatArray:
        """Turn probabilities into log returns by the laws of the days with these numbers; shapes are broadcast."""
        grid = self.probabilities
        cell = np.clip(np.searchsorted(grid, u, side="right") - 1, 0, grid.size - 2)
        share = np.clip((u - grid[cell]) / (grid[cell + 1] - grid[cell]), 0.0, 1.0)
        left, right = (
            self.quantiles[day, cell].astype(np.float64),
            self.quantiles[day, cell + 1].astype(np.float64),
        )
        return np.asarray(left + share * (right - left), np.float64)

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """Draw one log return a day, shape (days,)."""
        return self.quantile(rng.random(self.days))
