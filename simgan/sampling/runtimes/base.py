"""The contract of a runtime: how a trained generator is computed, which never changes what it gives beyond rounding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from simgan.arrays import Float32Array
from simgan.bundle.blueprints import StateSpace


class Runtime(ABC):
    """Built from a blueprint and its weights."""

    kind: ClassVar[str]

    def __init__(self, blueprint: StateSpace, weights: dict[str, Float32Array]) -> None:
        self.blueprint, self.weights = blueprint, weights

    @abstractmethod
    def roll(self, memory: Float32Array, latents: Iterable[Float32Array]) -> tuple[Float32Array, Float32Array]:
        """Run freely: one latent (paths, latent) a step → scaled paths (paths, steps) and the memory (paths, W) after them."""
