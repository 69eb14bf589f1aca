"""Portfolios of the assets of a book, whose returns a report compares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.report.book.words import EQUAL, OWN
from simgan.seeds import Seed
from simgan.stats.moments import sums

LONG_SHORT = 16  # random portfolios
LEAST_WORTH = 0.01  # of the value at the start: what shorts lose beyond it has no log return

_MOST_GROWTH = 50.0  # log return beyond which a model has exploded, and numbers would overflow


@dataclass(frozen=True, eq=False)
class Portfolios:
    """Equal shares of all assets, the user's own shares, and long–short portfolios.

    Returns are log returns. That of a long–short portfolio is the one of its long side minus the
    one of its short side, both with shares of sum 1.

    Attributes
    ----------
    assets : int
    title : str
        Of the user's own shares. Empty without them.
    shares : array of shape (assets,), optional
        The user's own, of sum 1.
    is_rebalanced : bool
        Whether shares are restored every day. Otherwise assets are bought and held.
    """

    assets: int
    title: str = ""
    shares: FloatArray | None = None
    is_rebalanced: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the portfolios that have rows of their own."""
        return (EQUAL,) if self.shares is None else (EQUAL, OWN)

    @property
    def count(self) -> int:
        """Number of all portfolios."""
        return len(self.names) + LONG_SHORT

    @cached_property
    def weights(self) -> FloatArray:
        """Shares (2 · long–short portfolios + names, assets): long sides, short sides, names."""
        equal = np.full((1, self.assets), 1 / self.assets)
        own = np.empty((0, self.assets)) if self.shares is None else self.shares[None]
        drawn = Seed().stream("portfolios").standard_normal((LONG_SHORT, self.assets))
        drawn -= drawn.mean(axis=1, keepdims=True)
        sides = np.concatenate([np.maximum(drawn, 0.0), np.maximum(-drawn, 0.0)])
        return np.concatenate([sides / sides.sum(axis=1, keepdims=True), equal, own])

    def returns(self, log_returns: AnyFloatArray, steps: int) -> FloatArray:
        """Return the log returns of all portfolios over `steps` successive days, which overlap.

        Those of `names` come first, and then the long–short ones.

        Parameters
        ----------
        log_returns : array of shape (days, assets)
        steps : int

        Returns
        -------
        array of shape (portfolios, days − steps + 1)
        """
        of_assets = np.asarray(log_returns.T, np.float64)
        held = 1 if self.is_rebalanced else steps
        growth = np.expm1(np.minimum(sums(of_assets, held), _MOST_GROWTH))
        worth = 1.0 + self.weights @ growth
        found = sums(np.log(np.maximum(worth, LEAST_WORTH)), steps // held)
        long, short, named = np.split(found, [LONG_SHORT, 2 * LONG_SHORT])
        return np.concatenate([named, long - short])
