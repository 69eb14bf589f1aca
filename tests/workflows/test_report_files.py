"""A report is a page and its numbers of one generation, or nothing;
a bad place is refused first.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import quick_work
from heard_steps import Heard
from made_bundle import made_bundle, made_history

from simgan.bundle.store import write_bundle
from simgan.errors import ConfigError, Interrupted, SimganError, WriteError
from simgan.market.history import History
from simgan.progress import Silent, Stop
from simgan.workflows import report as workflow
from simgan.workflows.pages import publish
from simgan.workflows.report import ReportRequest, days_in_common, report
from simgan.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    write_bundle(made_bundle("made", days=400), workspace.model("made"))
    return workspace


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(*_: object) -> None:
        pytest.fail("the comparison began before the page was refused")

    monkeypatch.setattr(workflow, "judge", judge)


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("name", ["x.json", "x", "x.pdf", "x.html.json", ".html", "folder/x"])
def test_a_page_of_another_ending_is_refused_before_the_work(
    workspace: Workspace, name: str
) -> None:
    with pytest.raises(ConfigError, match=r"a name that ends in \.html"):
        report(ReportRequest(workspace=workspace, name="made", out=workspace.root / name))
    assert [path.name for path in workspace.root.iterdir()] == ["models"]


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("ending", ["html", "json"])
def test_a_folder_in_the_place_of_either_file_is_refused_before_the_work(
    workspace: Workspace, ending: str
) -> None:
    (workspace.root / f"x.{ending}").mkdir()
    with pytest.raises(ConfigError, match=f"x.{ending} is a folder"):
        report(ReportRequest(workspace=workspace, name="made", out=workspace.root / "x.html"))


@pytest.mark.usefixtures("no_work")
def test_a_place_that_cannot_be_written_is_refused_before_the_work(workspace: Workspace) -> None:
    (workspace.root / "file").write_text("no folder")
    out = workspace.root / "file" / "x.html"
    with pytest.raises(WriteError, match="cannot write"):
        report(ReportRequest(workspace=workspace, name="made", out=out))


def test_a_report_that_is_stopped_writes_nothing(workspace: Workspace) -> None:
    stop = Stop()
    stop.ask()
    with pytest.raises(Interrupted):
        report(ReportRequest(workspace=workspace, name="made", n=20), Silent(), stop)
    assert not workspace.reports.exists()


def test_the_report_of_an_imported_model_goes_under_its_own_name(workspace: Workspace) -> None:
    """The page of a model that was imported under a new name overwrote that of the old name."""
    workspace.reports.mkdir()
    (workspace.reports / "made.html").write_text("of the other")
    workspace.model("made").rename(workspace.models / "friend")
    heard = Heard()
    done = report(ReportRequest(workspace=workspace, name="friend", n=20), heard)
    assert heard.sentences[-2:] == ["drawing scenarios of the coming days", "drawing figures"]
    assert done.page == workspace.reports / "friend.html"
    assert "friend" in done.page.read_text(encoding="utf-8")
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    assert numbers == json.loads(json.dumps(done.to_json()))
    assert numbers["facts"]["model"] == "friend"
    assert (workspace.reports / "made.html").read_text() == "of the other"
    assert done.facts.commands[0] == "simgan models show friend --recipe > friend.toml"
    assert done.facts.commands[1].startswith("simgan fit ")
    assert done.facts.commands[2] == "simgan report friend --n 20"
    assert len(done.facts.sha256) == 64 and done.facts.sha256 in done.page.read_text("utf-8")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_both_files_are_replaced_together(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    for text in ("old", "new"):
        publish(page, f"{text} page", f"{text} numbers")
    assert contents(tmp_path) == {"x.html": "new page", "x.json": "new numbers"}


@pytest.mark.parametrize("fails_at", range(1, 7))
def test_whatever_fails_no_page_stands_beside_the_numbers_of_another(
    tmp_path: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers were replaced first, so that a full disk left new numbers with the old page."""
    page = tmp_path / "x.html"
    publish(page, "old page", "old numbers")
    calls = 0

    def failing(name: str) -> None:
        plain = getattr(os, name)

        def call(*arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls == fails_at:
                raise OSError(28, "No space left on device")
            return plain(*arguments)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "replace"):
        failing(name)
    with pytest.raises(SimganError, match="no space left"):
        publish(page, "new page", "new numbers")
    monkeypatch.undo()
    generations = {text.split()[0] for text in contents(tmp_path).values()}
    assert len(generations) == 1 and "x.html" in contents(tmp_path)


def written(folder: Path, history: History) -> Path:
    """Write a history as a price file that begins on the day before it."""
    logs = np.r_[0.0, np.cumsum(history.log_returns[:, 0])]
    days = history.dates.astype("datetime64[D]")
    lines = [
        f"{day},{price:.8f}"
        for day, price in zip([days[0] - 1, *days], 50 * np.exp(logs), strict=True)
    ]
    path = folder / "prices.csv"
    path.write_text("\n".join(["Date,Close", *lines]))
    return path


@pytest.mark.parametrize(("rows", "common"), [(slice(100, 400), 300), (slice(None, None), 400)])
def test_days_that_the_model_learned_from_are_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, rows: slice, common: int
) -> None:
    """They were called "another history" as if the model had not seen them."""
    monkeypatch.setattr(workflow, "judge", quick_work.judge)
    monkeypatch.setattr(workflow, "_rendered", quick_work.rendered)
    heard = Heard()
    against = written(workspace.root, made_history(400).rows(rows))
    done = report(ReportRequest(workspace=workspace, against=against), heard)
    said = " ".join(heard.sentences)
    assert "using made, the most recently fitted model" in said
    assert f"warning: made learned from {common} of the {common} days of {against}" in said
    assert f"{common} days of which the model learned from" in done.facts.judged_on


def test_later_days_and_another_asset_are_no_days_of_the_training() -> None:
    learned = made_history(400)
    later = replace(learned, dates=learned.dates + np.timedelta64(400, "D"))
    assert days_in_common(learned, later) == 0
    assert days_in_common(learned, made_history(400, seed=8)) == 0
    rounded = replace(learned, log_returns=np.round(learned.log_returns, 4))
    assert days_in_common(learned, rounded) == 400
