"""Novelty: generated windows are neither copies of real ones nor of each other, and cover all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray, IntArray
from simgan.errors import ConfigError
from simgan.stats.windows import Windows, distances, every_window, expect_windows, standardised

NEIGHBOURS = 5
_ROWS = 256  # windows whose distances to all others are in memory at once


@dataclass(frozen=True)
class Neighbours:
    """The nearest of some windows to each of others.

    Attributes
    ----------
    distances : array of shape (windows,)
        Euclidean, between standardised windows.
    numbers : array of shape (windows,)
        Which of the windows it is.
    """

    distances: FloatArray
    numbers: IntArray

    @property
    def median(self) -> float:
        """Median distance."""
        return float(np.median(self.distances))


@dataclass(frozen=True)
class Library:
    """All windows of a length from some series, to look up the nearest of them.

    Each is standardised by its own mean and deviation, so that calm and wild ones count alike.
    """

    windows: Windows

    @classmethod
    def of(cls, paths: AnyFloatArray, length: int, most: int) -> Library:
        """Take the windows from every day on, of as many paths as hold `most` of them."""
        return cls(every_window(paths, length, most))

    @cached_property
    def _standardised(self) -> FloatArray:
        return standardised(self.windows.values)

    def nearest(self, queries: Windows, *, are_own: bool = False) -> Neighbours:
        """Find the nearest window to each query.

        Parameters
        ----------
        queries : Windows
        are_own : bool
            The queries come from the same series. Windows that share days with a query do not
            count as its neighbours.
        """
        wanted, held = standardised(queries.values), self._standardised
        squares = np.einsum("wd,wd->w", held, held)
        parts = []
        for first in range(0, len(wanted), _ROWS):
            rows = slice(first, first + _ROWS)
            apart = squares - 2.0 * wanted[rows] @ held.T  # but for the square of the query
            if are_own:
                apart[_shared(queries, self.windows, rows)] = np.inf
            chosen = apart.argmin(axis=1)
            parts.append(np.stack([apart[np.arange(len(apart)), chosen], chosen]))
        found, numbers = np.concatenate(parts, axis=1)
        apart = found + np.einsum("wd,wd->w", wanted, wanted)
        # below a millionth of a square the difference of two squares is rounding
        lengths = np.sqrt(np.where(apart < 1e-6 * queries.length, 0.0, apart))
        return Neighbours(lengths, numbers.astype(np.int64))


def _shared(queries: Windows, held: Windows, rows: slice) -> NDArray[np.bool_]:
    """Tell which held windows share days with which queries, shape (queries, held)."""
    same = queries.rows[rows, None] == held.rows
    near = np.abs(queries.starts[rows, None] - held.starts) < queries.length
    return np.asarray(same & near)


def memorisation_ratio(
    training: AnyFloatArray, held_out: AnyFloatArray, fake: AnyFloatArray
) -> float:
    """Ratio of two median distances to the nearest training window: generated over held out.

    Windows are standardised each by its own mean and deviation, so that calm and wild ones count
    alike. About 1 is right. Near 0 is copying.

    Parameters
    ----------
    training, held_out, fake : arrays of shape (windows, days)
        Log returns. The held-out windows share no day with those of the training.

    Raises
    ------
    ConfigError
        Lengths differ, or a value is not finite.
    """
    expect_windows(training, held_out, "memorisation_ratio")
    expect_windows(training, fake, "memorisation_ratio")
    library = Library(_as_windows(training))
    real, drawn = (library.nearest(_as_windows(windows)).median for windows in (held_out, fake))
    return drawn / real


def coverage(real: AnyFloatArray, fake: AnyFloatArray, k: int = NEIGHBOURS) -> float:
    r"""Share of real windows with a generated one nearer than their k-th real neighbour.

    .. math:: \frac1N \sum_i 1\big[\min_j |y_j - x_i| \le \mathrm{NND}_k(x_i)\big]

    Windows are standardised each by its own mean and deviation. If both samples have one law and
    are independent, `expected_coverage` is the mean.

    Parameters
    ----------
    real, fake : arrays of shape (windows, days)
        More than k real ones.
    k : int

    Raises
    ------
    ConfigError
        Lengths differ, a value is not finite, or there are too few windows.

    References
    ----------
    Naeem, Oh, Uh, Choi & Yoo (2020), "Reliable fidelity and diversity metrics for generative
    models", coverage.
    """
    expect_windows(real, fake, "coverage")
    if not 1 <= k < len(real):
        raise ConfigError("coverage", "k", k, f"from 1 to {len(real) - 1}, below the real windows")
    x, y = standardised(real), standardised(fake)
    return covered(distances(x, x), distances(x, y).min(axis=1), k)


def covered(own: FloatArray, to_fake: FloatArray, k: int = NEIGHBOURS) -> float:
    """Return the coverage from distances (windows, windows) and those to the nearest fake one."""
    radii = np.partition(own, k, axis=1)[:, k]  # a window is its own first neighbour
    return float(np.mean(to_fake <= radii))


def expected_coverage(n: int, m: int, k: int = NEIGHBOURS) -> float:
    r"""Mean coverage of n real windows by m generated ones of the same law.

    .. math:: 1 - \prod_{i<k} \frac{n - 1 - i}{n - 1 + m - i}

    All orders of the other windows by their distance are equally likely. The product is the chance
    that the first k of them are real.
    """
    places = np.arange(k)
    return float(1.0 - np.prod((n - 1.0 - places) / (n - 1.0 + m - places)))


def _as_windows(windows: AnyFloatArray) -> Windows:
    n, length = windows.shape
    return Windows(np.asarray(windows, np.float64), np.arange(n), np.zeros(n, np.int64), length)
