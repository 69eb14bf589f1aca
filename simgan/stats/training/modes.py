"""Are all modes of the real law there? Cells, how many of the fakes are in each, and how far the fakes spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree
from scipy.stats import binom, norm

from simgan.arrays import AnyFloatArray, FloatArray, IntArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.seeds import Seed

LEAST = 0.25  # part of what a mode should get: with significantly less it is lost
SIZE = 0.01  # chance that any mode that gets just that part is called lost
SHRUNK = (
    0.5  # spread of the fakes, in multiples of the real one, below which they are called shrunk
)

Cells = Callable[[AnyFloatArray], IntArray]  # points → number of their cell, −1 for none


@dataclass(frozen=True)
class Coverage:
    """How the fakes are distributed over the modes.

    Attributes
    ----------
    shares, expected : tuple of float
        Of the fakes and of the real ones in each mode.
    lost : tuple of int
        Modes with significantly less than a quarter of what they should have.
    p_values : tuple of float
        One-sided binomial, of at least that quarter.
    """

    shares: tuple[float, ...]
    expected: tuple[float, ...]
    lost: tuple[int, ...]
    p_values: tuple[float, ...]

    @property
    def covered(self) -> int:
        """Number of modes that are not lost."""
        return len(self.shares) - len(self.lost)

    @property
    def effective(self) -> float:
        """exp(entropy) of the shares: as many equally large modes are as concentrated."""
        p = np.array(self.shares)
        p = p[p > 0] / max(p.sum(), 1e-300)
        return float(np.exp(-(p @ np.log(p))))


@dataclass(frozen=True)
class Spread:
    """Spread of the fakes in multiples of the real one, with a 95 % interval; 1 is right."""

    value: float
    low: float
    high: float

    @property
    def is_shrunk(self) -> bool:
        """Whether it is significantly below a half."""
        return self.high < SHRUNK


def coverage(shares: AnyFloatArray, expected: AnyFloatArray, count: int) -> Coverage:
    r"""Test each mode for having at least a quarter of what it should.

    .. math:: p_i = P(B \le m s_i), \quad B \sim \mathrm{Bin}(m, e_i / 4), \qquad \text{lost if } p_i < 0.01 / \text{modes}

    Parameters
    ----------
    shares, expected : arrays of shape (modes,)
        Of the fakes and of the real ones.
    count : int
        m, the number of independent fakes behind the shares.

    Raises
    ------
    ConfigError
        A share is outside [0, 1], nothing is expected of a mode, or there is no fake.

    Notes
    -----
    With 1,000 fakes and four equal modes, one that gets a quarter of its share is called lost with a chance of at most .0025, one that gets
    half of it with less than 10⁻⁹; it takes 93 fakes to be able to call one of four modes lost that gets none.
    """
    found, wanted = np.asarray(shares, np.float64), np.asarray(expected, np.float64)
    if found.shape != wanted.shape or found.ndim != 1 or count < 1:
        raise ConfigError(
            "coverage",
            "shares, count",
            (found.shape, wanted.shape, count),
            "one share a mode and at least one fake",
        )
    if not ((found >= 0) & (found <= 1 + 1e-9) & (wanted > 0) & (wanted <= 1)).all():
        raise ConfigError(
            "coverage",
            "shares",
            (found.tolist(), wanted.tolist()),
            "from 0 to 1, and more than 0 expected",
        )
    p_values = binom.cdf(np.round(found * count), count, LEAST * wanted)
    lost = tuple(int(i) for i in np.flatnonzero(p_values < SIZE / found.size))
    return Coverage(tuple(found.tolist()), tuple(wanted.tolist()), lost, tuple(p_values.tolist()))


def mode_coverage(real: AnyFloatArray, fake: AnyFloatArray, cells: Cells, count: int) -> Coverage:
    """Coverage of `count` cells by fakes (n, …), all independent, of what the real ones have there."""
    return coverage(shares(cells(fake), count), shares(cells(real), count), len(fake))


def shares(numbers: IntArray, count: int) -> FloatArray:
    """Share of each cell; points in none count in the denominator."""
    return np.bincount(numbers[numbers >= 0], minlength=count) / len(numbers)


def about(centres: AnyFloatArray, within: float = np.inf) -> Cells:
    """Cells about known centres (modes, dimensions): a point belongs to the nearest one, or to none if all are farther than `within`."""
    tree = cKDTree(centres)

    def number(points: AnyFloatArray) -> IntArray:
        distance, nearest = tree.query(points)
        return np.where(distance <= within, nearest, -1)

    return number


def clusters(real: AnyFloatArray, count: int, seed: Seed) -> Cells:
    """Cells where no centres are known: about the means that k-means++ finds among real points (n, dimensions).

    References
    ----------
    Arthur & Vassilvitskii (2007), "k-means++: the advantages of careful seeding"; as in `scipy.cluster.vq.kmeans2`. The seed's stream
    is ``noise-floor``.
    """
    expect_shape(real, ("points", "dimensions"), "clusters")
    expect_finite(real, "clusters")
    centres, _ = kmeans2(
        np.asarray(real, np.float64), count, minit="++", rng=seed.stream("noise-floor", 3)
    )
    return about(centres)


def quantile_cells(real: AnyFloatArray, count: int) -> Cells:
    """Cells of a number, (n,), each with the same share of the real ones, from the lowest to the highest."""
    expect_shape(real, ("values",), "quantile_cells")
    expect_finite(real, "quantile_cells")
    edges = np.quantile(real, np.arange(1, count) / count)
    return lambda values: np.searchsorted(edges, values, side="right")


def spread(real: AnyFloatArray, fake: AnyFloatArray) -> Spread:
    r"""Root mean squared distance of the fakes from their mean over that of the real ones.

    .. math:: \frac{s_\mathrm{fake}}{s_\mathrm{real}}, \qquad
        \mathrm{se}\Bigl(\log \frac{s_f}{s_r}\Bigr)^2 = \frac14 \Bigl(\frac{v_f}{m\,s_f^4} + \frac{v_r}{n\,s_r^4}\Bigr)

    with v the variance of the squared distances (delta method).

    Parameters
    ----------
    real, fake : arrays of shape (n, dimensions) and (m, dimensions)
        Independent points.

    Raises
    ------
    ConfigError
        A shape is wrong, a number is not finite, or the real points do not vary.
    """
    means, errors = [], []
    for name, points in (("real", real), ("fake", fake)):
        expect_shape(points, ("points", "dimensions"), f"spread: {name}")
        expect_finite(points, f"spread: {name}")
        squares = (
            (np.asarray(points, np.float64) - points.mean(axis=0, dtype=np.float64)) ** 2
        ).sum(axis=1)
        means.append(squares.mean())
        errors.append((squares / squares.mean()).var() / len(squares) if squares.any() else 0.0)
    if not means[0] > 0:
        raise ConfigError("spread", "real", "points that do not vary", "real points that vary")
    ratio = np.sqrt(means[1] / means[0])
    width = float(np.exp(norm.ppf(0.975) * 0.5 * np.sqrt(sum(errors))))
    return Spread(float(ratio), float(ratio / width), float(ratio * width))
