"""From prices to forecasts, scores and a page, through the command, in an empty folder;
then recomputed from outside.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from arch.data import sp500

from simgan.cli.main import run

WALK = ["backtest", "SP500", "--source", "sample", "--from", "2018-01-02", "--to", "2018-06-29"]
CLASSICAL = [*WALK, "--models", "gjr-fhs,historical-250", "--scenarios", "500", "--jobs", "2"]
FILES = ["SP500-backtest.forecasts.parquet", "SP500-backtest.html", "SP500-backtest.json"]


def simgan(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "SIMGAN_WORKSPACE"}
    return subprocess.run(
        [sys.executable, "-m", "simgan", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


def reported(
    numbers: dict[str, Any], model: str, horizon: int, level: float
) -> tuple[float, float]:
    """Share of exceedances among all forecasts, and mean FZ0, as the JSON file has them."""
    [rate] = [
        one
        for one in numbers["calibration"]
        if (one["model"], one["horizon"], one["level"]) == (model, horizon, level)
    ]
    [score] = [
        row
        for row in numbers["scores"]
        if (row["horizon"], row["name"], row["level"]) == (horizon, "FZ0", level)
    ]
    return rate["every_day_share"], score["models"][model]["mean"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which two classical models were walked over a year."""
    folder = tmp_path_factory.mktemp("empty")
    done = simgan(*CLASSICAL, cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "said").write_text(done.stdout)
    return folder


@pytest.fixture(scope="module")
def forecasts(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "reports" / FILES[0])


def test_three_files_are_left_and_named(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "reports").iterdir()) == FILES
    assert "written to reports/SP500-backtest.html" in " ".join(
        (folder / "said").read_text().split()
    )


def test_forecasts_stand_one_row_per_day_and_level(forecasts: pd.DataFrame) -> None:
    prices = sp500.load()["Adj Close"]["2018-01-02":"2018-06-29"]
    assert list(forecasts) == [
        "date",
        "asset",
        "model",
        "horizon",
        "level",
        "var",
        "es",
        "realized",
        "crps",
        "pit",
    ]
    one_day = forecasts[forecasts.horizon == 1]
    assert len(one_day) == len(prices) * 2 * 3
    assert len(forecasts[forecasts.horizon == 10]) == (len(prices) - 9) * 2 * 3
    assert (forecasts.es >= forecasts["var"]).all() and forecasts.pit.between(
        0, 1, inclusive="neither"
    ).all()


def test_hits_and_fz0_from_outside_are_those_of_the_report(
    folder: Path, forecasts: pd.DataFrame
) -> None:
    """From the forecasts file and the prices alone, to 1e-9, by formulas written again here."""
    numbers = json.loads((folder / "reports" / FILES[2]).read_text())
    log_price = np.log(sp500.load()["Adj Close"])
    for (model, horizon, level), rows in forecasts.groupby(["model", "horizon", "level"]):
        end = log_price.index.searchsorted(rows.date) + horizon - 1
        realized = 100 * (log_price.to_numpy()[end] - log_price.to_numpy()[end - horizon])
        np.testing.assert_allclose(100 * rows.realized, realized, atol=1e-9)
        v, e, a = -100 * rows["var"].to_numpy(), -100 * rows.es.to_numpy(), 1 - level
        hit = realized < v
        fz0 = (-1.0 * hit * (v - realized) / (a * e) + v / e + np.log(-e) - 1).mean()
        assert reported(numbers, model, horizon, level) == pytest.approx(
            (hit.mean(), fz0), abs=1e-9
        )


def test_the_same_command_gives_the_same_bytes_with_any_number_of_processes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIMGAN_WORKSPACE", raising=False)
    with chdir(tmp_path):
        assert run([*CLASSICAL[:-1], "1"]) == 0
    for name in FILES:
        assert (tmp_path / "reports" / name).read_bytes() == (
            folder / "reports" / name
        ).read_bytes(), name


def test_an_interrupted_backtest_goes_on_to_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIMGAN_WORKSPACE", raising=False)
    command = [sys.executable, "-m", "simgan", *CLASSICAL]
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        preexec_fn=heed,
        start_new_session=True,
    ) as running:
        try:
            while running.poll() is None and not list(
                tmp_path.glob("reports/.SP500-backtest/*.safetensors")
            ):
                time.sleep(0.02)
            os.killpg(running.pid, signal.SIGINT)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert (
        said.splitlines()[-1]
        == "Interrupted: finished forecasts are kept; the same command with --resume continues with them"  # noqa: E501
    )
    assert not (tmp_path / "reports" / FILES[0]).exists()
    with chdir(tmp_path):
        assert run([*CLASSICAL[:-1], "1", "--resume"]) == 0
    for name in FILES:
        assert (tmp_path / "reports" / name).read_bytes() == (
            folder / "reports" / name
        ).read_bytes(), name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "2030-01-01"], "no day from 2030-01-01 on"),
        (["--from", "1999-02-01"], "days before 1999-02-01"),
        (["--from", "2018-12-20"], "7 days from 2018-12-20 on hold no outcome over 10 days"),
        (["--levels", "1.5"], "levels"),
        (["--horizons", "0"], "horizons"),
        (["--models", "gjr-fsh"], "gjr-fhs"),
        (["--window", "20"], "at least 250 days"),
    ],
)
def test_what_cannot_be_backtested_is_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*WALK[:4], "--models", "gjr-fhs", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith("Error: ") and words in said
    assert list(tmp_path.iterdir()) == []
