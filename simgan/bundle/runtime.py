"""The contract of a runtime: how a trained generator is computed, which never changes what it gives beyond rounding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from simgan.arrays import Float32Array
from simgan.bundle.blueprints import StateSpace


class Runtime(ABC):
    """Built from a blueprint and its weights."""

    kind: ClassVar[str]

    def __init__(self, blueprint: StateSpace, weights: dict[str, Float32Array]) -> None:
        self.blueprint, self.weights = blueprint, weights

    @abstractmethod
    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Run freely.

        Parameters
        ----------
        memory : array of shape (paths, W)
            Before the first step. Path i belongs to replica i mod R.
        noise : array of shape (steps, paths, latent)
            Standard normals.

        Returns
        -------
        paths : array of shape (paths, steps)
            Scaled returns.
        memory : array of shape (paths, W)
            After the last step.
        """
