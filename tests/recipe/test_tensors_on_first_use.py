"""The stand-in for TensorFlow: loaded at the first use, in silence, and once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simgan.recipe.tensors import _OnFirstUse, silent_stderr

NOISY = """
import os
os.write(2, b"a note of a C++ library\\n")
loads = globals().get("loads", 0) + 1
answer = 42
def double(x): return 2 * x
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "noisy_tensors.py").write_text(NOISY)
    monkeypatch.syspath_prepend(tmp_path)
    yield "noisy_tensors"
    sys.modules.pop("noisy_tensors", None)


def test_a_package_is_loaded_when_a_name_of_it_is_read_first(
    package: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stand_in = _OnFirstUse(package)
    assert package not in sys.modules
    assert stand_in.double(4) == 8
    assert package in sys.modules
    assert capfd.readouterr().err == ""
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"]


def test_later_names_come_from_the_package_without_another_load(package: str) -> None:
    stand_in = _OnFirstUse(package)
    assert stand_in.answer == 42
    sys.modules.pop(package)
    assert (stand_in.answer, stand_in.loads, stand_in.double(1)) == (42, 1, 2)
    assert package not in sys.modules


def test_a_name_that_is_not_there_is_an_error_of_its_package(package: str) -> None:
    with pytest.raises(AttributeError, match=r"noisy_tensors.*no attribute 'nosuch'"):
        _ = _OnFirstUse(package).nosuch
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        _ = _OnFirstUse("no_such_package").Variable


def test_stderr_is_silent_inside_and_speaks_again_after(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(2, b"before ")
    with silent_stderr():
        os.write(2, b"inside ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_an_exception_comes_through_and_no_descriptor_is_left_open(
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = Path("/proc/self/fd")
    before = len(os.listdir(folder)) if folder.is_dir() else 0
    for _ in range(5):
        with pytest.raises(ValueError, match="inside"), silent_stderr():
            raise ValueError("inside")
    assert not folder.is_dir() or len(os.listdir(folder)) == before
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
