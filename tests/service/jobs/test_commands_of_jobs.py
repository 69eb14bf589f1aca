"""The command of a job: its progress, its output and its errors, read from files."""

from __future__ import annotations

import html
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from simgan.service.database import database_of
from simgan.service.jobs.command import Command
from simgan.service.jobs.job import Job, Lease
from simgan.service.jobs.processes import lease_of, mark_of, marked, memory_of
from simgan.service.jobs.store import JobStore, Wanted
from simgan.workspace import Workspace

UPLOAD = Path("service/uploads/0123/abcd/prices.csv")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    store = JobStore(database_of(Workspace(tmp_path)))
    store.submit(Wanted("0a" * 16, "fit", {"kind": "fit"}, "ann", False), 1)
    claimed = store.claim(Lease(1, ""))
    assert claimed is not None
    return claimed


@pytest.fixture
def command(job: Job, tmp_path: Path) -> Command:
    made = Command(Workspace(tmp_path), job, UPLOAD)
    made.folder.mkdir(parents=True)
    return made


def run(command: Command, script: str) -> Lease:
    """Run a script to its end."""
    lease = command.start([sys.executable, "-c", script])
    while command.code is None:
        time.sleep(0.01)
    return lease


def test_each_attempt_has_its_files(command: Command, job: Job, tmp_path: Path) -> None:
    again = Command(Workspace(tmp_path), replace(job, attempt=2))
    endings = ("out", "err", "progress")
    files = {one.file(ending) for one in (command, again) for ending in endings}
    assert len(files) == 6
    assert {file.parent for file in files} == {command.folder}


def test_a_command_knows_its_progress_and_its_mark_and_no_settings_of_the_server(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMGAN_SERVE_PORT", "80")
    monkeypatch.setenv("KEPT", "1")
    script = "import json, os; print(json.dumps(dict(os.environ) | {'cwd': os.getcwd()}))"
    run(command, script)
    found = command.printed()
    assert found is not None
    assert str(found["SIMGAN_PROGRESS"]).endswith("attempt-1.progress")
    assert found["SIMGAN_JOB_MARK"] == mark_of(Workspace(tmp_path), command.job.id)
    assert found["KEPT"] == "1" and "SIMGAN_SERVE_PORT" not in found
    assert json.loads(command.file("out").read_text())["cwd"] == str(tmp_path)


def test_news_are_whole_lines_and_are_told_once(command: Command) -> None:
    file = command.file("progress")
    assert command.news() == []
    file.write_text('{"say": "one"}\n{"say": "tw')
    assert command.news() == [{"say": "one"}]
    assert command.news() == []
    with file.open("a") as more:
        more.write('o"}\nno json\n[1]\n{"say": "three"}\n')
    assert command.news() == [{"say": "two"}, {"say": "three"}]


def test_news_of_many_lines_come_in_parts(command: Command) -> None:
    lines = [{"say": f"sentence {number} " + "x" * 200} for number in range(1000)]
    command.file("progress").write_text("".join(json.dumps(line) + "\n" for line in lines))
    found: list[object] = []
    while news := command.news():
        assert len(news) < len(lines)
        found += news
    assert found == lines


def test_news_go_on_behind_a_long_line(command: Command) -> None:
    lines = [{"say": "x" * 200_000}, {"say": "on"}]
    whole = "".join(json.dumps(line) + "\n" for line in lines)
    command.file("progress").write_text(whole[:100_000])
    assert command.news() == []
    command.file("progress").write_text(whole)
    assert command.news() + command.news() == lines


@pytest.mark.parametrize("text", ["", '{"model": "a"', "[1]", "no json", "\udcff"])
def test_output_that_is_not_whole_is_no_result(text: str, command: Command) -> None:
    command.file("out").write_bytes(text.encode(errors="surrogateescape"))
    assert command.printed() is None


def test_a_command_without_output_has_no_result(command: Command) -> None:
    assert command.printed() is None
    assert command.error() == ""


def test_the_last_error_is_told(command: Command) -> None:
    command.file("err").write_text(
        "SP500: read\nError: the first; try again\nstep 1\nError: the last; do this\n"
    )
    assert command.error() == "the last; do this"


def test_the_error_is_found_behind_much_else(command: Command) -> None:
    command.file("err").write_text("x" * 10**6 + "\nError: here\n")
    assert command.error() == "here"


def test_lines_that_are_no_errors_are_not_told(command: Command) -> None:
    command.file("err").write_text("Traceback\n  Error: in a line\nKeyError: 'secret'\n")
    assert command.error() == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{UPLOAD}: line 12 is wrong", "prices.csv: line 12 is wrong"),
        ("{root}/" + f"{UPLOAD}: line 12", "prices.csv: line 12"),
        ("service/jobs/" + "0a" * 16 + "/recipe.json, line 3", "recipe.json, line 3"),
        ("{root}/service/jobs/" + "0a" * 16 + "/recipe.json", "recipe.json"),
        ("written to {root}/models/KO/", "written to models/KO/"),
        ("written to models/KO/", "written to models/KO/"),
    ],
)
def test_places_of_this_machine_are_not_told(
    text: str, told: str, command: Command, tmp_path: Path
) -> None:
    assert command.without_places(text.format(root=tmp_path)) == told


@pytest.fixture
def elsewhere(job: Job, tmp_path: Path) -> Command:
    """A command in a workspace whose name is written in other ways in JSON and in HTML."""
    made = Command(Workspace(tmp_path / '작업 & "값"'), job, UPLOAD)
    made.folder.mkdir(parents=True)
    return made


def test_no_place_is_printed_whatever_the_workspace_is_called(elsewhere: Command) -> None:
    root = elsewhere.folder.parents[2]
    place = f"{root}/{UPLOAD}"
    facts = {"data": [{"path": place}, place], "n": 1, "files": {place: None}}
    elsewhere.file("out").write_text(json.dumps(facts), encoding="utf-8")
    assert elsewhere.printed() == {
        "data": [{"path": "prices.csv"}, "prices.csv"],
        "n": 1,
        "files": {"prices.csv": None},
    }


def test_no_place_is_left_in_pages_and_numbers(elsewhere: Command) -> None:
    root = elsewhere.folder.parents[2]
    page, numbers = elsewhere.folder / "a.html", elsewhere.folder / "a.json"
    page.write_text(f"<p>{html.escape(f'{root}/{UPLOAD}')}</p>", encoding="utf-8")
    numbers.write_text(json.dumps([f"{root}/{UPLOAD}"]), encoding="utf-8")
    elsewhere.clear_of_places([page.relative_to(root), numbers.relative_to(root)])
    assert page.read_text(encoding="utf-8") == "<p>prices.csv</p>"
    assert json.loads(numbers.read_text(encoding="utf-8")) == ["prices.csv"]


def test_a_process_is_found_by_its_mark_until_it_has_ended(
    command: Command, tmp_path: Path
) -> None:
    command.start([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        found: list[int] = []
        while not found:  # before exec it has the environment of this process
            found = command.processes()
        assert marked(mark_of(Workspace(tmp_path))) == found
        assert marked(mark_of(Workspace(tmp_path), "another")) == []
        assert marked(mark_of(Workspace(tmp_path / "other"))) == []
        assert memory_of(found) > 2**20
        assert os.getpriority(os.PRIO_PROCESS, found[0]) > os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getsid(found[0]) == found[0] != os.getsid(0)
    finally:
        command.kill()
    while command.code is None:
        time.sleep(0.01)
    assert command.code == -9
    assert command.processes() == [] and memory_of(found) == 0


def test_a_lease_tells_a_process_from_a_later_one_of_the_same_number(command: Command) -> None:
    first, second = run(command, ""), run(command, "")
    assert first != second
    mine = lease_of(os.getpid())
    assert mine == lease_of(os.getpid()) and mine.start
    assert Lease.read(str(mine)) == mine
    assert Lease.read(None) is None and Lease.read("") is None
    assert lease_of(2**22 + 1).start == ""  # there is no such process


def test_asking_and_killing_after_the_end_do_nothing(command: Command) -> None:
    command.ask_to_end()
    command.kill()
    run(command, "")
    command.ask_to_end()
    command.kill()
    assert command.code == 0
