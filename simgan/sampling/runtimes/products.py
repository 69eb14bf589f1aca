"""Matrix products in pieces, whose rounding depends on nothing but a row and its place.

Neither the threads of the linear algebra nor the other rows change a bit.
"""

from __future__ import annotations

import numpy as np

from simgan.arrays import Float32Array

# OpenBLAS leaves a product of so many multiplications to one thread. It splits larger ones among
# threads, and then rounds differently.
_LARGEST = 1 << 18
_MOST_ROWS = 256


def product(values: Float32Array, kernel: Float32Array) -> Float32Array:
    """Return values (…, paths, inputs) @ kernel (inputs, outputs).

    Every piece has as many paths as one thread multiplies, and zeros fill up the last.
    """
    inputs, outputs = kernel.shape
    rows = 1 << max(min(_LARGEST // (inputs * outputs), _MOST_ROWS).bit_length() - 1, 0)
    *before, paths, _ = values.shape
    pieces = -(-paths // rows)
    filled = np.zeros((*before, pieces * rows, inputs), np.float32)
    filled[..., :paths, :] = values
    multiplied = filled.reshape(*before, pieces, rows, inputs) @ kernel
    return np.asarray(multiplied.reshape(*before, pieces * rows, outputs)[..., :paths, :])
