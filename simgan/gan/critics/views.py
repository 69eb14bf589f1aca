"""What every critic sees of a window of returns."""

from __future__ import annotations

from typing import Any

from keras import ops

Tensor = Any


def views(windows: Tensor) -> Tensor:
    """What the critic sees, shape (paths, days, 5).

    Returns and their size, sums over 5 and 20 days, and the log of the 20-day mean of |r|: without the longer scales the critic cannot
    tell paths whose aggregated returns or clusters of volatility are wrong.
    """
    size = ops.absolute(windows)
    return ops.stack(
        [
            ops.arcsinh(windows),
            ops.arcsinh(2.0 * size) - 1.0,
            ops.arcsinh(5.0**0.5 * _trailing_mean(windows, 5)),
            ops.arcsinh(20.0**0.5 * _trailing_mean(windows, 20)),
            2.0 * ops.log(_trailing_mean(size, 20) + 0.05) + 1.0,
        ],
        axis=-1,
    )


def _trailing_mean(values: Tensor, days: int) -> Tensor:
    padded = ops.pad(values, [[0, 0], [days - 1, 0]])
    return ops.average_pool(padded[..., None], days, 1, "valid")[..., 0]
