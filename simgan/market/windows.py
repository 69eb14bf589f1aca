"""Windows: overlapping stretches of real log returns."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray, expect_shape
from simgan.errors import ConfigError, PriceError


def windows(log_returns: FloatArray, horizon: int) -> FloatArray:
    """Return every stretch of `horizon` consecutive days, as a read-only view.

    Parameters
    ----------
    log_returns : array of shape (days, assets)
        Log returns per day.
    horizon : int
        Days per window, at least 1.

    Returns
    -------
    array of shape (days − horizon + 1, horizon, assets)
        Window i begins at day i. No memory is copied.

    Raises
    ------
    PriceError
        The history is shorter than one window.

    Examples
    --------
    >>> windows(np.array([[0.1], [0.2], [0.3]]), horizon=2)[:, :, 0].tolist()
    [[0.1, 0.2], [0.2, 0.3]]
    """
    expect_shape(log_returns, ("days", "assets"), "windows")
    if horizon < 1:
        raise ConfigError("windows", "horizon", horizon, "at least 1")
    if horizon > len(log_returns):
        raise PriceError(
            f"{len(log_returns)} log returns hold no window of {horizon} days; "
            "use a longer history or a shorter horizon"
        )
    # (windows, assets, horizon)
    stretches = np.lib.stride_tricks.sliding_window_view(log_returns, horizon, axis=0)
    return np.moveaxis(stretches, -1, 1)  # (windows, horizon, assets)
