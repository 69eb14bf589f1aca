"""The hand-over from training to sampling: bundles on disk, and the contract of a runtime.

A runtime is one way to compute a trained generator. Runtimes differ in speed and in rounding, and
in nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.recipe.blueprints import LEVEL_FLOOR, Blueprint

Kind = TypeVar("Kind", bound=Blueprint, covariant=True)


class Runtime(ABC, Generic[Kind]):
    """A generator with its weights, ready to run. Its kind is the name of the engine.

    Attributes
    ----------
    is_blockwise : bool
        Whether the bits of a path stay the same when only its block of 256 paths is computed.
    works_in_processes : bool
        Whether several processes can each have the runtime.
    """

    kind: ClassVar[str]
    is_blockwise: ClassVar[bool] = False
    works_in_processes: ClassVar[bool] = True

    def __init__(self, blueprint: Kind, weights: dict[str, Float32Array]) -> None:
        self.blueprint, self.weights = blueprint, weights

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        """Return the memory before each day of a history and after its last.

        Parameters
        ----------
        scaled : array of shape (days, assets)
            Scaled returns.
        ranges : array of shape (days, assets), optional
            Scaled range variances, for a memory that holds them.

        Returns
        -------
        array of shape (days + 1, assets, W)
        """
        return self.blueprint.along(scaled, ranges)

    def begin(self, memory: Float32Array, noise: Float32Array) -> Float32Array:
        """Return the memory (paths, assets, W) before the first day of paths.

        Where the blueprint has a run-in, the memory is the noise of the run-in.

        Parameters
        ----------
        memory : array of shape (paths, assets, W)
            Of the start state.
        noise : array of shape (run-in, paths, latent)
            Before the first day.
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
        memory : array of shape (paths, assets, W)
            Before the first step. Path i belongs to replica i mod R.
        noise : array of shape (steps, paths, latent)
            Standard normals.

        Returns
        -------
        paths : array of shape (paths, steps, assets)
            Scaled returns.
        memory : array of shape (paths, assets, W)
            After the last step.

        Raises
        ------
        ConfigError
            The generator cannot make so many assets.
        """

    def in_regime(self, memory: Float32Array, scaled: Float32Array, number: int) -> Float32Array:
        """Return the paths as they are under a regime, by the formula of `Blueprint`.

        Parameters
        ----------
        memory : array of shape (paths, assets, W)
            Before the first step. Path i belongs to replica i mod R.
        scaled : array of shape (paths, steps, assets)
            Scaled returns without a regime.
        number : int
            Of the regime.
        """
        shift, scale = self.regime_effects(memory, scaled, number)
        moved = shift + scale * scaled
        return np.asarray(np.where(scaled == 0, 0, moved), np.float32)  # a still day stays one

    def regime_effects(
        self, memory: Float32Array, scaled: Float32Array, number: int
    ) -> tuple[Float32Array, Float32Array]:
        """Return the shift (paths, 1, 1) and the scale (paths, steps, assets) of `in_regime`."""
        replicas = np.arange(len(memory)) % self.blueprint.replicas
        effects = self.weights["regime"][replicas, number]  # (paths, 3)
        shift, scale, slope = effects.T[:, :, None, None]  # (paths, 1, 1) each
        sizes = 0.5 * np.log(self.blueprint.levels(memory, scaled) + LEVEL_FLOOR)
        return shift, np.exp(scale + slope * sizes)

    def rows(self, memory: Float32Array) -> Float32Array:
        """Return the memory (paths, assets, W) of a generator of one asset as rows (paths, W).

        Raises
        ------
        ConfigError
            There are more assets than the generator makes.
        """
        self.blueprint.expect_assets(memory.shape[-2])
        return memory.reshape(-1, memory.shape[-1])

    def by_replica(self, values: Float32Array) -> Float32Array:
        """Return values (paths, …) as (R, paths of each, …): path i belongs to replica i mod R.

        Copies of the last path fill the replicas up to equal numbers.
        """
        replicas = self.blueprint.replicas
        missing = -len(values) % replicas
        filled = np.concatenate([values, np.repeat(values[-1:], missing, 0)]) if missing else values
        each = filled.reshape(-1, replicas, *values.shape[1:])
        return np.ascontiguousarray(each.swapaxes(0, 1))

    def by_path(self, values: Float32Array, paths: int) -> Float32Array:
        """Return (R, paths of each, …) as values (paths, …): the inverse of `by_replica`."""
        each = np.ascontiguousarray(values.swapaxes(0, 1))
        return each.reshape(-1, *values.shape[2:])[:paths]
