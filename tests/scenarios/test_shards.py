"""A folder of Parquet files is one table, whole or not at all, and goes on after an interruption."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from made_source import Stream

from simgan.errors import ConfigError, Interrupted, UnknownNameError, WriteError
from simgan.scenarios.shards import write_shards
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import write_file

SHEET = Sheet(first=1_000, n=300, horizon=5, assets=("SP500",), origin={"model": "abc", "seed": 3})
ROWS = 128


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


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(MemoryError):
        write_shards(
            Stream(stop_before=1_280, because=MemoryError),
            SHEET,
            tmp_path / "new" / "s.parquet",
            ROWS,
        )
    assert list(tmp_path.iterdir()) == []


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
