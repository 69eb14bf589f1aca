"""Where scenarios start: a memory per scenario of a block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from simgan.arrays import Float32Array, FloatArray, IntArray
from simgan.provenance import sha256_of_array
from simgan.sampling.latent import BLOCK, GROUP, normals
from simgan.sampling.runtimes import Runtime
from simgan.seeds import Seed

RUN_IN = 20  # days that set apart two scenarios which start from the same state of the pool


@dataclass(frozen=True)
class Start(ABC):
    """Gives the memories (2048, assets, W) with which the scenarios of a group begin, and the prices (assets,) at that time."""

    memory: Float32Array  # the state or states, (…, assets, W)
    initial_price: FloatArray

    @property
    def sha256(self) -> str:
        """Identity of the state."""
        return sha256_of_array(self.memory)

    def at_price(self, initial_price: FloatArray) -> Self:
        """Return the same state at another price."""
        return replace(self, initial_price=initial_price)

    @abstractmethod
    def memories(self, runtime: Runtime[Any], seed: Seed, group: int, rows: slice) -> Float32Array:
        """Memory before the first step of each scenario of the group; only `rows` of it are looked at."""


@dataclass(frozen=True)
class FromMemory(Start):
    """All scenarios continue the same history; memory (assets, W)."""

    def memories(self, runtime: Runtime[Any], seed: Seed, group: int, rows: slice) -> Float32Array:
        return np.tile(self.memory, (GROUP * BLOCK, 1, 1))


@dataclass(frozen=True)
class FromDays(Start):
    """Each scenario continues the history as it stood on one of several days, drawn evenly; memory (days, assets, W)."""

    def memories(self, runtime: Runtime[Any], seed: Seed, group: int, rows: slice) -> Float32Array:
        return np.asarray(self.memory[_drawn_evenly(len(self.memory), seed, group)])


@dataclass(frozen=True)
class FromLongRun(Start):
    """Each scenario starts from a long-run state of its own, then runs freely for 20 days that are thrown away.

    The memory holds all the states, (states, assets, W); state i is one of replica i mod R.
    """

    def memories(self, runtime: Runtime[Any], seed: Seed, group: int, rows: slice) -> Float32Array:
        replicas = runtime.blueprint.replicas
        own = _drawn_evenly(len(self.memory) // replicas, seed, group)
        states = (
            own * replicas + np.arange(len(own)) % replicas
        )  # a replica goes on from its own states
        _, memory = runtime.roll(
            self.memory[states],
            normals(seed, "free-run", group, rows, RUN_IN, runtime.blueprint.latent),
        )
        return memory


def _drawn_evenly(count: int, seed: Seed, group: int) -> IntArray:
    """A number below `count` for each scenario of a group, by a stream for each block."""
    blocks = range(group * GROUP, (group + 1) * GROUP)
    return np.concatenate(
        [seed.stream("start-state", block).integers(count, size=BLOCK) for block in blocks]
    )
