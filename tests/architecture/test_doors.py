"""The package opens quickly, and every public name exists."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

import simgan


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)


def test_import_simgan_loads_neither_tensorflow_nor_pandas() -> None:
    python("-c", "import simgan, sys; assert not {'tensorflow', 'pandas', 'numpy'} & set(sys.modules)")


def test_the_test_of_imports_can_fail() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        python("-c", "import simgan.arrays, sys; assert not {'tensorflow', 'pandas', 'numpy'} & set(sys.modules)")


def test_help_loads_nothing_heavy() -> None:
    loaded = python("-X", "importtime", "-m", "simgan", "--help").stderr
    for heavy in ("numpy", "pandas", "tensorflow", "scipy", "rich"):
        assert f"| {heavy}\n" not in loaded.replace(" " * 2, ""), heavy


def test_help_is_quick() -> None:
    """The contract says half a second; the median of five runs, on a machine that does nothing else."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        python("-m", "simgan", "--help")
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.5


@pytest.mark.parametrize("name", simgan.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(simgan, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = simgan.nothing
