"""Energy distance between real and generated windows, with a permutation test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.stats.windows import distances

PERMUTATIONS = 999
BLOCK = 250  # days
FEWEST_BLOCKS = 5
_FAKES_PER_REAL = 2  # blocks: more add little power and much time


@dataclass(frozen=True)
class EnergyTest:
    """An energy distance, and the share of permutations with one as large.

    Attributes
    ----------
    distance : float
        Of windows in units of the real deviation, at least 0.
    p_value : float
        At least 1/(permutations + 1).
    blocks : int
        Real blocks.
    """

    distance: float
    p_value: float
    blocks: int


def energy_test(
    real: AnyFloatArray,
    fake: AnyFloatArray,
    length: int,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> EnergyTest:
    r"""Test whether real and generated windows have one law.

    .. math:: 2 E|X - Y| - E|X - X'| - E|Y - Y'|

    A window is the path of its summed returns and of its summed sizes |r|, both in real standard
    deviations and divided by √length. Without the sizes the distance hardly sees clusters: sums of
    returns are nearly normal for any law. The distance needs no kernel and no bandwidth. A
    signature would need a depth as well. For endless samples it is zero only if both have one law.

    Real windows depend on each other. So blocks of 250 days are permuted, not windows. The windows
    of a block share no day. Each pair of blocks counts by its mean distance. Pairs of a block with
    itself count too, as in the V-statistic of the paper.

    Parameters
    ----------
    real : array of shape (days,)
        Log returns, at least five blocks.
    fake : array of shape (paths, days)
        Paths of a block at least.
    length : int
        Days of a window, at most a block.
    rng : numpy Generator
        Of the permutations.
    permutations : int

    Raises
    ------
    ConfigError
        There are too few days, they do not vary, or a value is not finite.

    References
    ----------
    Székely & Rizzo (2013), "Energy statistics: a class of statistics based on distances". The
    permutation of blocks is that of exchangeable groups: Winkler et al. (2015), "Multi-level block
    permutation".
    """
    apart, is_real = _compared(real, fake, length)
    orders = rng.permuted(np.tile(is_real, (permutations, 1)), axis=1)
    values = _energies(apart, np.concatenate([is_real[None], orders]))
    larger = int(np.count_nonzero(values[1:] >= values[0] - 1e-12))
    p_value = (1 + larger) / (1 + permutations)
    return EnergyTest(float(values[0]), p_value, int(is_real.sum()))


def energy_distance(real: AnyFloatArray, fake: AnyFloatArray, length: int) -> float:
    """Return the distance of `energy_test` without its test.

    Parameters
    ----------
    real : array of shape (days,)
    fake : array of shape (paths, days)
    length : int
        Days of a window.
    """
    apart, is_real = _compared(real, fake, length)
    return float(_energies(apart, is_real[None])[0])


def _compared(
    real: AnyFloatArray, fake: AnyFloatArray, length: int
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return distances between blocks (blocks, blocks), and which of the blocks are real."""
    expect_shape(real, ("days",), "energy_test")
    expect_shape(fake, ("paths", "days"), "energy_test")
    expect_finite(real, "energy_test")
    expect_finite(fake, "energy_test")
    fits = 2 <= length <= BLOCK <= fake.shape[1] and real.size >= FEWEST_BLOCKS * BLOCK
    if not fits or np.ptp(real) == 0.0:
        raise ConfigError(
            "energy_test",
            "days, length",
            (real.size, fake.shape, length),
            f"{FEWEST_BLOCKS} real blocks and paths of {BLOCK} days that vary, windows within them",
        )
    scale = float(real.std())
    ours = _blocks(np.asarray(real, np.float64)[None], length, scale)
    theirs = _blocks(np.asarray(fake, np.float64), length, scale)
    wanted = min(len(theirs), _FAKES_PER_REAL * len(ours))
    theirs = theirs[np.linspace(0, len(theirs) - 1, wanted).astype(np.intp)]
    apart = _block_distances(np.concatenate([ours, theirs]))
    return apart, np.arange(len(apart)) < len(ours)


def _blocks(paths: FloatArray, length: int, scale: float) -> FloatArray:
    """Cut paths into blocks of lifted windows, shape (blocks, windows, 2 · length)."""
    of_each = BLOCK // length
    blocks = paths.shape[1] // BLOCK
    kept = paths[:, -blocks * BLOCK :].reshape(-1, BLOCK)[:, : of_each * length]
    windows = kept.reshape(len(kept), of_each, length) / scale
    sums = [np.cumsum(values, axis=2) for values in (windows, np.abs(windows))]
    return np.asarray(np.concatenate(sums, axis=2) / np.sqrt(length))


def _block_distances(blocks: FloatArray) -> FloatArray:
    """Return mean distances between the windows of any two blocks, shape (blocks, blocks)."""
    n, of_each, size = blocks.shape
    points = blocks.reshape(-1, size)
    return np.stack(
        [
            distances(block, points).reshape(of_each, n, of_each).mean(axis=(0, 2))
            for block in blocks
        ]
    )


def _energies(apart: FloatArray, orders: NDArray[np.bool_]) -> FloatArray:
    """Return the energy distance under each order (orders, blocks) of the label real."""
    one = orders / orders.sum(axis=1, keepdims=True)
    other = ~orders / (~orders).sum(axis=1, keepdims=True)
    difference = one - other
    return np.asarray(-np.einsum("pi,pi->p", difference @ apart, difference))
