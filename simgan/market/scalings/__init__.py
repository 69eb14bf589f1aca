"""Family of scalings: invertible maps of log returns to the input of the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self

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


SCALINGS: Registry[Scaling] = Registry(
    "scaling",
    {
        "standard": Entry("simgan.market.scalings.standard:Standard"),
        "lambert-w": Entry("simgan.market.scalings.lambert_w:LambertW"),
    },
)
