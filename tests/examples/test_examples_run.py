"""Every example runs as it stands, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))


NEEDS = {
    "skfolio_prior.py": "skfolio",
    "ranges_with_dask.py": "dask",
}  # what an example needs beyond simgan


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    if example.name in NEEDS and find_spec(NEEDS[example.name]) is None:
        pytest.skip(f"{NEEDS[example.name]} is not installed")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMGAN")}
    done = subprocess.run(
        [sys.executable, str(example)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    assert list(tmp_path.iterdir()) == []


def test_there_is_an_example() -> None:
    assert EXAMPLES
