"""Series that are not like an index."""

from __future__ import annotations

import numpy as np

from simgan.market.history import History

DAYS = 2000


def history_of(log_returns: np.ndarray) -> History:
    dates = np.datetime64("2010-01-04") + np.arange(len(log_returns))
    return History(dates, log_returns[:, None], np.array([100.0]), ("ODD",))


def peg() -> np.ndarray:
    """It hardly ever moves, and is devalued once."""
    rng = np.random.default_rng(13)
    returns = np.where(rng.random(DAYS) < 0.15, 1e-4 * rng.standard_normal(DAYS), 0.0)
    returns[1500] = -0.4
    return returns


def carry() -> np.ndarray:
    """It gains a little every day, and falls by a tenth or a fifth once a year."""
    rng = np.random.default_rng(5)
    falls = (rng.random(DAYS) < 1 / 250) * rng.uniform(0.08, 0.25, DAYS)
    return 0.0006 + 0.0015 * rng.standard_normal(DAYS) - falls
