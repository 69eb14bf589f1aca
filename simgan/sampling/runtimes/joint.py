"""Several assets together: joint scores first, then the paths of each asset by its own runtime.

The formulas are those of `simgan.recipe.blueprints.joint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import ClassVar, NamedTuple, Self

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle import Runtime
from simgan.market.shapes import PARTS
from simgan.recipe.blueprints.joint import Joint
from simgan.sampling.joint_law import JointLaw
from simgan.sampling.latent import BlockTilt
from simgan.sampling.runtimes.cpu import CpuRuntime
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed
from simgan.stats.co_movement import states
from simgan.stats.joint_scores import completed
from simgan.stats.synchrony import synchronised

_NUMBERS = 8192  # scores whose correlations are computed at a time, which stay in the cache


class Along(NamedTuple):
    """One asset along the days of a history of several.

    Attributes
    ----------
    memories : array of shape (days + 1, W)
        Before each day and after the last. They wait on days on which the asset did not trade.
    scores : array of shape (days,)
        Normal scores of its returns. NaN on these days.
    """

    memories: Float32Array
    scores: FloatArray


def along_each(
    runtimes: Sequence[NumpyRuntime], scaled: Float32Array, ranges: Float32Array
) -> list[Along]:
    """Return memories and scores of each asset along a history of several.

    Parameters
    ----------
    runtimes : sequence of NumpyRuntime
        Of each asset.
    scaled, ranges : arrays of shape (days, assets)
        Scaled returns and range variances. NaN on days on which an asset did not trade.
    """
    columns = zip(runtimes, scaled.T, ranges.T, strict=True)
    return [_along_days(runtime, *column) for runtime, *column in columns]


def _along_days(runtime: NumpyRuntime, scaled: Float32Array, ranges: Float32Array) -> Along:
    days = np.isfinite(scaled)
    known = runtime.along(scaled[days, None], ranges[days, None])[:, 0]
    scores = np.full(len(scaled), np.nan)
    scores[days] = runtime.scores(known[:-1], scaled[days])
    return Along(known[np.append(0, np.cumsum(days))], scores)


class JointRuntime(Runtime[Joint]):
    """A joint generator whose members run in NumPy, one step at a time."""

    kind: ClassVar[str] = "numpy"
    of_members: ClassVar[type[CpuRuntime | NumpyRuntime]] = NumpyRuntime

    def __init__(self, blueprint: Joint, weights: dict[str, Float32Array]) -> None:
        super().__init__(blueprint, weights)
        self._members = [
            self.of_members(member, blueprint.of_member(weights, column))
            for column, member in enumerate(blueprint.members)
        ]
        self._law = JointLaw(blueprint, weights)
        in_common = weights["in_common"]
        self._of_all, self._of_one = np.sqrt(in_common), np.sqrt(1 - in_common)

    def tilt_of_blocks(self, weights: FloatArray, wildness: float) -> BlockTilt:
        """Return the tilt of blocks that moves the sum of scores of weights (assets,)."""
        blueprint = self.blueprint
        toward = self._law.direction(weights)
        return BlockTilt(blueprint.block, blueprint.of_blocks, wildness, toward)

    def toward(self, direction: tuple[float, ...]) -> Self:
        turned = copy(self)
        turned._law = JointLaw(self.blueprint, self.weights, direction)
        return turned

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        """Return the memory (days + 1, assets, W) before each day of a history, and after the last.

        NaN marks the days on which an asset did not trade. Its own memory waits, and its scores are
        drawn from those of the others, always by the same noise.
        """
        sizes = np.square(scaled) if ranges is None else ranges
        members = [NumpyRuntime(member.blueprint, member.weights) for member in self._members]
        return self.together(along_each(members, scaled, sizes))

    def together(self, each: Sequence[Along]) -> Float32Array:
        """Return the memory (days + 1, assets, W) along a history by that of each asset."""
        blueprint, memory = self.blueprint, self._law.memory
        scores = np.stack([one.scores for one in each], axis=1)
        found = np.zeros((len(scores) + 1, blueprint.assets, blueprint.width), np.float32)
        for column, one in enumerate(each):
            found[:, column, : one.memories.shape[1]] = one.memories
        if blueprint.overlap > 1:
            scores = synchronised(scores, self.weights["leads"], self.weights["sizes"])
        whole = completed(scores, memory.target, Seed(0).stream("untraded"))
        for day, state in enumerate(states(memory, whole)):
            found[day, :, blueprint.own_width :] = memory.packed(state)
        return found

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        blueprint = self.blueprint
        blueprint.expect_assets(memory.shape[1])
        rolled = np.empty((len(memory), len(noise), blueprint.assets), np.float32)
        after = np.zeros_like(memory)
        scores, after[..., blueprint.own_width :] = self._scores(memory, noise)
        for column, runtime in enumerate(self._members):
            own, drawn = self._own(column, scores, noise)
            part, after[own] = runtime.roll(np.ascontiguousarray(memory[own]), drawn)
            rolled[..., column] = part[..., 0]
        return rolled, after

    def _own(
        self, column: int, scores: Float32Array, noise: Float32Array
    ) -> tuple[tuple[slice, slice, slice], Float32Array]:
        """Return the place of a member in a memory, and the noise (steps, paths, latent) of it."""
        blueprint = self.blueprint
        drawn, factors = noise[..., blueprint.noise_of(column)], slice(1, 1 + blueprint.factors)
        drawn[..., 0] = scores[..., column]
        drawn[..., factors] *= self._of_all
        drawn[..., factors] += self._of_one * noise[..., blueprint.own_factors(column)]
        width = blueprint.members[column].width
        return np.s_[:, column : column + 1, :width], drawn

    def _scores(
        self, memory: Float32Array, noise: Float32Array
    ) -> tuple[Float32Array, Float32Array]:
        """Return joint normal scores (steps, paths, assets), and the memory of them afterwards."""
        blueprint, law = self.blueprint, self._law
        of_blocks = noise[..., blueprint.of_blocks]
        days = law.days(noise[..., 0], of_blocks)
        of_means, of_scores = noise[..., blueprint.of_means], noise[..., blueprint.of_scores]
        scores = law.news(days, of_blocks, of_means, of_scores)
        after = np.empty((*memory.shape[:-1], blueprint.width - blueprint.own_width), np.float32)
        size = max(_NUMBERS // blueprint.assets, 1)
        for part in (slice(first, first + size) for first in range(0, len(memory), size)):
            state = law.memory.unpacked(memory[part, :, blueprint.own_width :])
            for step, news in enumerate(scores[:, part]):
                scores[step, part] = law.next(state, news)
            after[part] = law.memory.packed(state)
            scores[:, part] = law.normal(scores[:, part])
        return scores, after


class JointCpuRuntime(JointRuntime):
    """A joint generator whose members run with buffers."""

    kind: ClassVar[str] = "cpu"
    of_members: ClassVar[type[CpuRuntime | NumpyRuntime]] = CpuRuntime

    def shapes(
        self, memory: Float32Array, scaled: Float32Array, noise: Float32Array
    ) -> Float32Array:
        """Return the scaled shapes (paths, steps, assets, 3) of paths that any runtime has rolled.

        The arguments are those of `CpuRuntime.shapes`.
        """
        scores, _ = self._scores(memory, noise)
        found = np.empty((*scaled.shape, PARTS), np.float32)
        for column, runtime in enumerate(self._members):
            own, drawn = self._own(column, scores, noise)
            assert isinstance(runtime, CpuRuntime)
            of_asset = scaled[..., column : column + 1]
            parts = runtime.shapes(np.ascontiguousarray(memory[own]), of_asset, drawn)
            found[:, :, column] = parts[:, :, 0]
        return found
