"""PITs as normal numbers."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from simgan.arrays import FloatArray

EDGE = 1e-6  # PITs of finitely many draws can be 0 or 1, where logarithms and normal quantiles are infinite


def inside(pits: FloatArray) -> FloatArray:
    """Move PITs of any shape into [10⁻⁶, 1 − 10⁻⁶]."""
    return np.clip(pits, EDGE, 1.0 - EDGE)


def normal_scores(pits: FloatArray) -> FloatArray:
    """Turn PITs into standard normal numbers of the same shape (Rosenblatt 1952)."""
    return np.asarray(ndtri(inside(pits)), np.float64)
