"""Progress as lines of JSON: all sentences, few steps, always the last, and never a failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simgan.cli import written_progress
from simgan.cli.terminal import Common, terminal_progress
from simgan.progress import Step
from simgan.workspace import Workspace


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMGAN_PROGRESS", str(tmp_path / "progress"))
    return tmp_path / "progress"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(written_progress.time, "monotonic", lambda: now[0])
    return now


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def shown(file: Path) -> list[str]:
    """Return each line in words."""
    found = []
    for line in lines(file):
        step = line.get("step")
        if isinstance(step, dict):
            found.append(f"{step['task']} {step['done']}/{step['total']}")
        else:
            found.append(str(line["say"]))
    return found


def quiet() -> Common:
    return Common(Workspace(Path()), -1)


def test_sentences_and_the_first_and_last_step_of_each_task_are_written(
    file: Path, clock: list[float]
) -> None:
    with terminal_progress(quiet()) as progress:
        progress.say("데이터를 읽음")
        for done in range(1, 100):
            progress.step(Step("warm start", done, 200))
        clock[0] += written_progress.EVERY
        progress.step(Step("warm start", 100, 200))
        progress.step(Step("warm start", 101, 200))
        progress.step(Step("calibration", 1, 2))
        progress.say("comparing")
        progress.step(Step("calibration", 2, 2))
        progress.step(Step("judging", 1, 9))
    assert shown(file) == [
        "데이터를 읽음",
        "warm start 1/200",
        "warm start 100/200",
        "warm start 101/200",
        "calibration 1/2",
        "comparing",
        "calibration 2/2",
        "judging 1/9",
    ]


def test_a_step_has_its_place_and_its_finite_numbers(file: Path) -> None:
    numbers = {"loss": 0.5, "score": float("nan")}
    with terminal_progress(quiet()) as progress:
        progress.step(Step("game", 1, 9, numbers, stage=2, stages=3, part="asset 1 of 2"))
    [line] = lines(file)
    assert line == {
        "step": {
            "task": "game",
            "place": "asset 1 of 2, stage 2 of 3",
            "done": 1,
            "total": 9,
            "metrics": {"loss": 0.5},
        }
    }


def test_lines_are_there_at_once_and_are_added(file: Path) -> None:
    file.write_text('{"say": "before"}\n')
    with terminal_progress(quiet()) as progress:
        progress.say("now")
        assert shown(file) == ["before", "now"]


@pytest.mark.parametrize("place", ["/dev/full", "/nowhere/progress", "/"])
def test_a_file_that_cannot_be_written_stops_nothing(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIMGAN_PROGRESS", place)
    with terminal_progress(Common(Workspace(Path()), 0)) as progress:
        progress.say("heard")
        progress.step(Step("game", 9, 9))
    assert "heard" in capsys.readouterr().err
