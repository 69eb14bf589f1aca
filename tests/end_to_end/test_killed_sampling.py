"""A nightly job that is killed without a warning goes on to the same bytes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMMAND = [
    sys.executable,
    "-m",
    "simgan",
    "sample",
    "reference",
    "--n",
    "60000",
    "--horizon",
    "40",
    "-o",
]
KILLS = 4


@pytest.mark.parametrize("ending", ["csv", "npy", "csv.gz"])
def test_killed_again_and_again_it_ends_with_the_bytes_of_an_uninterrupted_run(
    tmp_path: Path, ending: str
) -> None:
    whole, path = tmp_path / f"whole.{ending}", tmp_path / f"scenarios.{ending}"
    started = time.monotonic()
    subprocess.run([*COMMAND, whole], check=True, capture_output=True)
    longest, moments = 1.5 * (time.monotonic() - started), random.Random(5)
    for _ in range(KILLS):
        running = subprocess.Popen([*COMMAND, path, "--resume"], stderr=subprocess.DEVNULL)
        try:
            running.wait(moments.uniform(0.3, longest))
            break
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            assert (
                not path.exists() or path.read_bytes() == whole.read_bytes()
            )  # nothing half written has the final name
    subprocess.run([*COMMAND, path, "--resume"], check=True, capture_output=True)
    assert path.read_bytes() == whole.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([path.name, whole.name])
