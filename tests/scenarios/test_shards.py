"""A folder of Parquet files is one table, whole or not at all, and can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_source import Rounded, Stream

from simgan.errors import ConfigError, Interrupted, UnknownNameError, WriteError
from simgan.scenarios.product import Scenarios
from simgan.scenarios.shards import write_shards
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import write_file

SHEET = Sheet(first=1_000, n=300, horizon=5, assets=("SP500",), origin={"model": "abc", "seed": 3})
ROWS = 128


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_files_together_are_the_table(tmp_path: Path) -> None:
    write_file(Stream(), SHEET, tmp_path / "one.parquet")
    write_shards(Stream(), SHEET, tmp_path / "many.parquet", ROWS)
    assert [file.name for file in sorted((tmp_path / "many.parquet").iterdir())] == [
        f"part-0000{i}.parquet" for i in range(3)
    ]
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "one.parquet"), pd.read_parquet(tmp_path / "many.parquet")
    )


def test_an_interrupted_folder_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.parquet", tmp_path / "s.parquet"
    write_shards(Stream(), SHEET, whole, ROWS)
    with pytest.raises(KeyboardInterrupt):
        write_shards(Stream(stop_before=1_280), SHEET, path, ROWS)
    assert not path.exists() and (tmp_path / ".s.parquet.partial").is_dir()
    rest = Stream()
    written = write_shards(rest, SHEET, path, ROWS, "resume")
    assert (written.kept, rest.drawn, written.note) == (256, 44, "went on after 256 scenarios")
    assert content(path) == content(whole)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["s.parquet", "whole.parquet"]


def test_an_interruption_promises_what_stays(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    with pytest.raises(Interrupted, match=r"s\.parquet is not complete; nothing of it was kept$"):
        write_shards(Stream(stop_before=1_100), SHEET, path, ROWS)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(
        Interrupted,
        match=r"s\.parquet is not complete; the same command with --resume goes on with it$",
    ) as stopped:
        write_shards(Stream(stop_before=1_280), SHEET, path, ROWS)
    assert stopped.value.kept == 256


def test_a_run_that_was_to_replace_a_folder_can_be_resumed(tmp_path: Path) -> None:
    path, whole = tmp_path / "s.parquet", tmp_path / "whole.parquet"
    write_shards(Stream(), SHEET, whole, ROWS)
    write_shards(Stream(), replace(SHEET, n=100), path, ROWS)
    before = content(path)
    with pytest.raises(Interrupted):
        write_shards(Stream(stop_before=1_280), SHEET, path, ROWS, "replace")
    assert content(path) == before
    assert write_shards(Stream(), SHEET, path, ROWS, "resume").kept == 256
    assert content(path) == content(whole)


def test_other_options_do_not_go_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_shards(Stream(stop_before=1_280), SHEET, tmp_path / "s.parquet", ROWS)
    with pytest.raises(WriteError, match="interrupted with another n, shard rows"):
        write_shards(Stream(), replace(SHEET, n=200), tmp_path / "s.parquet", 100, "resume")


def test_a_failure_keeps_the_finished_files(tmp_path: Path) -> None:
    path = tmp_path / "new" / "s.parquet"
    with pytest.raises(MemoryError) as failed:
        write_shards(Stream(stop_before=1_280, because=MemoryError), SHEET, path, ROWS)
    assert failed.value.__notes__ == [
        "256 finished scenarios are kept: the same command with --resume goes on with it"
    ]
    assert write_shards(Stream(), SHEET, path, ROWS, "resume").kept == 256


def test_a_failure_before_the_first_file_leaves_nothing(tmp_path: Path) -> None:
    failing = Stream(stop_before=1_100, because=MemoryError)
    with pytest.raises(MemoryError) as failed:
        write_shards(failing, SHEET, tmp_path / "new" / "s.parquet", ROWS)
    assert not hasattr(failed.value, "__notes__")
    assert list(tmp_path.iterdir()) == []


def test_a_kill_between_the_last_file_and_the_final_name_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.parquet"
    with monkeypatch.context() as patch, pytest.raises(OSError, match="power cut"):
        patch.setattr("simgan.scenarios.shards.take_place", raising(OSError("power cut")))
        patch.setattr("simgan.scenarios.shards.told_as_write_error", lambda _: nullcontext())
        write_shards(Stream(), SHEET, path, ROWS)
    rest = Stream()
    assert write_shards(rest, SHEET, path, ROWS, "resume").kept == 300
    assert rest.drawn == 0
    assert [file.name for file in tmp_path.iterdir()] == ["s.parquet"]


def test_a_kill_after_the_final_name_leaves_nothing_behind_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    write_shards(Stream(), SHEET, path, ROWS)
    (tmp_path / ".s.parquet.partial").mkdir()
    (tmp_path / ".s.parquet.partial.json").write_text("{}")
    write_shards(Stream(), SHEET, path, ROWS, "resume")
    assert [file.name for file in tmp_path.iterdir()] == ["s.parquet"]


def test_what_a_killed_run_left_in_the_folder_is_not_published(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    with pytest.raises(KeyboardInterrupt):
        write_shards(Stream(stop_before=1_280), SHEET, path, ROWS)
    left = f".part-00002.parquet.tmp-{'0' * 8}-1-{'0' * 8}"
    (tmp_path / ".s.parquet.partial" / left).write_text("half")
    write_shards(Stream(), SHEET, path, ROWS, "resume")
    assert sorted(content(path)) == [f"part-0000{i}.parquet" for i in range(3)]


def test_one_run_at_a_time_writes_a_folder(tmp_path: Path) -> None:
    """Twice the same command ended both and deleted the files of the other."""
    path, source = tmp_path / "s.parquet", Stream()

    def meanwhile(first: int, n: int) -> Iterator[Scenarios]:
        for seed in (3, 4):
            other = replace(SHEET, origin={"model": "abc", "seed": seed})
            for how in ("refuse", "replace", "resume"):
                with pytest.raises(WriteError, match=r"another run is writing .*s\.parquet"):
                    write_shards(Stream(seed), other, path, ROWS, how)
        yield from source(first, n)

    write_shards(meanwhile, SHEET, path, ROWS)
    write_shards(Stream(), SHEET, tmp_path / "whole.parquet", ROWS)
    assert content(path) == content(tmp_path / "whole.parquet")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["s.parquet", "whole.parquet"]


def test_scenarios_are_drawn_once_for_many_small_files(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    source = Stream()

    def counted(first: int, n: int) -> Iterator[Scenarios]:
        calls.append((first, n))
        yield from source(first, n)

    write_shards(counted, replace(SHEET, n=50), tmp_path / "s.parquet", 1)
    assert calls == [(1_000, 50)]
    assert len(content(tmp_path / "s.parquet")) == 50


def test_a_missing_file_in_the_middle_is_drawn_again(tmp_path: Path) -> None:
    path, whole = tmp_path / "s.parquet", tmp_path / "whole.parquet"
    write_shards(Stream(), SHEET, whole, ROWS)
    with pytest.raises(KeyboardInterrupt):
        write_shards(Stream(stop_before=1_280), SHEET, path, ROWS)
    (tmp_path / ".s.parquet.partial" / "part-00000.parquet").unlink()
    write_shards(Stream(), SHEET, path, ROWS, "resume")
    assert content(path) == content(whole)


def test_too_many_files_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2 or more, which gives 100,000 files"):
        write_shards(Stream(), replace(SHEET, n=100_001), tmp_path / "s.parquet", 1)


def test_a_folder_of_another_processor_is_finished(tmp_path: Path) -> None:
    """Its start state, which is in the origin, and its numbers differ in the last bits."""
    path = tmp_path / "s.parquet"
    write_shards(Rounded(), replace(SHEET, origin={"model": "abc", "seed": 4}), path, ROWS)
    before = content(path)
    note = write_shards(Stream(), SHEET, path, ROWS, "resume").note
    assert note.endswith("up to rounding on another processor; nothing was left to do")
    assert content(path) == before


def test_an_existing_folder_is_replaced_only_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    write_shards(Stream(), SHEET, path, ROWS)
    before = content(path)
    with pytest.raises(WriteError, match="exists already"):
        write_shards(Stream(), SHEET, path, ROWS)
    with pytest.raises(WriteError, match="holds other scenarios"):
        write_shards(Stream(), SHEET, path, 100, "resume")
    assert (
        write_shards(Stream(), SHEET, path, ROWS, "resume").note
        == f"{path} is complete already; nothing was left to do"
    )
    assert content(path) == before
    write_shards(Stream(), replace(SHEET, n=100), path, ROWS, "replace")
    assert list(content(path)) == ["part-00000.parquet"]
    assert [file.name for file in tmp_path.iterdir()] == ["s.parquet"]


def test_only_parquet_has_shards(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends in \.parquet"):
        write_shards(Stream(), SHEET, tmp_path / "s.csv", ROWS)
    with pytest.raises(UnknownNameError):
        write_shards(Stream(), SHEET, tmp_path / "s.xls", ROWS)
    with pytest.raises(ConfigError, match="1 or more"):
        write_shards(Stream(), SHEET, tmp_path / "s.parquet", 0)
