"""No fault of the system loses, mixes or halves anything: a row of the table for each operation.

Each operation is killed before each of its changes of the disk, meets a full disk at each, and is
started twice at once. Afterwards the target is the old or the new one and whole, the next command
completes it to the same bytes, and nothing is left behind.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import Operation, Server, check_fault, leftovers, undisturbed
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the faults are those of Linux"
)
MOST = 6  # faults of a kind for one operation: of more changes, as many are spread out
SAMPLE = ("sample", "made", "--n", "300", "--horizon", "3", "--seed")
SMALL: dict[str, object] = {
    "simgan.scenarios.sheet._MOST_ROWS": 64,
    "simgan.scenarios.files._NOTED_EVERY": 0.0,
}


def with_model(folder: Path) -> None:
    write_bundle(made_bundle("made"), folder / "models" / "made")


def with_old_file(folder: Path) -> None:
    with_model(folder)
    (folder / "s.csv").write_text("older\n")


def with_old_folder(folder: Path) -> None:
    with_model(folder)
    (folder / "s.parquet").mkdir()
    (folder / "s.parquet" / "part-00000.parquet").write_text("older\n")


SHARDS = (*SAMPLE, "1", "-o", "s.parquet", "--shard-rows", "100")
OPERATIONS = [
    Operation(
        "sample csv",
        (*SAMPLE, "1", "-o", "s.csv"),
        (*SAMPLE, "1", "-o", "s.csv", "--resume"),
        with_model,
        settings=SMALL,
    ),
    Operation(
        "sample npy over an old file",
        (*SAMPLE, "1", "-o", "s.csv", "--force"),
        (*SAMPLE, "1", "-o", "s.csv", "--force"),
        with_old_file,
        settings=SMALL,
    ),
    Operation(
        "sample parquet",
        (*SAMPLE, "1", "-o", "s.parquet"),
        (*SAMPLE, "1", "-o", "s.parquet", "--resume"),
        with_model,
        settings=SMALL,
    ),
    Operation("shards", SHARDS, (*SHARDS, "--resume"), with_model, settings=SMALL),
    Operation(
        "shards over an old folder",
        (*SHARDS, "--force"),
        (*SHARDS, "--force"),
        with_old_folder,
        settings=SMALL,
    ),
]
EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory, where there is one: thousands of syncs take minutes on a disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def spread(changes: int) -> list[int]:
    """Return the numbers of changes, or `MOST` of them with the first and the last."""
    if changes <= MOST:
        return list(range(1, changes + 1))
    return sorted({1 + round(i * (changes - 1) / (MOST - 1)) for i in range(MOST)})


@EACH
@pytest.mark.parametrize("fault", ["kill", "full"])
def test_a_fault_at_each_change_of_the_disk(
    server: Server, operation: Operation, fault: str, tmp_path: Path
) -> None:
    before, after, changes = undisturbed(server, operation, tmp_path / "whole")
    assert changes > 4
    for at in spread(changes):
        check_fault(server, operation, tmp_path / "hit", (fault, at), (before, after))  # type: ignore[arg-type]


@EACH
def test_the_same_command_twice_at_once(
    server: Server, operation: Operation, tmp_path: Path
) -> None:
    _, after, _ = undisturbed(server, operation, tmp_path / "whole")
    for number in range(2):
        place = tmp_path / str(number)
        place.mkdir()
        operation.prepare(place)
        ends = server.together(place, [operation.command] * 2, operation.settings)
        assert 0 in [end.code for end in ends], ends
        for end in ends:
            assert end.code == 0 or (end.code == 1 and end.said.startswith("Error: ")), end.said
        assert operation.target(place) == after
        assert leftovers(place) == []


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("how", [(), ("--force",), ("--resume",)], ids=["", "force", "resume"])
def test_two_seeds_at_once_are_never_mixed(
    server: Server, ending: str, how: tuple[str, ...], tmp_path: Path
) -> None:
    """Shards of two seeds ended up in one folder, with exit code 0."""
    shards = ("--shard-rows", "20") if ending == "parquet" else ()
    commands = [(*SAMPLE, seed, "-o", f"s.{ending}", *shards, *how) for seed in ("1", "2")]
    whole = []
    for number, command in enumerate(commands):
        operation = Operation("", command, command, with_model, settings=SMALL)
        whole.append(undisturbed(server, operation, tmp_path / f"whole{number}")[1])
    for number in range(2):
        place = tmp_path / str(number)
        place.mkdir()
        with_model(place)
        ends = server.together(place, commands, SMALL)
        assert 0 in [end.code for end in ends], ends
        assert operation.target(place) in whole
        assert leftovers(place) == []


def test_the_harness_notices_what_is_not_whole(server: Server, tmp_path: Path) -> None:
    states = itertools.count()
    changing = Operation(
        "changing", ("models", "list"), ("models", "list"), with_model, lambda _: next(states)
    )
    with pytest.raises(AssertionError, match="half of the target"):
        check_fault(server, changing, tmp_path / "hit", ("none", 0), ("old", "new"))
