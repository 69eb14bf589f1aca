"""Assets of which one follows another by a day, because their markets close at other hours.

Seoul closes before New York opens. So the correlation of their returns of one day misses most of
the common moves, which come a day later. A model of days does not know them by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.market.history import History

_SIGNIFICANT = 3.0  # standard errors of a correlation
_LARGE = 0.1  # below it no risk changes much
_SHARE = 0.5  # of the correlation of the same day
_SHOWN = 2  # pairs of a sentence


def follows(log_returns: FloatArray) -> NDArray[np.bool_]:
    """Tell for each pair of assets whether that of the row follows that of the column by a day.

    The rank correlation with the day before is large, significant, and more than half of that of
    the same day.

    Parameters
    ----------
    log_returns : array of shape (days, assets)
        NaN where an asset did not trade.
    """
    return _follows(*_correlations(log_returns))


def _follows(same: FloatArray, later: FloatArray, counts: FloatArray) -> NDArray[np.bool_]:
    bound = np.maximum(_LARGE, _SIGNIFICANT / np.sqrt(np.maximum(counts, 1)))
    found = (np.abs(later) > bound) & (np.abs(later) > _SHARE * np.abs(same))
    np.fill_diagonal(found, val=False)
    return np.asarray(found, bool)


def followers(panel: History) -> str:
    """Name, in words, pairs of which one asset follows the other by a day, or return no text."""
    same, later, counts = _correlations(panel.log_returns)
    found = _follows(same, later, counts)
    pairs = sorted(np.argwhere(found).tolist(), key=lambda pair: -abs(later[*pair]))
    if not pairs:
        return ""
    each = [
        f"{panel.assets[one]} follows {panel.assets[other]} (rank correlation "
        f"{_two_digits(same[one, other])} on the same day, {_two_digits(later[one, other])} with "
        "the day before)"
        for one, other in pairs[:_SHOWN]
    ]
    more = len(pairs) - _SHOWN
    return (
        f"{' and '.join(each)}{f', and {more} more pairs' if more > 0 else ''}: the markets close "
        "at other hours. A model of moves of the same day makes risks of a long book over several "
        "days too small; learn with --set overlap=2, or from weekly prices"
    )


def _correlations(log_returns: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return rank correlations of the same day, and of one asset with another the day before.

    Returns
    -------
    three arrays of shape (assets, assets)
        The last one counts the days of the second. In it and in the second, the row is the asset of
        the later day.
    """
    known = np.isfinite(log_returns).astype(np.float64)
    scores = np.zeros_like(log_returns)
    for column, returns in enumerate(log_returns.T):
        days = np.isfinite(returns)
        ranks = returns[days].argsort(kind="stable").argsort(kind="stable").astype(np.float64)
        scores[days, column] = (ranks - ranks.mean()) / (ranks.std() or 1.0)
    counts = known[1:].T @ known[:-1]
    same = scores.T @ scores / np.maximum(known.T @ known, 1)
    return same, scores[1:].T @ scores[:-1] / np.maximum(counts, 1), counts


def _two_digits(correlation: float) -> str:
    return f"{correlation:.2f}".replace("0.", ".", 1).replace("-", "−")
