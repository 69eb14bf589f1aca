"""A backtest of a book is killed without a warning, and goes on to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from made_books import made_panel

from simgan.cli.main import run

KINDS = ("html", "json", "forecasts.parquet", "scores.parquet")
SEVERAL = 2  # parts after which the command is killed


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    panel, file = made_panel(500), tmp_path / "panel.csv"
    prices = pd.DataFrame(panel.prices, index=pd.DatetimeIndex(panel.dates), columns=panel.assets)
    prices.to_csv(file, index_label="Date")
    return [
        "backtest", "A", "B", "C", "--prices", str(file), "--weights", "equal", "--name", "MINE",
        "--from", "2019-10-01", "--refit", "quarterly", "--levels", ".95", "--horizons", "1",
        "--models", "historical-250,stationary-bootstrap,ewma-fhs", "--scenarios", "200",
        "--jobs", "1", "--quiet", "--workspace",
    ]  # fmt: skip


def test_a_killed_backtest_goes_on_to_the_same_bytes(words: list[str], tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run([*words, str(whole)]) == 0
    parts = cut / "reports" / ".MINE-backtest"
    with subprocess.Popen(
        [sys.executable, "-m", "simgan", *words, str(cut)], start_new_session=True
    ) as running:
        try:
            while running.poll() is None and len(list(parts.glob("*.safetensors"))) < SEVERAL:
                time.sleep(0.01)
        finally:
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not (cut / "reports" / "MINE-backtest.html").exists()
    assert run([*words, str(cut), "--resume"]) == 0
    for kind in KINDS:
        name = f"reports/MINE-backtest.{kind}"
        assert (cut / name).read_bytes() == (whole / name).read_bytes(), kind
    assert not parts.exists()
