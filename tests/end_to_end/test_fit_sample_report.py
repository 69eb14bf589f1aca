"""From prices to scenarios and a page, through the commands, in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from event_scalars import scalars  # noqa: E402

FIT = ["fit", "SP500", "--source", "sample", "--start", "2016-01-01", "--preset", "quick"]
SHORT = [
    part
    for pair in ("warm_steps=20", "steps=4", "check_every=2", "batch=16")
    for part in ("--set", pair)
]


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which SP500 was fitted, in a few steps."""
    folder = tmp_path_factory.mktemp("empty")
    done = simgan(*FIT, *SHORT, "--json", "--tensorboard", "runs/sp500", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "fit.json").write_text(done.stdout)
    return folder


def test_fit_says_what_it_made(folder: Path) -> None:
    said = json.loads((folder / "fit.json").read_text())
    assert set(said) == {"model", "path", "data", "seconds", "verdict", "risk"}
    assert said["data"]["first"] == "2016-01-05" and said["data"]["last"] == "2018-12-31"
    assert said["verdict"]["sentence"].startswith(
        "In sample, simgan is within the noise of the data in "
    )


def test_only_the_model_is_left_behind(folder: Path) -> None:
    assert [path.name for path in (folder / "models").iterdir()] == ["SP500"]


def test_the_curves_of_the_training_are_event_files(folder: Path) -> None:
    """A stage of fewer than a hundred steps is recorded whole;
    of 4 adversarial ones two have a validation.
    """
    steps = {
        tag: [step for step, _ in points]
        for tag, points in scalars(folder / "runs" / "sp500" / "warm-start-selection").items()
    }
    assert steps == {"negative log-likelihood": list(range(1, 21))}
    assert [
        step
        for step, _ in scalars(folder / "runs" / "sp500" / "adversarial-selection")[
            "validation CRPS"
        ]
    ] == [2, 4]


def test_the_fitted_model_gives_scenarios(folder: Path) -> None:
    done = simgan("sample", "SP500", "--n", "300", "--horizon", "5", "-o", "s.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(folder / "s.csv").shape == (300, 6)


class _Links(HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"script": "src", "img": "src", "link": "href", "iframe": "src"}.get(tag)
        self.found += [
            value
            for key, value in attrs
            if key == wanted and value and not value.startswith("data:")
        ]


def test_the_report_is_a_page_that_needs_nothing_else(folder: Path) -> None:
    done = simgan("report", "SP500", cwd=folder)
    assert done.returncode == 0, done.stderr
    page = (folder / "reports" / "SP500.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert links.found == []
    assert page.count("<svg") >= 5
    numbers = json.loads((folder / "reports" / "SP500.json").read_text())
    assert numbers["verdict"]["sentence"] in page
    fitted = json.loads((folder / "fit.json").read_text())["verdict"]
    assert numbers["verdict"] == {key: fitted[key] for key in numbers["verdict"]}
    assert numbers["verdict"]["sentence"].split(";")[0] in " ".join(done.stdout.split())


def test_a_disk_that_fills_up_on_the_way_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    """No file can be longer than 16 KiB, so the first checkpoint cannot be written."""
    limited = [
        "bash",
        "-c",
        'ulimit -f 16; exec "$@"',
        "-",
        sys.executable,
        "-m",
        "simgan",
        *FIT,
        *SHORT,
        "--quiet",
    ]
    done = subprocess.run(limited, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert (
        done.stderr.startswith("Error: cannot write models/")
        and "file too large" in done.stderr
        and done.stderr.count("\n") == 1
    )
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_workspace_is_told_before_training(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder of models should be")
    done = simgan(*FIT, *SHORT, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: cannot write")
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
