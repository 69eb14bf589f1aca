"""From prices to scenarios and a page, through the commands, in an empty folder."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from event_scalars import scalars  # noqa: E402
from quick_graphs import quick_graphs  # noqa: E402

from simgan.cli.main import run  # noqa: E402

FIT = ["fit", "SP500", "--source", "sample", "--start", "2017-06-01", "--preset", "quick"]
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
    """A workspace in which SP500 was fitted, in a few compiled steps of a process of its own."""
    folder = tmp_path_factory.mktemp("empty")
    done = simgan(*FIT, *SHORT, "--json", "--quiet", "--tensorboard", "runs/sp500", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "fit.json").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


@pytest.fixture
def in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace as the current folder, for commands of this process."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SIMGAN_WORKSPACE", raising=False)
    return folder


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Limit the bytes of each file that this process writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_fit_says_what_it_made(folder: Path) -> None:
    said = json.loads((folder / "fit.json").read_text())
    assert set(said) == {"model", "path", "data", "seconds", "prior", "verdict", "risk"}
    assert said["data"]["first"] == "2017-06-02" and said["data"]["last"] == "2018-12-31"
    assert said["verdict"]["sentence"].startswith(
        "In sample, simgan is within the noise of the data in "
    )


def test_a_quiet_fit_says_nothing_on_the_way(folder: Path) -> None:
    """Neither simgan nor TensorFlow."""
    assert (folder / "stderr").read_text() == ""


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


def test_the_report_is_a_page_that_needs_nothing_else(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "SP500"]) == 0
    page = (in_folder / "reports" / "SP500.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert links.found == []
    assert page.count("<svg") >= 5
    numbers = json.loads((in_folder / "reports" / "SP500.json").read_text())
    assert numbers["verdict"]["sentence"] in page
    fitted = json.loads((in_folder / "fit.json").read_text())["verdict"]
    assert numbers["verdict"] == {key: fitted[key] for key in numbers["verdict"]}
    said = " ".join(capsys.readouterr().out.split())
    assert numbers["verdict"]["sentence"].split(";")[0] in said


def test_a_disk_that_fills_up_on_the_way_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No file can be longer than 16 KiB, so the first checkpoint cannot be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIMGAN_WORKSPACE", raising=False)
    with quick_graphs(), no_file_longer_than(16 * 1024):
        assert run([*FIT, *SHORT, "--quiet"]) == 1
    said = capfd.readouterr().err
    assert said.startswith("Error: cannot write models/")
    assert "file too large" in said and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_workspace_is_told_before_training(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder of models should be")
    done = simgan(*FIT, *SHORT, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: cannot write")
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
