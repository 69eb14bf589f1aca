"""Family of blueprints: the architectures of a generator, apart from any way to compute them.

A blueprint holds the settings of a generator, and the names and shapes of its weights. Training
(Keras) and sampling (NumPy) both build their generator from it. Every bundle is checked against its
blueprint before use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.errors import ConfigError, Words
from simgan.market.memory import Memory
from simgan.registry import Entry, Registry
from simgan.settings import Settings, setting

EFFECTS = 3  # numbers of a regime: d, a and b
LEVEL_FLOOR = 0.01  # keeps the logarithm of a level near zero finite
LEAKY_SLOPE = 0.2  # of the leaky ReLU, for negative values


@dataclass(frozen=True, kw_only=True)
class Blueprint(Settings, ABC):
    r"""A frozen dataclass whose fields are the settings of an architecture.

    A path under regime k is

    .. math:: r_t = d_k + e^{a_k + b_k ℓ_t}\, r'_t, \qquad
              ℓ_t = \tfrac12 \log(\text{level of the memory before day } t + .01)

    where r' is the path of the generator without a regime. The memory remembers r', and (d, a, b)
    are weights of the regime. With b below 0 a turbulent regime widens calm days more than days of
    a crisis, so that a path stays in the regime that was asked for.

    Attributes
    ----------
    regimes : int
        Number of regimes that paths can be asked for. 0 stands for none.
    scaling : str
        Kind of the scaling between log returns and the returns that the generator makes.
    estimated : tuple of str
        Weights that estimators set. No critic trains them.
    """

    regimes: int = setting(0, "", low=0)  # set by --regimes or --labels
    kind: ClassVar[str]
    scaling: ClassVar[str] = "standard"
    estimated: ClassVar[tuple[str, ...]]
    has_likelihood: ClassVar[bool] = False  # whether a warm start learns it before any critic

    @property
    @abstractmethod
    def latent(self) -> int:
        """Number of normal variables per day, those of all assets together."""

    @property
    def tilted(self) -> int:
        """Number of those variables that make rare returns likely, the first of them."""
        return self.latent

    @property
    def replicas(self) -> int:
        """Number R of models in the mixture: path i runs under replica i mod R."""
        return 1

    @property
    def run_in(self) -> int:
        """Number of days of noise before the first day of a path.

        Above 0 the memory consists of these days of noise and holds nothing of a history.
        """
        return 0

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers W of the memory per asset."""

    @property
    def unseen(self) -> int:
        """Count of the numbers of a memory, per asset, that no history shows."""
        return 0

    def with_unseen(self, memory: Float32Array, normals: Float32Array) -> Float32Array:
        """Return memories (…, assets, W) after a history with the unseen numbers drawn.

        The normal scores have shape (…, 1, unseen), for all assets together.
        """
        return memory

    def rescaled(self, memory: Float32Array, factor: Float32Array) -> Float32Array:
        """Return memories (…, assets, W) after returns whose variance is multiplied by a factor.

        Raises
        ------
        ConfigError
            The memory is a state of the network.
        """
        if self.run_in:
            return memory  # noise
        allowed = f"left out: {self.kind} keeps no memory that scales with the returns"
        raise ConfigError("sample", "level_uncertainty", Words("True"), allowed)

    @abstractmethod
    def network(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name, without those of regimes."""

    @property
    def trained(self) -> tuple[str, ...]:
        """Weights that likelihood or critic train, without those of regimes."""
        return tuple(name for name in self.network() if name not in self.estimated)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight by name."""
        return self.network() | (
            {"regime": (self.replicas, self.regimes, EFFECTS)} if self.regimes else {}
        )

    def fault_of(self, weights: Mapping[str, Float32Array]) -> str:
        """Say in which way weights of the right shape are no generator, or return no text."""
        return ""

    def expect_assets(self, assets: int) -> None:
        """Refuse a number of assets that the architecture cannot generate together.

        Raises
        ------
        ConfigError
            There is more than one asset.
        """
        if assets != 1:
            raise ConfigError(
                "architecture",
                "assets",
                assets,
                f"1: {self.kind} makes the returns of one asset; choose one column (--column)",
            )

    def levels(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        """Return the remembered variance before each day of paths, by default 1.

        Parameters
        ----------
        memory : array of shape (paths, assets, W)
            Before the first day.
        scaled : array of shape (paths, steps, assets)
            Scaled returns.

        Returns
        -------
        array of shape (paths, steps, assets)
        """
        return np.ones_like(scaled)

    @property
    def has_ranges(self) -> bool:
        """Whether the memory holds ranges, and generated days have shapes."""
        return False

    def with_ranges(self, are_known: bool) -> Blueprint:
        """Return the blueprint for a history that shows the ranges of its days, or does not."""
        return self

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        """Return the part of the memories along a history that depends on no weight.

        Parameters
        ----------
        scaled : array of shape (days, assets)
            Scaled returns.
        ranges : array of shape (days, assets), optional
            Scaled range variances. Most architectures take no notice of them.

        Returns
        -------
        array of shape (days + 1, assets, W)
            Before each day and after the last, by default zeros.
        """
        days, assets = scaled.shape
        return np.zeros((days + 1, assets, self.width), np.float32)

    @classmethod
    def owner(cls) -> str:
        return "architecture"


class MemoryBlueprint(Blueprint):
    """A blueprint whose state is the volatility memory of `simgan.market.memory`.

    The settings of the memory are fields of the members, which choose the defaults.
    """

    half_lives: tuple[float, ...]
    trends: tuple[float, ...]
    guard: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.memory  # refuses half lives that are not in order

    @property
    def memory(self) -> Memory:
        """The memory with the settings of the blueprint."""
        return Memory(self.half_lives, self.trends, self.guard, self.has_ranges)

    @property
    def width(self) -> int:
        return self.memory.width

    def levels(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        return self.memory.levels(memory, scaled)

    def rescaled(self, memory: Float32Array, factor: Float32Array) -> Float32Array:
        end = self.memory.width  # what follows has no unit
        known = self.memory.rescaled(memory[..., :end], factor)
        return np.concatenate([known, memory[..., end:]], axis=-1)

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        return self.memory.along(scaled, ranges)


BLUEPRINTS: Registry[Blueprint] = Registry(
    "architecture",
    {
        "state-space": Entry("simgan.recipe.blueprints.state_space:StateSpace"),
        "mlp": Entry("simgan.recipe.blueprints.mlp:Mlp"),
        "recurrent": Entry("simgan.recipe.blueprints.recurrent:Recurrent"),
        "tcn": Entry("simgan.recipe.blueprints.tcn:Tcn"),
    },
)
