"""Days with exact ranges: a GARCH law whose prices move as Brownian motion within a day."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray

GAP = 0.2  # share of a day's variance that lies in the gap
_ALPHA, _BETA, _FREEDOM, _RUN_IN = 0.08, 0.90, 6, 500


def ranged_paths(n: int, days: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Draw log returns (n, days) and shapes (n, days, 3).

    A day has a variance of its own, of which a fifth lies in the gap. After it the price is a
    Brownian motion. Given its end b, the law of its maximum m is that of (b + √(b² − 2 s² ln U))/2
    (a bridge; Karatzas & Shreve 1991, section 4.3.C). The minimum is drawn alike, by itself.
    """
    variance, returns = np.full(n, 1e-4), np.empty((_RUN_IN + days, n))
    shapes = np.empty((_RUN_IN + days, n, 3))
    for day in range(_RUN_IN + days):
        own = variance * (_FREEDOM - 2) / rng.chisquare(_FREEDOM, n)  # a Student's t in all
        gap = np.sqrt(GAP * own) * rng.standard_normal(n)
        returns[day], shapes[day] = _day(gap, (1 - GAP) * own, rng)
        variance = (1 - _ALPHA - _BETA) * 1e-4 + _ALPHA * returns[day] ** 2 + _BETA * variance
    return returns[_RUN_IN:].T.copy(), shapes[_RUN_IN:].swapaxes(0, 1).copy()


def _day(
    gap: FloatArray, variance: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return log returns (n,) and shapes (n, 3) of a day with gaps and variances after them."""
    body = np.sqrt(variance) * rng.standard_normal(len(gap))
    high, low = (
        (side * body + np.sqrt(body**2 - 2 * variance * np.log(rng.random(len(gap))))) / 2
        for side in (1, -1)
    )
    shapes = np.stack([gap, high - np.maximum(body, 0), low + np.minimum(body, 0)], axis=-1)
    return gap + body, shapes
