"""The contract of a runtime: how a trained generator is computed, which never changes what it gives beyond rounding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.blueprints.base import LEVEL_FLOOR

Kind = TypeVar("Kind", bound=Blueprint)


class Runtime(ABC, Generic[Kind]):
    """Built from a blueprint and its weights; its kind is the name of the engine."""

    kind: ClassVar[str]
    is_blockwise: ClassVar[bool] = (
        False  # whether a path is the same to the bit when only its block of 256 is computed
    )

    def __init__(self, blueprint: Kind, weights: dict[str, Float32Array]) -> None:
        self.blueprint, self.weights = blueprint, weights

    def along(self, scaled: Float32Array) -> Float32Array:
        """Memory before each day of a history of scaled returns (days,) and after its last: (days + 1, W)."""
        return self.blueprint.along(scaled)

    def begin(self, memory: Float32Array, noise: Float32Array) -> Float32Array:
        """Memory (paths, W) before the first day, from that of the start state and the noise (run-in, paths, latent) before it.

        Where there is a run-in, the memory is its noise.
        """
        return (
            np.ascontiguousarray(noise.swapaxes(0, 1)).reshape(memory.shape)
            if self.blueprint.run_in
            else memory
        )

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

    def in_regime(self, memory: Float32Array, scaled: Float32Array, number: int) -> Float32Array:
        """Scaled returns (paths, steps) as they are under a regime, after memories (paths, W).

        The formula is that of `simgan.recipe.blueprints.base`. Path i belongs to replica i mod R.
        """
        shift, scale, slope = self.weights["regime"][
            np.arange(len(memory)) % self.blueprint.replicas, number
        ].T  # (paths,)
        sizes = 0.5 * np.log(self.blueprint.levels(memory, scaled) + LEVEL_FLOOR)  # (paths, steps)
        return np.asarray(
            shift[:, None] + np.exp(scale[:, None] + slope[:, None] * sizes) * scaled, np.float32
        )

    def by_replica(self, rows: Float32Array) -> Float32Array:
        """Rows (paths, width) as (R, paths of each, width): path i belongs to replica i mod R; the last is repeated to fill up."""
        replicas = self.blueprint.replicas
        missing = -len(rows) % replicas
        filled = np.concatenate([rows, np.repeat(rows[-1:], missing, 0)]) if missing else rows
        return np.ascontiguousarray(filled.reshape(-1, replicas, rows.shape[1]).swapaxes(0, 1))

    def by_path(self, values: Float32Array, paths: int) -> Float32Array:
        """(R, paths of each, width) as rows (paths, width): the inverse."""
        return np.ascontiguousarray(values.swapaxes(0, 1)).reshape(-1, values.shape[2])[:paths]
