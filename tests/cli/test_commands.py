"""The commands as their users meet them, on a workspace with a model that nobody had to train."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.cli.main import run


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_bundle(made_bundle("made"), tmp_path / "models" / "made")
    return tmp_path


def simgan(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own; its folder is the workspace."""
    environment = {key: value for key, value in os.environ.items() if key != "SIMGAN_WORKSPACE"}
    return subprocess.run(
        [sys.executable, "-m", "simgan", *arguments],
        capture_output=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


def error_of(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a failing command says."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: ") and captured.err.count("\n") == 1, captured.err
    return captured.err


def test_sample_writes_wide_csv_with_a_row_per_scenario(workspace: Path) -> None:
    out = workspace / "s.csv"
    assert (
        run(
            [
                "sample",
                "made",
                "--n",
                "1000",
                "-o",
                str(out),
                "--workspace",
                str(workspace),
                "--quiet",
            ]
        )
        == 0
    )
    frame = pd.read_csv(out, dtype=np.float32)
    assert out.read_text().splitlines()[0] == "scenario," + ",".join(map(str, range(1, 22)))
    assert frame.shape == (1000, 22)
    assert np.isfinite(frame.to_numpy()).all()


def test_a_part_of_a_file_is_those_rows_of_the_whole(workspace: Path) -> None:
    for name, extra in (("whole", ["--n", "700"]), ("part", ["--n", "10", "--first", "500"])):
        run(
            [
                "sample",
                "made",
                "-o",
                str(workspace / f"{name}.csv"),
                "--workspace",
                str(workspace),
                "--quiet",
                *extra,
            ]
        )
    whole, part = (
        (workspace / f"{name}.csv").read_text().splitlines() for name in ("whole", "part")
    )
    assert part[1:] == whole[501:511]


def test_sample_goes_to_stdout_when_that_is_no_terminal(workspace: Path) -> None:
    done = simgan("sample", "--n", "5", cwd=workspace)
    assert (done.returncode, done.stderr) == (0, b"using made, the most recently fitted model\n")
    assert pd.read_csv(io.BytesIO(done.stdout)).shape == (5, 22)


def test_a_reader_that_leaves_is_no_error(workspace: Path) -> None:
    command = f"{sys.executable} -m simgan sample made --n 50000 | head -n 2"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        cwd=workspace,
        check=False,
    )
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 2


def test_prices_begin_at_the_last_price(workspace: Path) -> None:
    out = workspace / "p.csv"
    run(
        [
            "sample",
            "made",
            "--n",
            "3",
            "--values",
            "prices",
            "-o",
            str(out),
            "--workspace",
            str(workspace),
            "--quiet",
        ]
    )
    assert pd.read_csv(out)["0"].tolist() == [123.5] * 3


def test_an_existing_file_is_kept_without_force(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = workspace / "s.csv"
    out.write_text("mine")
    assert run(["sample", "made", "-o", str(out), "--workspace", str(workspace)]) == 1
    assert "--force" in error_of(capsys)
    assert out.read_text() == "mine"


def test_without_a_model_the_reference_is_used_and_named(tmp_path: Path) -> None:
    done = simgan("sample", "--n", "3", cwd=tmp_path)
    assert done.returncode == 0
    assert b"reference" in done.stderr
    assert len(done.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["sample", "nosuch"],
            "; known: made, reference; `simgan fit nosuch` makes one",
        ),
        (["sample", "Mode"], "; did you mean made? known: made, reference; `simgan fit Mode`"),
        (["sample", "made", "--as-of", "1999-01-01"], "a date of the history, 2015-01-01 to"),
        (["sample", "made", "-o", "s.xlsx"], "xlsx"),
        (
            ["sample", "made", "--engine", "abacus"],
            "unknown engine 'abacus'; known: cpu, numpy, tensorflow",
        ),
        (["sample", "made", "--horizon", "1000000000"], "GiB are free; ask for fewer steps"),
        (
            ["sample", "made", "--given", "drawdown>0.3"],
            "unknown measure 'drawdown'; known: max-drawdown",
        ),
        (
            ["sample", "made", "--given", "max-cumulative>200"],
            "meet max-cumulative>200, and fewer than 40 of 4,096 however the noise is tilted",
        ),
        (
            ["sample", "made", "--given", "cumulative<0", "--shard-rows", "10", "-o", "s.parquet"],
            "left out with --given",
        ),
        (["sample", "made", "--shard-rows", "10", "-o", "s.csv"], "a folder that ends in .parquet"),
        (
            ["sample", "made", "--initial-price", "-1"],
            "initial_price = -1.0 is not possible; it must be above 0",
        ),
        (["sample", "made", "--prices", "nosuch.csv"], "nosuch.csv"),
        (["report", "nosuch"], "unknown model 'nosuch'"),
        (["models", "show", "nosuch"], "unknown model 'nosuch'"),
        (["models", "remove", "reference", "--yes"], "the reference model is part of simgan"),
        (["models", "import", "nosuch.zip"], "there is no file nosuch.zip"),
        (["fit", "NOSUCHTICKER", "--offline"], "NOSUCHTICKER is not in"),
        (["fit", "NOSUCH", "--source", "sample"], "SP500"),
        (["fit", "SP500", "SP500", "--source", "sample"], "each of them once"),
        (
            ["fit", "SP500", "--source", "sample", "--objective", "hingle"],
            "unknown objective 'hingle'; known:",
        ),
        (
            ["fit", "SP500", "--source", "sample", "--architecture", "tcm"],
            "unknown architecture 'tcm'; known: tcn",
        ),
        (
            ["fit", "SP500", "--source", "sample", "--architecture", "tcn", "--regimes", "3"],
            "no day of which a regime begins",
        ),
        (["fit", "SP500", "--source", "sample", "--regimes", "1"], "from 2 to 6"),
        (
            ["fit", "SP500", "--source", "sample", "--regimes", "3", "--condition", "gan"],
            "unknown condition 'gan'; known:",
        ),
        (
            ["fit", "SP500", "--source", "sample", "--regimes", "3", "--objective", "began"],
            "auto-encoder",
        ),
        (["fit", "SP500", "--source", "sample", "--set", "remedies.noise=-1"], "from 0 to 10"),
        (["sample", "made", "--regime", "calm"], "it was fitted without regimes"),
        (
            ["fit", "SP500", "--source", "sample", "--set", "rte=1"],
            "unknown setting of training 'rte'; known: rate",
        ),
        (
            ["fit", "SP500", "--source", "sample", "--set", "rate=fast"],
            "rate = 'fast' is not possible",
        ),
        (["fit", "SP500", "--source", "sample", "--set", "rate=99"], "from 1e-07 to 0.1"),
        (
            ["fit", "SP500", "--source", "sample", "--end", "1999-06-30"],
            "without a prior 123 log returns are too few, at least 250 are needed",
        ),
        (
            ["fit", "SP500", "--source", "sample", "--resume"],
            "there is no interrupted fit of SP500",
        ),
        (
            ["fit", "SP500", "--source", "sample", "--tensorboard", "models/made/manifest.json"],
            "cannot write models/made/manifest.json: ",
        ),
        (
            [
                "fit",
                "SP500",
                "--source",
                "sample",
                "--tensorboard",
                "models/made/manifest.json/runs",
            ],
            "not a directory",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    before = sorted(workspace.rglob("*"))
    monkeypatch.chdir(workspace)
    assert run([*arguments, "--workspace", str(workspace), "--quiet"]) == 1
    assert words in error_of(capsys)
    assert sorted(workspace.rglob("*")) == before


def test_a_price_file_without_a_price_column_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "volumes.csv"
    file.write_text("date,volume\n" + "".join(f"2020-01-{day:02},{day}\n" for day in range(1, 29)))
    assert run(["fit", "X", "--prices", str(file), "--workspace", str(tmp_path)]) == 1
    assert "volume" in error_of(capsys)


def test_ten_prices_are_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "short.csv"
    file.write_text(
        "date,close\n" + "".join(f"2020-01-{day:02},{100 + day}\n" for day in range(1, 11))
    )
    assert run(["fit", "X", "--prices", str(file), "--workspace", str(tmp_path), "--quiet"]) == 1
    assert "10 prices give 9 log returns, but at least 60 are needed" in error_of(capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["short.csv"]


def test_a_damaged_model_is_refused(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "models" / "made" / "generator.safetensors").write_bytes(b"rubbish")
    assert (
        run(["sample", "made", "-o", str(workspace / "s.csv"), "--workspace", str(workspace)]) == 1
    )
    assert "is damaged" in error_of(capsys)
    assert not (workspace / "s.csv").exists()


def test_a_place_that_cannot_be_written_is_told(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file stands where a folder is needed: refused for root, too."""
    (workspace / "file").write_text("")
    assert (
        run(
            [
                "sample",
                "made",
                "-o",
                str(workspace / "file" / "s.csv"),
                "--workspace",
                str(workspace),
            ]
        )
        == 1
    )
    assert "cannot write" in error_of(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sample", "--n", "0"],
        ["sample", "--horizon", "x"],
        ["fit"],
        ["nosuch"],
        ["fit", "X", "--set", "a"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert run(arguments) == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["fit"], ["sample"], ["report"], ["models"], ["models", "list"], ["models", "import"]],
)
def test_every_help_page_has_an_example(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--help"]) == 0
    assert "Example:\n" in capsys.readouterr().out


def test_models_can_be_listed_shown_exported_imported_and_removed(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(workspace)]
    zipped = str(workspace / "made.zip")
    assert run(["models", "list", "--json", *here]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["made"]
    assert run(["models", "export", "made", zipped, *here]) == 0
    assert run(["models", "import", zipped, "--name", "copy", *here]) == 0
    assert run(["models", "show", "copy", "--json", *here]) == 0
    assert run(["models", "remove", "made", "--yes", *here]) == 0
    assert [path.name for path in (workspace / "models").iterdir()] == ["copy"]


def test_a_bug_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from simgan.workflows import sample

    monkeypatch.setattr(sample, "order", lambda *_: 1 / 0)
    assert run(["sample", "made", "--workspace", str(workspace)]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_settings_are_listed_with_defaults_and_ranges(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", "--list-settings"]) == 0
    out = capsys.readouterr().out
    assert "objective.penalty_weight" in out and "remedies.noise" in out and "preset quick" in out
    assert "architecture.ranges" not in out and "\nranges " in out


def test_the_help_of_backtest_names_every_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    from simgan.baselines import BASELINES

    assert run(["backtest", "--help"]) == 0
    page = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    assert [name for name in BASELINES if name not in page] == []
