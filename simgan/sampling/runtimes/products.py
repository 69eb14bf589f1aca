"""Matrix products in pieces: rounding that depends neither on the threads of the linear algebra nor on what else is multiplied."""

from __future__ import annotations

import numpy as np

from simgan.arrays import Float32Array

_LARGEST = (
    1 << 18
)  # multiplications of a product that OpenBLAS leaves to one thread; it splits larger ones, and then rounds differently
_MOST_ROWS = 256


def product(values: Float32Array, kernel: Float32Array) -> Float32Array:
    """Values (…, paths, inputs) @ kernel (inputs, outputs), as many paths at a time as one thread multiplies; filled up at the end."""
    inputs, outputs = kernel.shape
    rows = 1 << max(min(_LARGEST // (inputs * outputs), _MOST_ROWS).bit_length() - 1, 0)
    *before, paths, _ = values.shape
    pieces = -(-paths // rows)
    filled = np.zeros((*before, pieces * rows, inputs), np.float32)
    filled[..., :paths, :] = values
    multiplied = filled.reshape(*before, pieces, rows, inputs) @ kernel
    return np.asarray(multiplied.reshape(*before, pieces * rows, outputs)[..., :paths, :])
