"""No fault of the system halves a fitted model, loses a checkpoint, or mixes two reports.

The training, the comparison and the risks of today are stubs of `quick_work`. The commands around
them are real.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from faults import Operation, Server, check_fault, leftovers, undisturbed
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.workspace import Workspace

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the faults are those of Linux"
)
QUICK: dict[str, object] = {
    "simgan.workflows.fit.train": "@quick_work.train",
    "simgan.workflows.fit._judged": "@quick_work.judged",
    "simgan.workflows.report.judge": "@quick_work.judge",
    "simgan.workflows.report.assess": "@quick_work.assess",
    "simgan.workflows.report._rendered": "@quick_work.rendered",
    "simgan.report.renderers.to_json": "@quick_work.numbers",
}
SAYS = ("SP500: ", "friend: ", "comparing ", "drawing ", "waiting ")
FIT = ("fit", "SP500", "--source", "sample", "--name", "friend", "--json")
REPORT = ("report", "friend", "--json")


def with_older(folder: Path) -> None:
    write_bundle(made_bundle("friend", days=80), Workspace(folder).model("friend"))


def with_older_report(folder: Path) -> None:
    with_older(folder)
    reports = Workspace(folder).reports
    reports.mkdir()
    (reports / "friend.html").write_text("old page")
    (reports / "friend.json").write_text('{"generation": "old"}')


def generations(folder: Path) -> list[str]:
    """Return the generations of the page and its numbers. Numbers may be missing, pages not."""
    reports = Workspace(folder).reports
    assert (reports / "friend.html").exists()
    texts = [file.read_text() for file in reports.iterdir() if not file.name.startswith(".")]
    return sorted({"old" if "old" in text else "new" for text in texts})


OPERATIONS = [
    Operation("fit", FIT, (*FIT, "--resume"), lambda folder: None, settings=QUICK, says=SAYS),
    Operation(
        "fit over an older model", FIT, (*FIT, "--resume"), with_older, settings=QUICK, says=SAYS
    ),
    Operation("report", REPORT, REPORT, with_older_report, generations, QUICK, SAYS),
]
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@EACH
@pytest.mark.parametrize("fault", ["kill", "full"])
def test_a_fault_at_each_change_of_the_disk(
    server: Server, operation: Operation, fault: str, tmp_path: Path
) -> None:
    before, after, changes = undisturbed(server, operation, tmp_path / "count")
    assert before != after and changes > 8
    for at in sorted({1 + round(i * (changes - 1) / 7) for i in range(8)}):
        check_fault(server, operation, tmp_path / "hit", (fault, at), (before, after))  # type: ignore[arg-type]


@EACH
def test_the_same_command_twice_at_once(
    server: Server, operation: Operation, tmp_path: Path
) -> None:
    """One waits for the other. Neither mixes its files with those of the other."""
    _, after, _ = undisturbed(server, operation, tmp_path / "whole")
    place = tmp_path / "both"
    place.mkdir()
    operation.prepare(place)
    ends = server.together(place, [operation.command] * 2, operation.settings)
    assert [end.code for end in ends] == [0, 0], ends
    assert operation.target(place) == after
    assert leftovers(place) == []


def test_a_full_disk_leaves_the_checkpoint_of_a_fit(server: Server, tmp_path: Path) -> None:
    """A fit whose last write met a full disk lost its training."""
    _, _, changes = undisturbed(server, OPERATIONS[0], tmp_path / "count")
    kept = []
    for at in range(1, changes + 1, 3):
        place = tmp_path / str(at)
        place.mkdir()
        ended = server.run(place, FIT, QUICK, "full", at)
        if Workspace(place).checkpoint("friend").exists():
            assert ended.code == 1 and "--resume continues it" in ended.said, ended.said
            kept.append(at)
    assert kept
