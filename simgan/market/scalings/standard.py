"""Division by the standard deviation. The mean stays, because the generator learns the drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError, PriceError
from simgan.market.scalings import Scaling

MOST_SCALE = 100.0  # a price that changes by a factor of e¹⁰⁰ a day
LEAST_SCALE = 1e-12  # far below any traded price's movement, far above rounding of a constant one


@dataclass(frozen=True, kw_only=True)
class Standard(Scaling):
    """x / scale, with one scale per asset.

    Attributes
    ----------
    scale : tuple of float
        Standard deviation of the daily log return of each asset (about its mean, divisor n).
    """

    kind: ClassVar[str] = "standard"
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.scale or not all(LEAST_SCALE < s <= MOST_SCALE for s in self.scale):
            bounds = f"one number per asset, above {LEAST_SCALE:g} and at most {MOST_SCALE:g}"
            raise ConfigError("Standard", "scale", self.scale, bounds)

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

    def _like(self, values: AnyFloatArray) -> AnyFloatArray:
        if values.shape[-1:] != (len(self.scale),):
            raise ConfigError("Standard", "shape", values.shape, f"(…, {len(self.scale)})")
        return np.asarray(self.scale, values.dtype)  # (assets,)
