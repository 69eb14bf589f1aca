"""The joint law of several assets, learned from the normal scores of their histories.

Each asset has its own generator by then, and normal scores of its returns. A joint law has
correlations that move, learned by likelihood, and the days of the history without them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.seeds import Seed
from simgan.stats.co_movement import (
    FIRST_DAYS,
    RIDGE,
    CoMemory,
    HalfLives,
    covariances_along,
    decorrelated,
    long_run,
    roots_of,
)
from simgan.stats.co_movement_fit import fit

MARGINS = 81  # knots of the map that gives each asset normal scores
OUTERMOST = 8.0  # place of the last knot
BLOCK_DAYS = 60  # most W, steps whose days come from as many consecutive ones
_OF_ROWS = 5  # blocks that fit into the rows, at least
SMOOTHING = 0.2  # h, the spread of the noise in a day's scores over that of the scores
_OF_MEANS, _OF_SPREADS = 0.02, 0.02  # widths of the classes of means, and of logs of spreads
_CENTRES = np.arange(-12.0, 12.01, _OF_MEANS)
PLACES = np.linspace(-OUTERMOST, OUTERMOST, MARGINS)  # of the knots
_QUARTER = 60  # days
_DRAWS = 100_000  # days of which the margins are taken


def learned(
    scores: FloatArray, smoothing: float = SMOOTHING, most: int = BLOCK_DAYS
) -> tuple[HalfLives, dict[str, Float32Array]]:
    """Return the half lives of the correlations, and the weights of a joint law by their names.

    Parameters
    ----------
    scores : array of shape (days, N)
        Normal scores. NaN where an asset did not trade.
    smoothing : float
        The size h of the noise in the scores of a day, above 0 and at most 1.
    most : int
        Most days of a block. Few rows have shorter ones (`block_size`).

    Returns
    -------
    HalfLives
    dict
        ``target``, ``co_mix``, ``in_common``, ``rows`` and ``margins``, as in
        `simgan.recipe.blueprints.joint`.
    """
    target = long_run(scores)
    whole = completed(scores, target, Seed(0).stream("untraded"))
    memory, mix = fit(CoMemory(target), whole)
    first = min(FIRST_DAYS, len(whole) // 2)
    settled, covariances = whole[first:], covariances_along(memory, whole, mix)[first:]
    rows = _white(decorrelated(covariances.copy(), settled))
    weights = {
        "target": target,
        "co_mix": mix,
        "in_common": np.array([in_common(whole)]),
        "rows": rows,
        "margins": _margins(
            rows,
            covariances,
            smoothing,
            block_size(len(rows), most),
            Seed(0).stream("joint-margins"),
        ),
    }
    rounded = {name: values.astype(np.float32) for name, values in weights.items()}
    return memory.half_lives, rounded


def completed(scores: FloatArray, target: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return scores (days, N) in which the assets that did not trade have drawn ones.

    They are normal, given the other scores of the day, with the correlations (N, N) of the long
    run. So the memory of an asset that was listed lately holds nothing but the long run.
    """
    found = scores.copy()
    missing = ~np.isfinite(scores)
    for day in np.flatnonzero(missing.any(axis=1)):
        out = missing[day]
        of_known = np.linalg.solve(target[np.ix_(~out, ~out)], target[np.ix_(~out, out)])
        spread = target[np.ix_(out, out)] - target[np.ix_(out, ~out)] @ of_known
        root = np.linalg.cholesky(spread + RIDGE * np.eye(len(spread)))
        found[day, out] = scores[day, ~out] @ of_known + root @ rng.standard_normal(len(spread))
    return found


def _white(rows: AnyFloatArray) -> FloatArray:
    """Return rows (days, N) with mean 0, variance 1 and no correlation."""
    centred = rows - rows.mean(axis=0)
    ridge = RIDGE * np.eye(rows.shape[1])
    root = np.linalg.cholesky(np.cov(centred.T, bias=True) + ridge)
    return np.asarray(np.linalg.solve(root, centred.T).T, np.float64)


def in_common(scores: FloatArray) -> float:
    """Return how far the sizes of scores (days, N) move together over months, from 0 to 1.

    It is twice the mean correlation of two assets in their averages of squared scores, over a half
    life of a quarter. Half of such an average is noise, which has no correlation.
    """
    from scipy.signal import lfilter

    averages = lfilter([1.0], [1.0, -(0.5 ** (1.0 / _QUARTER))], np.square(scores), axis=0)
    settled = averages[min(2 * _QUARTER, len(scores) // 2) :]
    varying = settled[:, settled.std(axis=0) > 0]
    rows, columns = np.triu_indices(varying.shape[1], 1)
    if not len(rows):
        return 0.0
    correlations = np.asarray(np.corrcoef(varying.T))[rows, columns]
    return float(np.clip(2 * correlations.mean(), 0.0, 1.0))


def block_size(rows: int, most: int = BLOCK_DAYS) -> int:
    """Return the number W of days of a block, at most a fifth of the rows."""
    return max(min(most, rows // _OF_ROWS), 1)


class BlockMeans(NamedTuple):
    """Means of the blocks of rows, and how they would vary by chance.

    A block of one row keeps its row, and so both count as 0.

    Attributes
    ----------
    means : array of shape (n, N)
        Of the block that begins with each row. The first row follows the last.
    spreads : array of shape (n, N)
        The root of the mean square of these rows, over √W.
    """

    means: FloatArray
    spreads: FloatArray

    @classmethod
    def of(cls, rows: AnyFloatArray, size: int) -> BlockMeans:
        """Take those of blocks of so many rows (n, N)."""
        if size == 1:
            return cls(np.zeros(rows.shape), np.zeros(rows.shape))
        squares = _circular_means(np.square(rows, dtype=np.float64), size)
        return cls(_circular_means(rows, size), np.sqrt(squares / size))


def _circular_means(rows: AnyFloatArray, size: int) -> FloatArray:
    ends = np.concatenate([np.zeros_like(rows[:1]), rows, rows[:size]])
    sums = np.cumsum(ends, axis=0, dtype=np.float64)
    return np.asarray((sums[size : size + len(rows)] - sums[: len(rows)]) / size)


def _margins(
    rows: FloatArray,
    covariances: FloatArray,
    smoothing: float,
    size: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the normal scores (N, MARGINS) of drawn scores at the places of the map.

    The score of a row under the correlations of a day is normal, because its noise is, and the mean
    of its block. So the law of all rows in any blocks and under any days is a mixture, and the map
    is known beyond the largest score.
    """
    roots, deviations = roots_of(covariances.copy())
    roots /= deviations[..., None]
    rounds = [rng.permutation(len(rows)) for _ in range(-(-_DRAWS // len(rows)))]
    kept, numbers, found = np.sqrt(1 - smoothing**2), len(rows), []
    blocks, of_noise = BlockMeans.of(rows, size), smoothing * sizes_of(rows)
    for days in rounds:
        firsts = (np.arange(numbers) - rng.integers(size, size=numbers)) % numbers
        centred = kept * (rows - blocks.means[firsts])
        means = (roots[days] @ centred[..., None])[..., 0]
        variances = np.square(roots[days]) @ np.square(kept * blocks.spreads[firsts])[..., None]
        found.append((means, np.sqrt(variances[..., 0] + np.square(of_noise))))
    means, spreads = (np.concatenate(each) for each in zip(*found, strict=True))
    return np.stack([_mixture(*each) for each in zip(means.T, spreads.T, strict=True)])


def _mixture(means: FloatArray, spreads: FloatArray) -> FloatArray:
    """Return the normal scores (MARGINS,) of a mixture of normal laws at the places of the map.

    Means (n,) and logarithms of spreads (n,) are rounded to classes.
    """
    rounded = np.rint(np.log(spreads) / _OF_SPREADS)
    side = np.where(PLACES < 0, 1, -1)  # that of the smaller tail, which is exact
    shares = np.zeros(MARGINS)
    for kind in np.unique(rounded):
        counts = _counts(means[rounded == kind])
        scaled = (PLACES[:, None] - _CENTRES) / np.exp(_OF_SPREADS * kind)
        shares += ndtr(side[:, None] * scaled) @ counts
    return np.asarray(side * ndtri(shares / len(means)), np.float64)


def _counts(means: FloatArray) -> FloatArray:
    """Return how many of the means (n,) are next to each centre."""
    places = np.rint((means - _CENTRES[0]) / _OF_MEANS).astype(np.intp)
    inside = np.clip(places, 0, len(_CENTRES) - 1)
    return np.asarray(np.bincount(inside, minlength=len(_CENTRES)), np.float64)


def sizes_of(rows: AnyFloatArray) -> AnyFloatArray:
    """Return |e|, the root of the mean square of each row (n, N), of shape (n, 1)."""
    return np.asarray(np.sqrt(np.square(rows).mean(axis=1, keepdims=True)))


def smoothed(
    rows: AnyFloatArray, sizes: AnyFloatArray, noise: AnyFloatArray, smoothing: float
) -> AnyFloatArray:
    """Return √(1 − h²) e + h |e| ε (…, N) of rows e, their sizes (…, 1), noise ε (…, N) and h."""
    kept, new = (rows.dtype.type(each) for each in (np.sqrt(1 - smoothing**2), smoothing))
    return np.asarray(kept * rows + new * sizes * noise, rows.dtype)


def normal(values: AnyFloatArray, margins: AnyFloatArray) -> AnyFloatArray:
    """Return M(values): normal scores of each asset (…, N), by the knots (N, MARGINS) of its map.

    Between knots, which are evenly spaced, the map is linear. Beyond the last it rises by 1.
    """
    kind = values.dtype.type
    inside = np.clip(values, kind(-OUTERMOST), kind(OUTERMOST))
    place = (inside + kind(OUTERMOST)) * kind((MARGINS - 1) / (2 * OUTERMOST))
    left = np.minimum(place.astype(np.intp), MARGINS - 2)
    place -= left.astype(values.dtype)
    left += MARGINS * np.arange(len(margins))
    knots = margins.astype(values.dtype).ravel()
    below = knots[left]
    return np.asarray(below + place * (knots[left + 1] - below) + (values - inside))
