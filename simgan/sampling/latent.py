r"""Latent noise: its addresses, and its tilting for rare scenarios.

The noise of a scenario is addressed by (model, seed, block). Scenario i is therefore the same for
every number of scenarios, process and format.

The map from (model, seed, i) to noise has versions, and the manifest of a bundle names its own. In
version 1 the model had no part in it: two models shared their noise under one seed, and their
scenarios moved together. Since version 2 the seed belongs to the model (`Seed.of`), by the identity
in its manifest. A bundle keeps its version for ever. A change of the map is a third version beside
these, for new bundles only.

Exponential tilting draws rare scenarios: normal scores of another mean and spread, with weights
that correct for it. With z' = θ + s z in the place of z, a path stands for

.. math:: w = \prod \frac{φ(z')}{φ((z' - θ)/s)/s} = \prod s\, e^{(z^2 - z'^2)/2}

paths of the untilted law (importance sampling; Glasserman 2003, "Monte Carlo Methods in Financial
Engineering", section 4.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from simgan.arguments import MOST, flag, whole
from simgan.arrays import Float32Array, FloatArray
from simgan.errors import ConfigError
from simgan.seeds import Seed

BLOCK = 256  # scenarios that share a stream of noise; another number changes every scenario
GROUP = 8  # blocks that are computed together
SIZE = GROUP * BLOCK  # scenarios of a group


def normals(
    seed: Seed, stream: str, group: int, rows: slice, steps: int, width: int
) -> Float32Array:
    """Return the noise (steps, 2048, width) of a group of blocks.

    `seed` is that of the model (`simgan.sampling.model.Model.seed_of`), not that of the user.

    The noise of a block comes step after step from a stream of its own, so that a shorter horizon
    is the beginning of a longer one. Blocks without any of `rows` are 0. The array always has room
    for the whole group: each scenario keeps its place in every array, and rounding cannot depend on
    the other scenarios of a call.
    """
    noise = np.zeros((steps, GROUP, BLOCK, width), np.float32)
    for place in range(rows.start // BLOCK, -(-rows.stop // BLOCK)):
        generator = seed.stream(stream, group * GROUP + place)
        noise[:, place] = generator.standard_normal((steps, BLOCK, width), dtype=np.float32)
    return noise.reshape(steps, SIZE, width)


@dataclass(frozen=True)
class BlockTilt:
    r"""Means of the noise by which several assets draw blocks of days.

    The formulas of the blocks stand with `simgan.recipe.blueprints.joint.Joint`. If the ζ of h
    steps of a block of W have the mean θ, then c has the mean :math:`θ h a / \sqrt W`, as steep as
    the sum of the scores rises with c. The v of a block has the mean `wildness`.

    Attributes
    ----------
    size : int
        Steps W of a block.
    column : int
        The column of the noise that is v. Those of c follow.
    wildness : float
    toward : tuple of float
        Direction a of length 1 in the space of decorrelated scores (assets,). The noise
        belongs to a runtime that is turned there by `JointRuntime.toward`. A low ζ is then a row
        that is low along a, and a high v is a block whose rows are large along a.
    """

    size: int
    column: int
    wildness: float
    toward: tuple[float, ...]

    def means(self, shift: float, steps: int) -> Iterator[tuple[int, Float32Array]]:
        """Yield the first step of each block, and the means (1 + assets,) of its v and c."""
        for first in range(0, steps, self.size):
            slope = shift * min(self.size, steps - first) / self.size**0.5
            of_means = (slope * weight for weight in self.toward)
            yield first, np.array([self.wildness, *of_means], np.float32)

    @property
    def columns(self) -> slice:
        """The columns of the noise that are v and c."""
        return slice(self.column, self.column + 1 + len(self.toward))


@dataclass(frozen=True)
class Tilt:
    """Mean θ and spread s of the normal scores. The default changes nothing.

    Only the first `columns` of the latent axis are tilted, by default all. Of several assets the
    noise of their blocks is tilted, too.
    """

    shift: float = 0.0
    spread: float = 1.0
    columns: int | None = None
    blocks: BlockTilt | None = None

    def of(self, noise: Float32Array) -> Float32Array:
        """Return noise (steps, paths, latent) with θ + s z in the tilted columns."""
        if self == NO_TILT:
            return noise
        tilted = noise.copy()
        tilted[..., : self.columns] = self._moved(noise[..., : self.columns])
        if self.blocks is not None:
            for first, means in self.blocks.means(self.shift, len(noise)):
                tilted[first, :, self.blocks.columns] += means
        return tilted

    def weights(self, noise: Float32Array) -> FloatArray:
        """Return the weight of each path from its untilted noise (steps, paths, latent).

        The weights have shape (paths,), and their mean over all paths is 1.
        """
        own = noise[..., : self.columns]
        squares = _squares(own, self._moved(own)).sum(axis=(0, 2))
        if self.blocks is not None:
            for first, means in self.blocks.means(self.shift, len(noise)):
                drawn = noise[first, :, self.blocks.columns]
                squares += _squares(drawn, drawn + means).sum(axis=1)
        scores = own.shape[0] * own.shape[2]
        return np.asarray(np.exp(0.5 * squares + scores * np.log(self.spread)))

    @property
    def record(self) -> list[float]:
        """The numbers that tell a tilt from any other of the same model."""
        blocks = self.blocks
        of_blocks = [] if blocks is None else [blocks.wildness, *blocks.toward]
        return [self.shift, self.spread, *of_blocks]

    def _moved(self, scores: Float32Array) -> Float32Array:
        return scores * np.float32(self.spread) + np.float32(self.shift)


def _squares(noise: Float32Array, tilted: Float32Array) -> FloatArray:
    """Return the squares of noise less those of tilted noise."""
    return np.square(noise, dtype=np.float64) - np.square(tilted, dtype=np.float64)


NO_TILT = Tilt()


@dataclass(frozen=True)
class Drawing:
    """The scenarios to draw: ``first … first + n − 1`` of the stream of `seed`.

    Attributes
    ----------
    n, horizon, first : int
        Number of scenarios, steps of each, and number of the first scenario.
    seed : Seed
    tilt : Tilt
        Of the noise. The default has none.
    stream : str
        Name of the stream of noise.
    regime : int, optional
        Number of the regime that the scenarios belong to.
    bars : bool
        Whether the scenarios have the shapes of their days, from which bars are made.

    Raises
    ------
    ConfigError
        A number is out of range.
    """

    n: int = 1000
    horizon: int = 21
    seed: Seed = field(default_factory=Seed)
    first: int = 0
    tilt: Tilt = NO_TILT
    stream: str = "latent"
    regime: int | None = None
    bars: bool = False

    def __post_init__(self) -> None:
        for name, least in (("n", 1), ("horizon", 1), ("first", 0)):
            object.__setattr__(self, name, whole(getattr(self, name), "sample", name, least))
        object.__setattr__(self, "bars", flag(self.bars, "sample", "bars"))
        if self.first + self.n > MOST:
            allowed = "such that numbers stay below 2^63 - 1"
            raise ConfigError("sample", "first", self.first, allowed)

    @property
    def groups(self) -> range:
        """Numbers of the groups that hold the scenarios."""
        return range(self.first // SIZE, (self.first + self.n - 1) // SIZE + 1)

    def rows(self, group: int) -> slice:
        """Return the rows of a group that belong to the drawing."""
        offset = group * SIZE
        return slice(max(self.first - offset, 0), min(self.first + self.n - offset, SIZE))
