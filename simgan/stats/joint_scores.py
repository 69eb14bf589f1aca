"""The joint law of several assets, learned from the normal scores of their histories.

Each asset has its own generator by then, and normal scores of its returns. A joint law has
correlations that move, learned by likelihood, and the days of the history without them.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.seeds import Seed
from simgan.stats.co_movement import (
    FIRST_DAYS,
    CoMemory,
    HalfLives,
    completed,
    correlated,
    covariances_along,
    decorrelated,
    fit,
    long_run,
)

MARGINS = 71  # knots of the map that gives each asset normal scores
OUTERMOST = 3.5  # place of the last knot
SMOOTHING = 0.4  # share h of a day's scores that is noise
PLACES = np.linspace(-OUTERMOST, OUTERMOST, MARGINS)  # of the knots
_DRAWS = 100_000  # days of which the margins are taken


def learned(scores: FloatArray) -> tuple[HalfLives, dict[str, Float32Array]]:
    """Return the half lives of the correlations, and the weights of a joint law by their names.

    Parameters
    ----------
    scores : array of shape (days, N)
        Normal scores. NaN where an asset did not trade.

    Returns
    -------
    HalfLives
    dict
        ``target``, ``co_mix``, ``rows`` and ``margins``, as in `simgan.recipe.blueprints.joint`.
    """
    target = long_run(scores)
    whole = completed(scores, target, Seed(0).stream("untraded"))
    memory, mix = fit(CoMemory(target), whole)
    first = min(FIRST_DAYS, len(whole) // 2)
    settled, covariances = whole[first:], covariances_along(memory, whole, mix)[first:]
    rows = _white(decorrelated(covariances.copy(), settled))
    rows = rows[np.argsort(settled.mean(axis=1), kind="stable")]
    weights = {
        "target": target,
        "co_mix": mix,
        "rows": rows,
        "margins": _margins(rows, covariances, Seed(0).stream("joint-margins")),
    }
    rounded = {name: values.astype(np.float32) for name, values in weights.items()}
    return memory.half_lives, rounded


def _white(rows: AnyFloatArray) -> FloatArray:
    """Return rows (days, N) with mean 0, variance 1 and no correlation."""
    centred = rows - rows.mean(axis=0)
    root = np.linalg.cholesky(np.cov(centred.T, bias=True))
    return np.asarray(np.linalg.solve(root, centred.T).T, np.float64)


def _margins(rows: FloatArray, covariances: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the normal scores (N, MARGINS) of drawn scores at the places of the map.

    Scores are drawn from any row under the correlations of any other day.
    """
    picked, of_day = rng.integers(len(rows), size=(2, _DRAWS))
    chosen = rows[picked]
    news = smoothed(chosen, sizes_of(chosen), rng.standard_normal(chosen.shape))
    drawn = correlated(covariances[of_day], news)
    ranks = [np.searchsorted(np.sort(column), PLACES) for column in drawn.T]
    return np.asarray(ndtri((np.array(ranks) + 0.5) / (_DRAWS + 1)), np.float64)


def sizes_of(rows: AnyFloatArray) -> AnyFloatArray:
    """Return |e|, the root of the mean square of each row (n, N), of shape (n, 1)."""
    return np.asarray(np.sqrt(np.square(rows).mean(axis=1, keepdims=True)))


def smoothed(rows: AnyFloatArray, sizes: AnyFloatArray, noise: AnyFloatArray) -> AnyFloatArray:
    """Return √(1 − h²) e + h |e| ε (…, N), for rows e, their sizes (…, 1) and noise ε (…, N)."""
    kept, new = (rows.dtype.type(each) for each in (np.sqrt(1 - SMOOTHING**2), SMOOTHING))
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
