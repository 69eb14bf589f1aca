"""Hashes are those of the standard, whatever the memory layout;
versions are those of what is installed.
"""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version

import numpy as np
import pytest

from simgan import provenance
from simgan.provenance import library_versions, sha256_of_array


def test_the_hash_of_an_array_is_that_of_its_little_endian_bytes() -> None:
    """1.0 as a double is 3ff0000000000000."""
    assert (
        sha256_of_array(np.array([1.0]))
        == hashlib.sha256(bytes.fromhex("000000000000f03f")).hexdigest()
    )


def test_the_hash_of_an_array_does_not_depend_on_how_it_lies_in_memory() -> None:
    values = np.arange(6.0).reshape(2, 3)
    for same in (
        values.astype(">f8"),
        np.asfortranarray(values),
        np.repeat(values, 2, axis=1)[:, ::2],
    ):
        assert sha256_of_array(same) == sha256_of_array(values)


@pytest.mark.parametrize(
    "other",
    [np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0]), np.array([1.0, 2.0, 3.0], np.float32)],
)
def test_another_array_has_another_hash(other: np.ndarray) -> None:
    assert sha256_of_array(other) != sha256_of_array(np.array([1.0, 2.0, 3.0]))


def test_versions_are_those_of_python_and_what_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(provenance, "LIBRARIES", ("numpy", "a-package-that-nobody-has"))
    assert library_versions() == {"python": platform.python_version(), "numpy": version("numpy")}
