"""The blueprint of several assets together: a generator for each, and a joint law of their scores.

It is no architecture to choose: a fit of several assets makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.errors import ConfigError
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.settings import setting
from simgan.stats.co_movement import CoMemory, HalfLives
from simgan.stats.joint_scores import MARGINS

_SEPARATOR = ":"


@dataclass(frozen=True, kw_only=True)
class Joint(Blueprint):
    r"""Several assets: each keeps its own generator, and the scores of a day are drawn together.

    The generator of an asset turns normal scores z into returns. Here the scores of a step t come
    from one day k of the history, a row of decorrelated scores e, for all N assets:

    .. math:: z_t = M\bigl(R_t^{1/2} (\sqrt{1 - h^2}\, (e_k - \bar e_s + s_s c_s / \sqrt W)
              + h\, |e_k|\, ε_t)\bigr), \qquad ε_t, c_s \sim N(0, 1)

    R are the correlations of `simgan.stats.co_movement`, which move with the scores, and
    :math:`R^{1/2}` is their Cholesky root. The rows e are the scores of the history under the root
    of their own day. A row keeps more than correlations: there are days on which all assets jump,
    and falls come together more than rises (filtered historical simulation of vectors; Barone-
    Adesi, Giannopoulos & Vosper 1999). The noise ε makes new days of them. Its size is that of the
    row, the root :math:`|e_k|` of its mean square, so that calm rows stay calm and wild ones wild.

    Unrest of one asset leads that of another one by days or weeks, and days that are drawn one by
    one lose this. So the days come in blocks, as in the block bootstrap (Künsch 1989; Politis &
    Romano 1994). W steps take the W rows from row s on, each of them once. The first row follows
    the last. With ζ and v of a standard normal law, and l rows left, s and the place of a step
    among the rows that are left are

    .. math:: s = \lfloor n\, Φ(v) \rfloor, \qquad \lfloor l\, Φ(ζ_t) \rfloor

    where v is that of the first step. Every step has each row with the same probability. The mean
    :math:`\bar e_s` of a block is chance, and a path that takes each row of it once would
    repeat that chance: the sum over a block would have the variance of few blocks of one
    history. So the mean is drawn anew, by the c of the first step and the size s, the root of
    the mean square of the rows of the block. With W = 1 there is no such mean. The rows of a
    block are drawn in any order, so the scores of an asset by itself hang together no more than
    in the history. Its own generator knows its clusters. Rows that are left stand in the order
    of their mean score under the correlations of the long run. So a low ζ is a day on which the
    market falls. A block begins with the first step of each call of a runtime. Paths that are
    rolled in parts have shorter blocks at the ends of parts, and the same law of each step.

    Volatilities move together without any return, too. So the noise of the factor of stochastic
    volatility has a part in common, :math:`\sqrt{ρ}\, u_t + \sqrt{1 - ρ}\, u_{it}`, where ρ is the
    weight ``in_common``.

    The map M gives each asset normal scores by themselves. It rises from knot to knot, and beyond
    the last by 1. So every asset has the law of its own generator. But for the factor, all that
    they have in common is in their scores. Correlations move with the scores before the map, whose
    variances are 1 exactly.

    Parameters
    ----------
    members : tuple of StateSpace
        The generators, as many as assets.
    rows : int
        Number n of days whose scores are kept, in the order of time.
    block : int
        Number W of steps whose days come from as many consecutive ones, at most n. A fit takes
        at most a fifth of n.
    smoothing : float
        Size h of the noise, from 0 to 1.
    pairs, spreads : tuple of float
        Half lives of the averages behind the correlations, in days.
    overlap : int
        2 if the correlations are those of scores as if all markets closed together
        (`simgan.stats.synchrony`), and 1 if they are those of the scores of a day.
    """

    members: tuple[StateSpace, ...]
    rows: int
    block: int
    smoothing: float
    pairs: tuple[float, ...] = setting((), "half lives of the products of scores, in days")
    spreads: tuple[float, ...] = setting((), "half lives of eigen-portfolios, in days")
    overlap: int = 1
    kind: ClassVar[str] = "joint"
    estimated: ClassVar[tuple[str, ...]] = ()

    @property
    def assets(self) -> int:
        """Number N of assets."""
        return len(self.members)

    @property
    def latent(self) -> int:
        # ζ, u, every ε, every u of its own, the noise of shapes, v, and every c
        return self.of_blocks + 1 + self.assets

    @property
    def factors(self) -> int:
        """Count of stochastic volatility factors, which all assets have in common."""
        return self.members[0].factors

    @property
    def of_scores(self) -> slice:
        """The columns of the noise that are ε, one for each asset."""
        return slice(1 + self.factors, 1 + self.factors + self.assets)

    @property
    def of_blocks(self) -> int:
        """The column of the noise that is v."""
        return self._first_of_shapes + sum(map(len, self._of_shapes))

    @property
    def of_means(self) -> slice:
        """The columns of the noise that are c, one for each asset."""
        return slice(self.of_blocks + 1, self.of_blocks + 1 + self.assets)

    def own_factors(self, column: int) -> slice:
        """Return the columns of the noise that are the u of one asset."""
        first = 1 + self.factors + self.assets + column * self.factors
        return slice(first, first + self.factors)

    @property
    def _first_of_shapes(self) -> int:
        return 1 + self.factors + self.assets * (1 + self.factors)

    @property
    def _of_shapes(self) -> list[range]:
        """The columns of the noise by which days lend their shapes to each asset."""
        counts = [member.latent - 1 - member.factors for member in self.members]
        ends = np.cumsum([self._first_of_shapes, *counts]).tolist()
        return [range(*pair) for pair in pairwise(ends)]

    def noise_of(self, column: int) -> list[int]:
        """Return the columns of the noise that a member rolls by. The first makes way for z."""
        return [1 + self.factors + column, *range(1, 1 + self.factors), *self._of_shapes[column]]

    @property
    def tilted(self) -> int:
        return 1  # ζ

    @property
    def replicas(self) -> int:
        return self.members[0].replicas

    @property
    def own_width(self) -> int:
        """Numbers per asset of the largest memory of a member. Smaller ones end in zeros."""
        return max(member.width for member in self.members)

    @property
    def width(self) -> int:
        return self.own_width + self.half_lives.width(self.assets)

    @property
    def half_lives(self) -> HalfLives:
        """Half lives of the averages behind the correlations."""
        return HalfLives(self.pairs, self.spreads)

    @property
    def unseen(self) -> int:
        return self.members[0].unseen

    @property
    def has_ranges(self) -> bool:
        return all(member.has_ranges for member in self.members)

    def co_memory(self, target: Float32Array) -> CoMemory:
        """Return the memory of correlations whose long run is the weight ``target``."""
        return CoMemory(np.asarray(target, np.float64), self.half_lives)

    def with_unseen(self, memory: Float32Array, normals: Float32Array) -> Float32Array:
        drawn = memory.copy()
        for column, member in enumerate(self.members):
            own = np.s_[..., column : column + 1, : member.width]
            drawn[own] = member.with_unseen(memory[own], normals)
        return drawn

    def rescaled(self, memory: Float32Array, factor: Float32Array) -> Float32Array:
        found = memory.copy()
        for column, member in enumerate(self.members):
            own = np.s_[..., column : column + 1, : member.width]
            found[own] = member.rescaled(memory[own], factor)
        return found

    def network(self) -> dict[str, tuple[int, ...]]:
        of_members = {
            name_of(name, column): shape
            for column, member in enumerate(self.members)
            for name, shape in member.network().items()
        }
        of_closes: dict[str, tuple[int, ...]] = {}
        if self.overlap > 1:
            of_closes = {"leads": (self.assets, self.assets), "sizes": (self.assets,)}  # A, d
        return (
            of_members
            | of_closes
            | {
                "target": (self.assets, self.assets),  # C
                "co_mix": (1 + self.half_lives.averages,),  # w
                "in_common": (1,),  # ρ
                "rows": (self.rows, self.assets),  # e
                "margins": (self.assets, MARGINS),  # knots of M
            }
        )

    def of_member(
        self, weights: Mapping[str, Float32Array], column: int
    ) -> dict[str, Float32Array]:
        """Return the weights of one member by their own names."""
        names = self.members[column].network()
        return {name: weights[name_of(name, column)] for name in names}

    def fault_of(self, weights: Mapping[str, Float32Array]) -> str:
        for column, member in enumerate(self.members):
            if fault := member.fault_of(self.of_member(weights, column)):
                return f"its asset {column + 1}: {fault}"
        return self._fault_of_law(weights)

    def _fault_of_law(self, weights: Mapping[str, Float32Array]) -> str:
        if self.smoothing > 1:
            return "the noise in the scores of a day is above 1"
        target, mix = weights["target"].astype(np.float64), weights["co_mix"]
        if not np.allclose(target, target.T) or np.linalg.eigvalsh(target)[0] <= 0:
            return "the correlations of its long run are not positive definite"
        if not ((mix >= 0).all() and mix.sum() > 0):
            return "a weight of its correlations is below 0, or all are 0"
        if not 0 <= weights["in_common"][0] <= 1:
            return "the common part of its volatility is not from 0 to 1"
        if (np.diff(weights["margins"]) < 0).any():
            return "the map of its scores falls"
        if self.overlap > 1 and not (weights["sizes"] > 0).all():
            return "a size of its synchronised scores is not above 0"
        return ""

    def expect_assets(self, assets: int) -> None:
        if assets != self.assets:
            raise ConfigError("model", "assets", assets, f"{self.assets}, those of the fit")


def name_of(name: str, column: int) -> str:
    """Return the name of a weight of the member in a column."""
    return f"{name}{_SEPARATOR}{column}"
