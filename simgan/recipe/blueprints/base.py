"""The contract of a blueprint: settings of a generator, and names and shapes of its weights. A bundle is checked against it before use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.market.memory import Memory
from simgan.settings import Settings, setting

EFFECTS = 3  # numbers that a regime has
LEVEL_FLOOR = 0.01  # keeps the logarithm of a level near zero finite


@dataclass(frozen=True, kw_only=True)
class Blueprint(Settings, ABC):
    r"""A frozen dataclass whose fields are the settings of an architecture.

    A path that is asked to run under regime k is

    .. math:: r_t = d_k + e^{a_k + b_k ℓ_t}\, r'_t, \qquad ℓ_t = \tfrac12 \log(\text{level of the memory before day } t + .01)

    with r' the path of the generator without a regime, which the memory remembers, and (d, a, b) weights of the regime: with b below 0 a
    turbulent one makes more of calm days than of those in a crisis, and a path stays what it was asked to be.

    Attributes
    ----------
    regimes : int
        Regimes that paths can be asked for; 0 for none.
    scaling : str
        The kind of scaling between log returns and what the generator makes.
    estimated : tuple of str
        Weights that estimators set, and no critic.
    """

    regimes: int = setting(0, "", low=0)  # set by --regimes or --labels
    kind: ClassVar[str]
    scaling: ClassVar[str] = "standard"
    estimated: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def latent(self) -> int:
        """Normal variables per day."""

    @property
    def replicas(self) -> int:
        """Models R of the mixture: path i runs under replica i mod R."""
        return 1

    @property
    def run_in(self) -> int:
        """Days of noise before the first day of a path; above 0 the memory is made of them, and knows nothing of a history."""
        return 0

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers W of the memory."""

    @abstractmethod
    def network(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by name, without those of regimes."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by name."""
        return self.network() | (
            {"regime": (self.replicas, self.regimes, EFFECTS)} if self.regimes else {}
        )

    def levels(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        """Variance that is remembered before each day of paths (paths, steps), from memories (paths, W) on; by default 1."""
        return np.ones_like(scaled)

    def along(self, scaled: Float32Array) -> Float32Array:
        """Memory before each day of a history of scaled returns (days,) and after its last, as far as it depends on no weight.

        Returns
        -------
        array of shape (days + 1, W)
            By default zeros.
        """
        return np.zeros((len(scaled) + 1, self.width), np.float32)

    @classmethod
    def owner(cls) -> str:
        return "architecture"


class Remembering(Blueprint):
    """A blueprint whose state is the volatility memory of `simgan.market.memory`, whose numbers are fields of the members."""

    half_lives: tuple[float, ...]
    trends: tuple[float, ...]
    guard: float

    @property
    def memory(self) -> Memory:
        """What the generator knows of the days before."""
        return Memory(self.half_lives, self.trends, self.guard)

    @property
    def width(self) -> int:
        return self.memory.width

    def levels(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        return self.memory.levels(memory, scaled)

    def along(self, scaled: Float32Array) -> Float32Array:
        return self.memory.along(scaled)
