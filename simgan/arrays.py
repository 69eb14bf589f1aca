"""Array types and the one check of shapes at the doors of public functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgan.errors import ConfigError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Float32Array = NDArray[np.float32]
AnyFloatArray = NDArray[np.floating]


def expect_shape(values: AnyFloatArray, axes: Sequence[str], owner: str) -> None:
    """Refuse an array whose number of axes is not that of `axes` or that is empty along one.

    Raises
    ------
    ConfigError
        Names the axes that were expected and the shape that came.
    """
    if values.ndim != len(axes) or 0 in values.shape:
        raise ConfigError(owner, "shape", values.shape, f"({', '.join(axes)}), none of them 0")


def expect_finite(values: AnyFloatArray, owner: str) -> None:
    """Refuse NaN and infinity. Statistics never skip them in silence."""
    bad = np.count_nonzero(~np.isfinite(values))
    if bad:
        raise ConfigError(
            owner, "values", f"{bad} of {values.size} not finite", "finite numbers only"
        )
