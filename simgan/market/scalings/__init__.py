"""Family of scalings: invertible maps of log returns to the input of the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.registry import Entry, Registry


class Scaling(ABC):
    """A frozen dataclass whose fields are the fitted numbers, which a bundle records.

    Each field of a member is a tuple with one number per asset, and no formula mixes assets: the
    assets of a history together give the same numbers as each alone.
    """

    kind: ClassVar[str]

    @classmethod
    @abstractmethod
    def fit(cls, log_returns: FloatArray) -> Self:
        """Learn the numbers from log returns of shape (days, assets)."""

    @abstractmethod
    def apply(self, log_returns: AnyFloatArray) -> AnyFloatArray:
        """Map log returns (…, assets) to scaled returns of the same shape and precision."""

    @abstractmethod
    def invert(self, scaled: AnyFloatArray) -> AnyFloatArray:
        """Map scaled returns of shape (…, assets) back to log returns."""

    def scaled_ranges(self, log_returns: FloatArray, ranges: FloatArray | None) -> FloatArray:
        """Return range variances (days, assets) as a memory takes them in, by default squares.

        Parameters
        ----------
        log_returns : array of shape (days, assets)
        ranges : array of shape (days, assets), optional
            Range variances. NaN marks a day that shows none.
        """
        return np.asarray(np.square(self.apply(log_returns)), np.float64)


SCALINGS: Registry[Scaling] = Registry(
    "scaling",
    {
        "standard": Entry("simgan.market.scalings.standard:Standard"),
        "lambert-w": Entry("simgan.market.scalings.lambert_w:LambertW"),
    },
)
