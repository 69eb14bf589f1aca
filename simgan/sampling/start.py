"""Where scenarios start: a memory per scenario of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simgan.arrays import Float32Array
from simgan.sampling.latent import BLOCK, latents
from simgan.sampling.runtimes import Runtime
from simgan.seeds import Seed

RUN_IN = 20  # days that set apart two scenarios which start from the same state of the pool


class Start(Protocol):
    """Gives the memories (1024, 2K) with which a block begins."""

    def memories(self, runtime: Runtime, seed: Seed, block: int) -> Float32Array:
        """Memory before the first step of each scenario of the block."""
        ...


@dataclass(frozen=True)
class FromMemory:
    """All scenarios continue the same history."""

    memory: Float32Array  # (2K,)

    def memories(self, runtime: Runtime, seed: Seed, block: int) -> Float32Array:
        return np.tile(self.memory, (BLOCK, 1))


@dataclass(frozen=True)
class FromLongRun:
    """Each scenario starts from a long-run state of its own, then runs freely for 20 days that are thrown away."""

    pool: Float32Array  # (states, 2K)

    def memories(self, runtime: Runtime, seed: Seed, block: int) -> Float32Array:
        rows = seed.stream("start-state", block).integers(len(self.pool), size=BLOCK)
        _, memory = runtime.roll(self.pool[rows], latents(seed, "free-run", block, RUN_IN, runtime.blueprint.latent))
        return memory
