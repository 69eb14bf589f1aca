"""From daily log returns to sums over several days, and from one history to windows."""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError


def sums(paths: AnyFloatArray, steps: int) -> FloatArray:
    """Return the overlapping sums of `steps` successive log returns.

    Parameters
    ----------
    paths : array of shape (…, horizon)
        Log returns. A sum never crosses from one path to the next.
    steps : int
        From 1 to the horizon.

    Returns
    -------
    array of shape (…, horizon − steps + 1)
        Overlapping sums are dependent: `horizon` days hold only ``horizon / steps`` independent
        ones.

    Raises
    ------
    ConfigError
        `steps` does not fit into the horizon.
    """
    values = np.asarray(paths, np.float64)
    if not 1 <= steps <= values.shape[-1]:
        raise ConfigError("sums", "steps", steps, f"from 1 to the horizon {values.shape[-1]}")
    if steps == 1:
        return values
    totals = np.cumsum(values, axis=-1)
    totals[..., steps:] -= totals[..., :-steps].copy()
    return totals[..., steps - 1 :]


def windows(log_returns: AnyFloatArray, horizon: int, stride: int) -> FloatArray:
    """Cut a history into windows, so that real and fake can be compared at equal length.

    Statistics that subtract each path's own mean are biased by O(1/horizon): only equal lengths
    compare.

    Parameters
    ----------
    log_returns : array of shape (days,)
        The last window ends on the last day.
    horizon, stride : int
        Length of a window, and days from one start to the next. Windows overlap if the stride is
        smaller.

    Returns
    -------
    array of shape (windows, horizon)

    Raises
    ------
    ConfigError
        The history is shorter than one window, or the stride is not positive.
    """
    days = log_returns.shape[0]
    if log_returns.ndim != 1 or not 1 <= horizon <= days:
        raise ConfigError(
            "windows",
            "horizon",
            horizon,
            f"from 1 to the days of one series, here of shape {log_returns.shape}",
        )
    if stride < 1:
        raise ConfigError("windows", "stride", stride, "at least 1")
    cut = np.lib.stride_tricks.sliding_window_view(np.asarray(log_returns, np.float64), horizon)
    return cut[(days - horizon) % stride :: stride]
