"""Scenarios to a folder of Parquet files, as Spark, Dask and DuckDB read them: each file whole or not at all, and the folder too."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from simgan.errors import ConfigError
from simgan.files import no_empty_folders, sync, take_place, told_as_write_error, whole_file
from simgan.scenarios.formats import format_for
from simgan.scenarios.partial import interrupted, refuse_other_request
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import (
    IfExists,
    Source,
    Written,
    complete_already,
    exists_already,
    holds_others,
    write_file,
)

_REQUEST = "_request.json"  # readers of such folders skip names with a leading underscore


def write_shards(
    source: Source, sheet: Sheet, path: Path, rows: int, if_exists: IfExists = "refuse"
) -> Written:
    """Write ``path/part-00000.parquet`` and so on, `rows` scenarios each, the last possibly fewer.

    The folder appears when it is complete. After an interruption, and after a kill, the finished files stay beside it under a hidden
    name, and ``if_exists="resume"`` goes on after them to the very bytes of an uninterrupted run; after any other failure, and where no
    file was finished, nothing stays.

    Raises
    ------
    ConfigError
        `path` does not end in .parquet, or `rows` is below 1, or the format cannot hold this sheet.
    WriteError
        The folder exists, or was interrupted with other options, or cannot be written.
    Interrupted
        The user stopped it; the message says whether there is something to go on with.
    """
    if format_for(path).kind != "parquet":
        raise ConfigError(
            "sample",
            "shard_rows",
            rows,
            f"used with a folder that ends in .parquet; {path} does not",
        )
    if rows < 1:
        raise ConfigError("sample", "shard_rows", rows, "1 or more")
    request = json.loads(json.dumps({"shard rows": rows} | sheet.record()))
    with told_as_write_error(path):
        if path.exists() and _stands_already(path, sheet, rows, if_exists):
            return complete_already(path, sheet.n)
        with no_empty_folders(path.parent):
            building = _begun(path, request, if_exists)
            kept = _finished(building, sheet, rows)
            try:
                for file, shard in _shards(building, sheet, rows):
                    if not file.exists():
                        write_file(source, shard, file)
            except KeyboardInterrupt as stop:
                raise interrupted(path, _keep(building, sheet, rows)) from stop
            except Exception:
                shutil.rmtree(building, ignore_errors=True)
                raise
            (building / _REQUEST).unlink()
            sync(building)
            take_place(building, path)
            shutil.rmtree(building, ignore_errors=True)  # the old folder, after an exchange
            sync(path.parent)
    return Written(path, kept, f"went on after {kept:,} scenarios" if kept else "")


def _shards(folder: Path, sheet: Sheet, rows: int) -> Iterator[tuple[Path, Sheet]]:
    """Name and plan of each file."""
    for number, start in enumerate(range(0, sheet.n, rows)):
        yield (
            folder / f"part-{number:05}.parquet",
            replace(sheet, first=sheet.first + start, n=min(rows, sheet.n - start)),
        )


def _finished(building: Path, sheet: Sheet, rows: int) -> int:
    """Scenarios in the files that are finished."""
    return sum(shard.n for file, shard in _shards(building, sheet, rows) if file.exists())


def _keep(building: Path, sheet: Sheet, rows: int) -> int:
    """Leave the finished files, and return how many scenarios they hold; without any leave nothing."""
    kept = _finished(building, sheet, rows)
    if not kept:
        shutil.rmtree(building, ignore_errors=True)
    return kept


def _stands_already(path: Path, sheet: Sheet, rows: int, if_exists: IfExists) -> bool:
    """Tell whether what exists holds this sheet and is to stay; refuse what must not be overwritten."""
    if if_exists == "replace":
        return False
    if if_exists == "refuse":
        raise exists_already(path)
    expected = {file.name: shard.record() for file, shard in _shards(path, sheet, rows)}
    found = {file.name: _sheet_in(file) for file in path.iterdir()} if path.is_dir() else {}
    if found == json.loads(json.dumps(expected)):
        return True
    if (
        _begun_with(_building(path)) is None
    ):  # else it was about to be replaced when it was interrupted
        raise holds_others(path)
    return False


def _sheet_in(file: Path) -> Any:
    """The sheet that a Parquet file says it holds; None if it is not one of simgan's."""
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_schema

    try:
        return json.loads(read_schema(file).metadata[b"simgan"])
    except (ArrowInvalid, KeyError, TypeError, ValueError):
        return None


def _building(path: Path) -> Path:
    """The folder in which `path` comes to be."""
    return path.with_name(f".{path.name}.partial")


def _begun_with(building: Path) -> dict[str, Any] | None:
    """The request of an interrupted run; None if there was none."""
    try:
        return dict(json.loads((building / _REQUEST).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _begun(path: Path, request: dict[str, Any], if_exists: IfExists) -> Path:
    """The folder to build in: that of an interrupted run of the same request, or an empty one."""
    folder = _building(path)
    saved = _begun_with(folder)
    if if_exists == "resume" and saved is not None:
        refuse_other_request(path, saved, request)
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with whole_file(folder / _REQUEST) as file:
        file.write_text(json.dumps(request, indent=2))
    return folder
