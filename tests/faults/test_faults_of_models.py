"""No fault of the system halves a model or a report: import, remove and the pair of a report."""

from __future__ import annotations

import signal
import sys
from functools import cache
from pathlib import Path

import pytest
from faults import Operation, Server, check_fault, leftovers, undisturbed, visible
from made_bundle import made_bundle

from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.workflows.models import export_model, list_models
from simgan.workspace import Workspace

pytest.importorskip("faults")

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the faults are those of Linux"
)


MOST = 6  # faults of a kind for one operation: of more changes, as many are spread out


def spread(changes: int) -> list[int]:
    """The numbers of changes, or `MOST` of them with the first and the last."""
    if changes <= MOST:
        return list(range(1, changes + 1))
    return sorted({1 + round(i * (changes - 1) / (MOST - 1)) for i in range(MOST)})


@cache
def made(days: int) -> Bundle:
    return made_bundle("made", days=days)


def with_zip(folder: Path) -> None:
    """Leave an exported model `made`, and the model `kept` of the workspace, in a folder."""
    elsewhere = Workspace(folder / ".elsewhere")
    write_bundle(made(60), elsewhere.model("made"))
    export_model(elsewhere, "made", folder / "made.zip")
    write_bundle(made(70), Workspace(folder).model("kept"))


def with_older(folder: Path) -> None:
    with_zip(folder)
    write_bundle(made(80), Workspace(folder).model("friend"))


IMPORT = ("models", "import", "made.zip", "--name", "friend", "--force")
EXPORT = ("models", "export", "kept", "kept.zip", "--force")
OPERATIONS = [
    Operation("import", IMPORT, IMPORT, with_zip),
    Operation("import over an older model", IMPORT, IMPORT, with_older),
    Operation("export", EXPORT, EXPORT, with_zip),
]
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@EACH
@pytest.mark.parametrize("fault", ["kill", "full"])
def test_a_fault_at_each_change_of_the_disk(
    server: Server, operation: Operation, fault: str, tmp_path: Path
) -> None:
    before, after, changes = undisturbed(server, operation, tmp_path / "count")
    assert changes > 4
    for at in spread(changes):
        check_fault(server, operation, tmp_path / "hit", (fault, at), (before, after))  # type: ignore[arg-type]


REMOVE = ("models", "remove", "friend", "--yes")


@pytest.mark.parametrize("fault", ["kill", "full"])
def test_a_removal_is_whole_at_each_change_of_the_disk(
    server: Server, fault: str, tmp_path: Path
) -> None:
    """5 of 8 kills left half a model."""
    removal = Operation("remove", REMOVE, REMOVE, with_older)
    before, after, changes = undisturbed(server, removal, tmp_path / "count")
    for at in spread(changes):
        place = tmp_path / str(at)
        place.mkdir()
        with_older(place)
        ended = server.run(place, REMOVE, {}, fault, at)  # type: ignore[arg-type]
        assert ended.code in (0, 1, -signal.SIGKILL), ended.said
        assert visible(place) in (before, after), f"{fault} at {at}: half of a model"
        assert all(model.manifest for model in list_models(Workspace(place)))
        assert server.run(place, ("models", "list"), {}).code == 0
        assert [name for name in leftovers(place) if ".tmp-" in name] == []


def test_two_imports_under_one_name_at_once_leave_one_whole_model(
    server: Server, tmp_path: Path
) -> None:
    for number in range(3):
        place = tmp_path / str(number)
        place.mkdir()
        with_zip(place)
        ends = server.together(place, [IMPORT, IMPORT, REMOVE], {})
        assert [end.code for end in ends][:2] == [0, 0], ends
        found = Workspace(place).model("friend")
        assert not found.exists() or read_bundle(found).manifest.name == "friend"
        assert leftovers(place) == []
