"""Provenance of a result: hashes and library versions."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

LIBRARIES = ("simgan", "tensorflow", "keras", "numpy", "pandas", "scipy", "arch")


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that shape a fit, as far as they are installed."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def sha256_of_facts(facts: Mapping[str, object]) -> str:
    """SHA-256 of plain JSON data. The order of keys does not matter."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def sha256_of_array(values: NDArray[np.generic]) -> str:
    """SHA-256 of the little-endian bytes of an array, in C order."""
    contiguous = np.ascontiguousarray(values)
    return hashlib.sha256(
        contiguous.astype(contiguous.dtype.newbyteorder("<")).tobytes()
    ).hexdigest()
