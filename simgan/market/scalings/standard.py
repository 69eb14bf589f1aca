"""Division by the standard deviation. The mean stays, because the generator learns the drift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError, PriceError
from simgan.market.scalings import Scaling

MOST_SCALE = 100.0  # a price that changes by a factor of e¹⁰⁰ a day
MOST_RANGE = 1e6  # times the mean square; a range of high and low is near it
LEAST_SCALE = 1e-12  # far below any traded price's movement, far above rounding of a constant one


@dataclass(frozen=True, kw_only=True)
class Standard(Scaling):
    """x / scale, with one scale per asset.

    Attributes
    ----------
    scale : tuple of float
        Standard deviation of the daily log return of each asset (about its mean, divisor n).
    ranges : tuple of float
        Mean range variance of each asset, in units of its mean squared log return on the same days.
        It is empty where the ranges of days are not used.
    """

    kind: ClassVar[str] = "standard"
    scale: tuple[float, ...]
    ranges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.scale or not all(LEAST_SCALE < s <= MOST_SCALE for s in self.scale):
            bounds = f"one number per asset, above {LEAST_SCALE:g} and at most {MOST_SCALE:g}"
            raise ConfigError("Standard", "scale", self.scale, bounds)
        if not all(1 / MOST_RANGE <= size <= MOST_RANGE for size in self.ranges):
            bounds = f"one number per asset, from {1 / MOST_RANGE:g} to {MOST_RANGE:g}, or none"
            raise ConfigError("Standard", "ranges", self.ranges, bounds)

    @classmethod
    def fit(cls, log_returns: FloatArray) -> Self:
        """Take the standard deviation of each asset.

        Raises
        ------
        PriceError
            The log returns of an asset do not vary.
        """
        expect_shape(log_returns, ("days", "assets"), "Standard")
        expect_finite(log_returns, "Standard")
        # Each asset by itself: a sum across columns would round by their number.
        scale = np.ascontiguousarray(log_returns.T).std(axis=-1)  # (assets,)
        still = np.flatnonzero(~(scale > LEAST_SCALE))
        if still.size:
            raise PriceError(
                f"the log returns of asset {still[0] + 1} do not vary; "
                "choose another column or period"
            )
        return cls(scale=tuple(scale.tolist()))

    def apply(self, log_returns: AnyFloatArray) -> AnyFloatArray:
        return log_returns / self._like(log_returns)

    def invert(self, scaled: AnyFloatArray) -> AnyFloatArray:
        return scaled * self._like(scaled)

    def with_ranges(self, log_returns: FloatArray, ranges: FloatArray) -> Self:
        """Return the scaling with the mean of range variances (days, assets), NaN where unknown."""
        is_known = np.isfinite(ranges)
        squares, sizes = (
            np.where(is_known, part, 0.0).T.copy().sum(axis=-1)
            for part in (np.square(log_returns), ranges)
        )  # (assets,)
        return replace(self, ranges=tuple((sizes / squares).tolist()))

    def scaled_ranges(self, log_returns: FloatArray, ranges: FloatArray | None) -> FloatArray:
        """Return range variances (days, assets) that have the mean of the scaled squares.

        A day without a range has its square.
        """
        squares = super().scaled_ranges(log_returns, ranges)
        if ranges is None or not self.ranges:
            return squares
        scaled = ranges / np.square(self._like(ranges)) / np.asarray(self.ranges)
        return np.asarray(np.where(np.isfinite(scaled), scaled, squares), np.float64)

    def _like(self, values: AnyFloatArray) -> AnyFloatArray:
        if values.shape[-1:] != (len(self.scale),):
            raise ConfigError("Standard", "shape", values.shape, f"(…, {len(self.scale)})")
        return np.asarray(self.scale, values.dtype)  # (assets,)
