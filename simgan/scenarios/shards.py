"""Scenarios to a folder of Parquet files, as Spark, Dask and DuckDB read them.

Each file appears whole or not at all, and so does the folder.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simgan.errors import ConfigError
from simgan.files import (
    discard,
    remove_leftovers,
    sync,
    take_place,
    told_as_write_error,
    whole_file,
)
from simgan.locks import locked_or_refused
from simgan.scenarios.block import Block, ForeignScenarios
from simgan.scenarios.files import START, Match, Partial, interrupted, match_of, say_kept
from simgan.scenarios.formats import format_for
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import (
    IfExists,
    Source,
    Written,
    complete_already,
    exists_already,
    expect_room,
    groups_of,
    holds_others,
    written_groups,
)

_MOST_FILES = 100_000  # five digits: files keep their order by name

Shards = Sequence[tuple[Path, Sheet]]  # the name and the plan of each file


def write_shards(
    source: Source,
    sheet: Sheet,
    path: Path,
    rows: int,
    if_exists: IfExists = "refuse",
    write: Callable[[Shards], None] | None = None,
) -> Written:
    """Write ``path/part-00000.parquet`` and so on, with `rows` scenarios each.

    The last file may hold fewer. The folder appears when it is complete, and one run at a time
    writes it. If the run stops early for any reason, its finished files stay beside the folder
    under a hidden name. ``if_exists="resume"`` then goes on to the same bytes as an uninterrupted
    run.

    Parameters
    ----------
    source, sheet, path, if_exists
        As for `simgan.scenarios.writing.write_file`.
    rows : int
    write : callable, optional
        Writes the missing files in some other way, to the bytes of `write_shard`. By default this
        process draws them one after the other.

    Raises
    ------
    ConfigError
        `path` does not end in .parquet, `rows` is below 1, there would be too many files, or the
        format cannot hold this sheet.
    WriteError
        The folder exists, is being written by another run, was interrupted with other options, or
        cannot be written.
    Interrupted
        The user stopped the run. `kept` and the message say how much can be continued.
    """
    _expect_possible(path, sheet, rows)
    partial = Partial.of(path, {"shard rows": rows} | sheet.record())
    with told_as_write_error(path):
        if path.exists() and if_exists == "refuse":
            raise exists_already(path)
        with locked_or_refused(path):
            remove_leftovers(path.parent)
            stands = path.exists() and if_exists == "resume"
            match = _match(source, sheet, path, rows) if stands else "none"
            if match != "none":
                partial.forget()
                return complete_already(path, sheet.n, match)
            reached = partial.saved() if if_exists == "resume" else None
            if stands and reached is None:
                raise holds_others(path)
            expect_room(path, sheet)
            if reached is None:
                partial.forget()
                partial.write_record(START)
            partial.data.mkdir(exist_ok=True)
            kept = _finished(partial.data, sheet, rows)
            _write_missing(write or _drawn_here(source, sheet), sheet, partial, rows)
    return Written(path, kept, f"went on after {kept:,} scenarios" if kept else "")


def _expect_possible(path: Path, sheet: Sheet, rows: int) -> None:
    """Refuse impossible folders and numbers, and sheets that the format cannot hold."""
    form = format_for(path)
    if form.kind != "parquet":
        raise ConfigError(
            "sample",
            "shard_rows",
            rows,
            f"used with a folder that ends in .parquet; {path} does not",
        )
    if rows < 1:
        raise ConfigError("sample", "shard_rows", rows, "1 or more")
    if sheet.n > rows * _MOST_FILES:
        least = math.ceil(sheet.n / _MOST_FILES)
        raise ConfigError(
            "sample", "shard_rows", rows, f"{least:,} or more, which gives {_MOST_FILES:,} files"
        )
    form.check(sheet)


def _shards(folder: Path, sheet: Sheet, rows: int) -> Iterator[tuple[Path, Sheet]]:
    """Yield the name and the plan of each file."""
    for number, start in enumerate(range(0, sheet.n, rows)):
        yield (
            folder / f"part-{number:05}.parquet",
            replace(sheet, first=sheet.first + start, n=min(rows, sheet.n - start)),
        )


def _finished(building: Path, sheet: Sheet, rows: int) -> int:
    """Return the number of scenarios in the files that are finished."""
    return sum(shard.n for file, shard in _shards(building, sheet, rows) if file.exists())


def _write_missing(
    write: Callable[[Shards], None], sheet: Sheet, partial: Partial, rows: int
) -> None:
    """Write the files that are missing, then give the folder its final name."""
    building = partial.data
    try:
        write([each for each in _shards(building, sheet, rows) if not each[0].exists()])
        for file in building.glob(".*.tmp-*"):  # of a run on another machine that was killed
            discard(file)
        sync(building)
        take_place(building, partial.path)
    except KeyboardInterrupt as stop:
        raise interrupted(partial.path, _keep(partial, sheet, rows)) from stop
    except ForeignScenarios:
        partial.forget()
        raise
    except Exception as error:
        say_kept(error, _keep(partial, sheet, rows))
        raise
    sync(partial.path.parent)
    partial.forget()  # the record, and the old folder after an exchange


def _drawn_here(source: Source, sheet: Sheet) -> Callable[[Shards], None]:
    cursor = _Cursor(source, sheet.first + sheet.n)

    def write(shards: Shards) -> None:
        for file, shard in shards:
            write_shard(cursor, file, shard)

    return write


def write_shard(source: Source, file: Path, shard: Sheet) -> None:
    """Write one file of the folder, whole or not at all."""
    with whole_file(file) as temporary, temporary.open("wb") as sink:
        for _ in written_groups(source, shard, format_for(file), sink, START):
            pass


def _keep(partial: Partial, sheet: Sheet, rows: int) -> int:
    """Leave the finished files and return their number of scenarios. Leave nothing without any."""
    kept = _finished(partial.data, sheet, rows)
    if not kept:
        partial.forget()
    return kept


@dataclass
class _Cursor:
    """A source that draws once for many files, instead of once for each."""

    source: Source
    stop: int
    due: int = -1
    blocks: Iterator[Block] = field(default_factory=lambda: iter(()))
    rest: Block | None = None

    def __call__(self, first: int, n: int) -> Iterator[Block]:
        if first != self.due:
            self.due, self.rest = first, None
            self.blocks = iter(self.source(first, self.stop - first))
        while n:
            block = next(self.blocks, None) if self.rest is None else self.rest
            if block is None:
                return
            taken = min(n, len(block))
            self.rest = block.part(taken, len(block)) if taken < len(block) else None
            self.due, n = self.due + taken, n - taken
            yield block.part(0, taken)


def _match(source: Source, sheet: Sheet, path: Path, rows: int) -> Match:
    """Return how a finished folder agrees with this sheet.

    Each file names its sheet. If a name differs, as the start state does between two kinds of
    processors, the numbers are compared.
    """
    shards = dict(_shards(path, sheet, rows))
    if not path.is_dir() or {file.name for file in path.iterdir()} != {f.name for f in shards}:
        return "none"
    if all(_sheet_in(file) == _plain(shard.record()) for file, shard in shards.items()):
        return "bytes"
    cursor, form = _Cursor(source, sheet.first + sheet.n), format_for(path)
    for file, shard in shards.items():

        def draw(start: int, stop: int, shard: Sheet = shard) -> Iterator[Block]:
            return groups_of(cursor, shard, start, stop)

        if match_of(file, form, shard, draw) == "none":
            return "none"
    return "rounding"


def _plain(record: object) -> object:
    """Return the value that comes back from a JSON file."""
    return json.loads(json.dumps(record))


def _sheet_in(file: Path) -> object:
    """Return the sheet that a Parquet file names, or None if it is not one of simgan's."""
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_schema

    try:
        return json.loads(read_schema(file).metadata[b"simgan"])
    except (ArrowInvalid, KeyError, TypeError, ValueError):
        return None
