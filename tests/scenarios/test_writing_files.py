"""Files of scenarios:
whole or not at all, never overwritten by accident, continued after an interruption.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
from made_source import Rounded, Stream

from simgan.errors import ConfigError, Interrupted, SamplingError, WriteError
from simgan.scenarios.block import regroup
from simgan.scenarios.files import Partial, Reached
from simgan.scenarios.formats import FORMATS
from simgan.scenarios.formats.npy import NpyWriter
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Layout, Sheet
from simgan.scenarios.writing import stream_chunks, write_file, write_stream

APPENDABLE = [kind for kind in FORMATS if FORMATS.load(kind).appendable]
pytestmark = pytest.mark.filterwarnings("error")

GO_ON = "the same command with --resume goes on with it"
OTHERS = [kind for kind in FORMATS if kind not in APPENDABLE]
SHEET = Sheet(first=1_000, n=300, horizon=5, assets=("SP500",), origin={"model": "abc", "seed": 3})


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five groups: four of 64 scenarios and one of 44."""
    monkeypatch.setattr("simgan.scenarios.sheet._MOST_ROWS", 64)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def interrupt(path: Path, before: int = 1_205, sheet: Sheet = SHEET) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_file(Stream(stop_before=before), sheet, path, "resume")


@pytest.mark.parametrize("values", ["log-returns", "prices"])
@pytest.mark.parametrize("kind", APPENDABLE)
def test_a_resumed_file_has_the_bytes_of_an_uninterrupted_one(
    kind: str, values: str, tmp_path: Path
) -> None:
    sheet = replace(SHEET, values=values)
    whole, path = tmp_path / f"whole.{kind}", tmp_path / f"s.{kind}"
    write_file(Stream(), sheet, whole)
    interrupt(path, 1_100, sheet)
    interrupt(path, 1_230, sheet)
    assert names(tmp_path) == sorted(
        [f".s.{kind}.partial", f".s.{kind}.partial.json", f"whole.{kind}"]
    )
    rest = Stream()
    written = write_file(rest, sheet, path, "resume")
    assert (written.kept, rest.drawn) == (192, 108)  # three groups were complete
    assert path.read_bytes() == whole.read_bytes()
    assert names(tmp_path) == [f"s.{kind}", f"whole.{kind}"]


@pytest.mark.parametrize("kind", OTHERS)
def test_other_formats_start_over_and_say_so(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"s.{kind}"
    interrupt(path)
    assert names(tmp_path) == []
    written = write_file(Stream(), SHEET, path, "resume")
    assert written.kept == 0
    assert "cannot be continued" in written.note


@pytest.mark.parametrize(
    "change",
    [{"n": 301}, {"first": 0}, {"values": "prices"}, {"origin": {"model": "abd", "seed": 3}}],
)
def test_an_interrupted_file_is_not_continued_with_another_request(
    change: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "s.csv"
    interrupt(path)
    with pytest.raises(
        WriteError, match=rf"interrupted with another {next(iter(change))}; .*leave out --resume"
    ):
        write_file(Stream(), replace(SHEET, **change), path, "resume")


def test_without_resume_an_interrupted_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    interrupt(path)
    assert write_file(Stream(), SHEET, path).kept == 0
    assert names(tmp_path) == ["s.csv"]


def test_an_interruption_before_the_first_group_leaves_and_promises_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        Interrupted, match=r"s\.csv is not complete; nothing of it was kept$"
    ) as stopped:
        write_file(Stream(stop_before=1_030), SHEET, tmp_path / "s.csv")
    assert stopped.value.kept == 0
    assert names(tmp_path) == []


@pytest.mark.parametrize(("groups", "kept"), [(1, 0), (2, 64)])
def test_a_group_counts_when_all_of_it_is_written(
    groups: int, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C comes while a group is written, after its bytes:
    that group is not known to be complete, the ones before it are.
    """
    write, calls = NpyWriter.write, iter(range(1, 100))

    def interrupted(self: NpyWriter, block: Scenarios) -> None:
        write(self, block)
        if next(calls) == groups:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(Interrupted) as stopped:
        patch.setattr(NpyWriter, "write", interrupted)
        write_file(Stream(), SHEET, tmp_path / "s.npy")
    assert stopped.value.kept == kept
    assert ("--resume goes on with it" in str(stopped.value)) == bool(kept)
    assert names(tmp_path) == ([".s.npy.partial", ".s.npy.partial.json"] if kept else [])
    assert write_file(Stream(), SHEET, tmp_path / "s.npy", "resume").kept == kept


@pytest.mark.parametrize("kind", OTHERS)
def test_a_format_that_cannot_be_continued_promises_nothing(kind: str, tmp_path: Path) -> None:
    with pytest.raises(Interrupted, match="nothing of it was kept"):
        write_file(Stream(stop_before=1_205), SHEET, tmp_path / f"s.{kind}")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "damage", [lambda p: p.write_text("{"), lambda p: p.unlink(), lambda p: p.write_text("[]")]
)
def test_a_damaged_record_means_a_new_start(damage: Callable[[Path], None], tmp_path: Path) -> None:
    interrupt(tmp_path / "s.csv")
    damage(tmp_path / ".s.csv.partial.json")
    assert write_file(Stream(), SHEET, tmp_path / "s.csv", "resume").kept == 0
    assert names(tmp_path) == ["s.csv"]


def test_a_partial_file_that_is_shorter_than_its_record_is_not_trusted(tmp_path: Path) -> None:
    interrupt(tmp_path / "s.csv")
    partial = tmp_path / ".s.csv.partial"
    partial.write_bytes(partial.read_bytes()[:-1])
    assert write_file(Stream(), SHEET, tmp_path / "s.csv", "resume").kept == 0


def test_a_run_that_was_to_replace_a_file_can_be_resumed(tmp_path: Path) -> None:
    path, whole = tmp_path / "s.csv", tmp_path / "whole.csv"
    write_file(Stream(), SHEET, whole)
    path.write_text("older\n")
    with pytest.raises(KeyboardInterrupt):
        write_file(Stream(stop_before=1_205), SHEET, path, "replace")
    assert path.read_text() == "older\n"
    assert write_file(Stream(), SHEET, path, "resume").kept == 192
    assert path.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_finished_file_that_matches_is_left_alone(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"s.{kind}"
    write_file(Stream(), SHEET, path)
    before = path.stat().st_mtime_ns
    assert write_file(Stream(block=77), SHEET, path, "resume").kept == 300
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("n", [256, 299, 301, 10])
def test_a_finished_file_of_another_length_is_refused(kind: str, n: int, tmp_path: Path) -> None:
    path = tmp_path / f"s.{kind}"
    write_file(Stream(), replace(SHEET, n=n), path)
    with pytest.raises(WriteError, match="holds other scenarios"):
        write_file(Stream(), SHEET, path, "resume")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_finished_file_of_another_seed_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"s.{kind}"
    write_file(Stream(seed=4), SHEET, path)
    with pytest.raises(WriteError, match="holds other scenarios"):
        write_file(Stream(), SHEET, path, "resume")


def test_an_existing_file_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    path, stream = tmp_path / "s.csv", Stream()
    path.write_text("mine")
    with pytest.raises(WriteError, match=r"exists already; .*--force"):
        write_file(stream, SHEET, path)
    assert (path.read_text(), stream.drawn) == ("mine", 0)
    write_file(stream, SHEET, path, "replace")
    assert path.read_text().startswith("scenario,1,2,3,4,5\n1000,")


def test_what_is_not_a_regular_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "s.csv").mkdir()
    with pytest.raises(WriteError, match="not a regular file"):
        write_file(Stream(), SHEET, tmp_path / "s.csv", "replace")


@pytest.mark.parametrize("kind", FORMATS)
def test_an_error_while_drawing_keeps_the_groups_that_are_complete(
    kind: str, tmp_path: Path
) -> None:
    path, failing = tmp_path / f"s.{kind}", Stream(stop_before=1_205, because=ZeroDivisionError)
    with pytest.raises(ZeroDivisionError) as failed:
        write_file(failing, SHEET, path)
    if kind not in APPENDABLE:
        assert names(tmp_path) == [] and not hasattr(failed.value, "__notes__")
        return
    assert failed.value.__notes__ == [
        "192 finished scenarios are kept: the same command with --resume goes on with it"
    ]
    assert write_file(Stream(), SHEET, path, "resume").kept == 192


@pytest.mark.parametrize("room", [0, 1_000, 4_000])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_full_disk_is_told_and_leaves_nothing_behind(
    kind: str, room: int, tmp_path: Path
) -> None:
    """A limit on the size of files stands for the full disk:
    the same call fails, with another number.
    """
    before, handler = (
        resource.getrlimit(resource.RLIMIT_FSIZE),
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(WriteError, match=r"cannot write .*file too large"):
            write_file(Stream(block=300), SHEET, tmp_path / f"s.{kind}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(tmp_path) == []


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot write"):
        write_file(Stream(), SHEET, tmp_path / "file" / "s.csv")


def test_a_part_of_a_stream_has_the_rows_of_the_whole(tmp_path: Path) -> None:
    write_file(Stream(), SHEET, tmp_path / "whole.csv")
    write_file(Stream(block=3), replace(SHEET, first=1_100, n=10), tmp_path / "part.csv")
    lines = (tmp_path / "whole.csv").read_text().splitlines()
    assert (tmp_path / "part.csv").read_text().splitlines() == [lines[0], *lines[101:111]]


def test_a_stream_has_the_bytes_of_the_file(tmp_path: Path) -> None:
    write_file(Stream(), SHEET, tmp_path / "s.csv")
    sink = io.BytesIO()
    write_stream(Stream(block=7), SHEET, sink)
    assert sink.getvalue() == (tmp_path / "s.csv").read_bytes()


def test_a_reader_that_has_gone_is_the_callers_to_judge() -> None:
    class Closed(io.BytesIO):
        def write(self, data: object) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write_stream(Stream(), SHEET, Closed())


def test_a_device_without_space_is_told() -> None:
    with (
        pytest.raises(WriteError, match="no space left"),
        Path("/dev/full").open("wb", buffering=0) as sink,
    ):
        write_stream(Stream(), SHEET, sink)


def test_long_as_an_array_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"use \.csv or \.parquet"):
        write_file(Stream(), replace(SHEET, layout="long"), tmp_path / "s.npy")


def short(first: int, n: int) -> Iterator[Scenarios]:
    return Stream()(first, n - 1)


def long(first: int, n: int) -> Iterator[Scenarios]:
    return Stream()(first, n + 1)


def shifted(first: int, n: int) -> Iterator[Scenarios]:
    return Stream()(first + 1, n)


def with_a_gap(first: int, n: int) -> Iterator[Scenarios]:
    blocks = list(Stream()(first, n + 10))
    return iter(blocks[:7] + blocks[8:])


@pytest.mark.parametrize("source", [short, long, shifted, with_a_gap])
def test_a_source_that_gives_other_scenarios_makes_no_file(
    source: Callable[[int, int], Iterator[Scenarios]], tmp_path: Path
) -> None:
    with pytest.raises(SamplingError):
        write_file(source, SHEET, tmp_path / "s.csv")
    assert names(tmp_path) == []


@pytest.mark.parametrize("rows", [1, 9, 10, 64, 300, 1_000])
def test_groups_have_the_asked_size_and_the_same_rows(rows: int) -> None:
    groups = list(regroup(Stream()(0, 300), rows))
    assert [len(group) for group in groups] == [rows] * (300 // rows) + [300 % rows] * (
        300 % rows > 0
    )
    whole = np.concatenate([block.log_returns for block in Stream()(0, 300)])
    assert np.array_equal(np.concatenate([group.log_returns for group in groups]), whole)
    assert [group.first for group in groups] == list(range(0, 300, rows))


def test_the_record_beside_an_interrupted_file_can_be_read_by_people(tmp_path: Path) -> None:
    interrupt(tmp_path / "s.csv")
    record = json.loads((tmp_path / ".s.csv.partial.json").read_text())
    assert record["progress"]["done"] == 192
    assert record["request"]["origin"] == {"model": "abc", "seed": 3}


@pytest.mark.parametrize("room", [2_000, 4_000, 6_000])
@pytest.mark.parametrize("kind", APPENDABLE)
def test_a_full_disk_keeps_the_groups_that_are_complete(
    kind: str, room: int, tmp_path: Path
) -> None:
    """The limit on the size of files leaves no room for the next group, and then is gone."""
    whole, path = tmp_path / f"whole.{kind}", tmp_path / f"s.{kind}"
    write_file(Stream(), SHEET, whole)
    if whole.stat().st_size < room:
        pytest.skip("the file is smaller than the disk")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(WriteError, match="cannot write") as failed:
            write_file(Stream(), SHEET, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert not path.exists()
    kept = write_file(Stream(), SHEET, path, "resume").kept
    notes = getattr(failed.value, "__notes__", [])
    assert notes == ([f"{kept:,} finished scenarios are kept: {GO_ON}"] if kept else [])
    assert path.read_bytes() == whole.read_bytes()
    assert names(tmp_path) == sorted([path.name, whole.name])


def test_one_run_at_a_time_writes_a_file(tmp_path: Path) -> None:
    path, source = tmp_path / "s.csv", Stream()

    def meanwhile(first: int, n: int) -> Iterator[Scenarios]:
        for how in ("refuse", "replace", "resume"):
            with pytest.raises(WriteError, match=r"another run is writing .*s\.csv"):
                write_file(Stream(seed=4), SHEET, path, how)
        yield from source(first, n)

    write_file(meanwhile, SHEET, path)
    write_file(Stream(), SHEET, tmp_path / "whole.csv")
    assert path.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert names(tmp_path) == ["s.csv", "whole.csv"]


def test_a_record_is_read_under_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of before the lock made a file that began with 71 million NULs."""
    path = tmp_path / "s.csv"
    interrupt(path)
    found, held = Partial.found, []

    def watched(self: Partial) -> Reached:
        held.append((tmp_path / ".s.csv.lock").exists())
        return found(self)

    monkeypatch.setattr(Partial, "found", watched)
    replace_file, placed = os.replace, []

    def watched_replace(source: Path, target: Path) -> None:
        placed.append((tmp_path / ".s.csv.lock").exists())
        replace_file(source, target)

    monkeypatch.setattr("simgan.scenarios.files.os.replace", watched_replace)
    write_file(Stream(), SHEET, path, "resume")
    assert (held, placed) == ([True], [True])


def test_more_than_the_disk_holds_is_refused_at_once(tmp_path: Path) -> None:
    sheet, stream = replace(SHEET, first=0, n=2**63 - 1), Stream()
    for ending in FORMATS:
        with pytest.raises(WriteError, match=r"scenarios need over .* GB, and .* are free"):
            write_file(stream, sheet, tmp_path / f"s.{ending}")
    assert (stream.drawn, names(tmp_path)) == (0, [])


def test_numbers_of_scenarios_fit_into_64_bits() -> None:
    with pytest.raises(ConfigError, match=r"2\^63 - 1 or less"):
        replace(SHEET, first=2**63 - 1, n=1)


@pytest.mark.parametrize("values", ["log-returns", "returns", "prices"])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_finished_file_of_another_processor_is_left_alone(
    kind: str, values: str, tmp_path: Path
) -> None:
    path, sheet = tmp_path / f"s.{kind}", replace(SHEET, values=values)
    write_file(Rounded(), sheet, path)
    before = path.read_bytes()
    written = write_file(Stream(), sheet, path, "resume")
    assert written.note == (
        f"{path} is complete already and holds the same scenarios up to rounding on another "
        "processor; nothing was left to do"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "npy"])
def test_a_long_file_of_another_processor_is_left_alone(kind: str, tmp_path: Path) -> None:
    path, sheet = tmp_path / f"s.{kind}", replace(SHEET, layout="long")
    write_file(Rounded(), sheet, path)
    assert "up to rounding" in write_file(Stream(), sheet, path, "resume").note


@pytest.mark.parametrize("kind", FORMATS)
def test_a_larger_difference_is_another_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"s.{kind}"
    write_file(Rounded(error=1e-6), SHEET, path)
    with pytest.raises(WriteError, match="holds other scenarios"):
        write_file(Stream(), SHEET, path, "resume")


@pytest.mark.parametrize("n", [256, 299, 301])
@pytest.mark.parametrize("kind", FORMATS)
def test_another_length_on_another_processor_is_another_file(
    kind: str, n: int, tmp_path: Path
) -> None:
    path = tmp_path / f"s.{kind}"
    write_file(Rounded(), replace(SHEET, n=n), path)
    with pytest.raises(WriteError, match="holds other scenarios"):
        write_file(Stream(), SHEET, path, "resume")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_stream_has_the_bytes_of_a_file_in_every_format(kind: str, tmp_path: Path) -> None:
    """To a sink that has nothing but ``write``, and takes a part of what it is given."""

    class Sink:
        def __init__(self) -> None:
            self.got = b""

        def write(self, data: bytes) -> int:
            piece = bytes(data)[:1000]
            self.got += piece
            return len(piece)

    sink, sheet = Sink(), replace(SHEET, n=200)
    write_file(Stream(), sheet, tmp_path / f"s.{kind}")
    write_stream(Stream(), sheet, cast(BinaryIO, sink), FORMATS.build(kind))
    assert sink.got == (tmp_path / f"s.{kind}").read_bytes()


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("kind", FORMATS)
def test_chunks_are_the_bytes_of_a_stream_in_every_format(
    kind: str, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks of 16 scenarios or a group, and the end of a file in one of its own."""
    monkeypatch.setattr("simgan.scenarios.writing._CELLS_OF_A_CHUNK", 16 * SHEET.width)
    monkeypatch.setattr("simgan.scenarios.writing._PIECE", 1000)
    sheet, form = replace(SHEET, layout=layout if kind != "npy" else "wide"), FORMATS.build(kind)
    sink = io.BytesIO()
    write_stream(Stream(), sheet, sink, form)
    chunks = list(stream_chunks(Stream(block=7), sheet, form))
    pieces = [piece for chunk in chunks for piece in chunk]
    assert b"".join(pieces) == sink.getvalue()
    assert max(map(len, pieces)) <= 1000
    count = {"csv.gz": 5, "csv.zst": 1}.get(kind, 6)  # a stream of Zstandard keeps the small text
    assert len(chunks) == (19 if form.seamless else count)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_chunk_is_drawn_when_it_is_asked_for(kind: str) -> None:
    source = Stream(block=64)
    chunks = stream_chunks(source, SHEET, FORMATS.build(kind))
    assert source.drawn == 0
    next(chunks)
    assert source.drawn == 64
    chunks.close()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_closed_pipe_stays_a_closed_pipe_in_every_format(kind: str) -> None:
    class Closed:
        def write(self, data: bytes) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write_stream(Stream(), SHEET, cast(BinaryIO, Closed()), FORMATS.build(kind))


@pytest.mark.parametrize("kind", FORMATS)
def test_scenarios_in_memory_go_to_a_stream(kind: str, tmp_path: Path) -> None:
    (scenarios,) = regroup(Stream()(1_000, 300), 300)
    sink, path = io.BytesIO(), tmp_path / f"s.{kind}"
    scenarios.to_stream(sink, kind)
    write_file(Stream(), replace(SHEET, origin={"seed": 3}), path)
    assert sink.getvalue() == path.read_bytes()
