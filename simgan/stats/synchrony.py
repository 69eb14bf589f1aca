r"""Scores of assets as if their markets closed together.

Seoul closes before New York opens, so a part of its move comes a day later. The scores of all
assets are a moving average of news ε of one day each, with a matrix A of one lag:

.. math:: z_t = ε_t + A ε_{t-1}, \qquad \tilde z_t = (ε_t + A ε_t) / d

The synchronised scores have all news of a day on that day (Burns, Engle & Mezrich 1998,
"Correlations and volatilities of asynchronous data"). d makes them as large as scores.
ε can be found from the scores if the spectral radius of A is below 1, so A is held below it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray, whole_rows

_ROUNDS = 4  # of coefficients and news in turn
_RADIUS = 0.9  # largest spectral radius of |A|


def leads(scores: FloatArray, follows: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return how assets follow others by a day, and the sizes of the synchronised scores.

    Parameters
    ----------
    scores : array of shape (days, N)
        NaN where an asset did not trade.
    follows : array of shape (N, N)
        Whether the asset of a row follows that of a column. The other coefficients are 0.

    Returns
    -------
    array of shape (N, N)
        A, by least squares of each follower on the news of the assets that it follows. News depend
        on A where these follow others, too, so both are computed in turn. Where assets follow each
        other so much that the spectral radius of |A| exceeds 0.9, all of A is shrunk to it. News
        would grow from day to day otherwise.
    array of shape (N,)
        d, the root of the mean square of each asset.
    """
    found, news = np.zeros(follows.shape), scores
    for _ in range(_ROUNDS):
        found = _bounded(_regressed(scores, news, follows))
        news = _news(scores, found)
    together = synchronised(scores, found, np.ones(len(found)))
    return found, np.sqrt(np.nanmean(np.square(together), axis=0))


def _regressed(scores: FloatArray, news: FloatArray, follows: NDArray[np.bool_]) -> FloatArray:
    """Return the coefficients (N, N) of scores in the news of the day before."""
    found = np.zeros(follows.shape)
    for asset in np.flatnonzero(follows.any(axis=1)).tolist():
        others = np.flatnonzero(follows[asset])
        before, after = news[:-1, others], scores[1:, asset]
        known = whole_rows(before) & np.isfinite(after)
        found[asset, others] = np.linalg.lstsq(before[known], after[known], rcond=None)[0]
    return found


def _bounded(found: FloatArray) -> FloatArray:
    """Return coefficients (N, N) under which news do not grow.

    The radius of |A| bounds that of A without the assets that do not trade on a day.
    """
    radius = np.abs(np.linalg.eigvals(np.abs(found))).max()
    return np.asarray(found * (_RADIUS / max(radius, _RADIUS)), np.float64)


def _news(scores: FloatArray, led: FloatArray) -> FloatArray:
    """Return ε (days, N) of scores by A. It is NaN where an asset did not trade."""
    news = np.empty_like(scores)
    before = np.zeros(scores.shape[1])
    for day, today in enumerate(scores):
        news[day] = today - led @ before
        before = np.nan_to_num(news[day])
    return news


def synchronised(scores: FloatArray, following: AnyFloatArray, sizes: AnyFloatArray) -> FloatArray:
    """Return scores (days, N) that hold all news of a day, by A (N, N) and d (N,) of `leads`.

    They are NaN where an asset did not trade. Nothing is known of the news of such an asset.
    """
    led = following.astype(np.float64)
    news = _news(scores, led)
    return np.asarray((news + np.nan_to_num(news) @ led.T) / sizes, np.float64)
