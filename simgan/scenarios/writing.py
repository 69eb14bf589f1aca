"""Scenarios to a file, whole or not at all, or to a stream; in constant memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from simgan.errors import SamplingError, WriteError
from simgan.files import told_as_write_error
from simgan.scenarios.finished import holds_sheet
from simgan.scenarios.formats import format_for
from simgan.scenarios.formats.base import Format
from simgan.scenarios.partial import START, Partial, Progress
from simgan.scenarios.product import Scenarios, regroup
from simgan.scenarios.sheet import Sheet

IfExists = Literal["refuse", "replace", "resume"]
Source = Callable[
    [int, int], Iterable[Scenarios]
]  # (first, n) → blocks of any sizes that hold scenarios first … first + n − 1


@dataclass(frozen=True)
class Written:
    """What `write_file` did.

    Attributes
    ----------
    path : Path
    kept : int
        Scenarios that were on disk already: 0 for a new file, n for one that was finished.
    note : str
        A sentence for the user, or nothing.
    """

    path: Path
    kept: int = 0
    note: str = ""


def write_file(source: Source, sheet: Sheet, path: Path, if_exists: IfExists = "refuse") -> Written:
    """Write scenarios to a file whose format is that of its ending.

    The file appears when it is complete. After an interruption (`KeyboardInterrupt`) the complete groups of an appendable format
    stay beside it under a hidden name, and ``if_exists="resume"`` goes on from there to the very bytes of an uninterrupted run;
    where no group was complete yet, and of a format that cannot be continued, nothing stays.

    Parameters
    ----------
    source : callable (first, n) → iterable of Scenarios
        Draws a range of scenarios, in blocks of any sizes.
    sheet : Sheet
        What the file is to hold.
    path : Path
    if_exists : {"refuse", "replace", "resume"}
        What to do about an existing file; "resume" leaves a finished one alone if it holds this sheet, and refuses it otherwise.

    Raises
    ------
    UnknownNameError
        No format has this file ending.
    ConfigError
        The format cannot hold this sheet.
    WriteError
        The file exists, holds something else, or cannot be written.
    SamplingError
        The source gave other scenarios than it was asked for.
    Interrupted
        The user stopped it; the message says whether there is something to go on with.
    """
    form = format_for(path)
    form.check(sheet)
    partial = Partial.of(path, {"format": form.kind, "rows": sheet.rows} | sheet.record())
    stands = _stands_already(path, if_exists)
    if stands and holds_sheet(
        path, form, sheet, lambda start, stop: _groups(source, sheet, start, stop)
    ):
        return complete_already(path, sheet.n)
    progress = partial.found() if if_exists == "resume" else START
    if stands and progress == START:
        raise holds_others(path)
    _write_whole(source, sheet, form, partial, progress)
    return Written(path, progress.done, _note(path, form, if_exists, progress))


def write_stream(source: Source, sheet: Sheet, sink: BinaryIO) -> None:
    """Write scenarios as CSV to an open stream such as ``sys.stdout.buffer``.

    Raises
    ------
    BrokenPipeError
        The reader has gone (``simgan sample | head``); the caller decides what that means.
    WriteError
        The system refused otherwise.
    """
    form = format_for("-")
    form.check(sheet)
    with told_as_write_error(Path("standard output")):
        writer = form.open(sink, sheet)
        for group in _groups(source, sheet, 0, sheet.n):
            writer.write(group)
        writer.close()
        sink.flush()


def exists_already(path: Path) -> WriteError:
    """Return the refusal to overwrite what nobody said to overwrite."""
    return WriteError(
        f"{path} exists already; choose another name, or overwrite it with --force (in Python if_exists='replace')"
    )


def holds_others(path: Path) -> WriteError:
    """Return the refusal to go on with what is complete but another sheet."""
    return WriteError(
        f"{path} is complete but holds other scenarios than these; choose another name, or overwrite it with --force"
    )


def complete_already(path: Path, n: int) -> Written:
    """Return what is said of a sheet of n scenarios that stands already."""
    return Written(path, n, f"{path} is complete already; nothing was left to do")


def _groups(source: Source, sheet: Sheet, start: int, stop: int) -> Iterator[Scenarios]:
    """Yield rows ``start … stop − 1`` of the sheet in groups; `start` lies on a group's border."""
    if start == stop:
        return
    due = sheet.first + start
    for group in regroup(source(due, stop - start), sheet.rows):
        if (group.first, group.horizon, group.assets) != (due, sheet.horizon, sheet.assets):
            raise SamplingError(
                f"the source gave {_told(group.first, group.horizon, group.assets)}, "
                f"but {_told(due, sheet.horizon, sheet.assets)} is due; please report this"
            )
        due += len(group)
        yield group
    if due != sheet.first + stop:
        raise SamplingError(
            f"the source ended at scenario {due}, but {sheet.first + stop} should be the first one left out; please report this"
        )


def _told(first: int, horizon: int, assets: tuple[str, ...]) -> str:
    return f"scenario {first} of {', '.join(assets)} over {horizon} steps"


def _stands_already(path: Path, if_exists: IfExists) -> bool:
    """Tell whether a finished file is to be looked at; refuse what must not be overwritten."""
    with told_as_write_error(path):
        if not path.exists() or (path.is_file() and if_exists == "replace"):
            return False
        if not path.is_file():
            raise WriteError(
                f"{path} is not a regular file; give the name of a file, or - for CSV on standard output"
            )
    if if_exists == "refuse":
        raise exists_already(path)
    return True


def _write_whole(
    source: Source, sheet: Sheet, form: Format, partial: Partial, progress: Progress
) -> None:
    """Write the rest of the sheet after `progress`; an interruption leaves the complete groups to `partial`."""
    with (
        told_as_write_error(partial.path),
        partial.opened(progress, appendable=form.appendable) as unfinished,
    ):
        for reached in _written_groups(source, sheet, form, unfinished.sink, progress):
            unfinished.note(reached)


def _written_groups(
    source: Source, sheet: Sheet, form: Format, sink: BinaryIO, progress: Progress
) -> Iterator[Progress]:
    """Write group after group; yield how far the file is complete."""
    done = progress.done
    writer = form.open(sink, sheet, done)
    try:
        for group in _groups(source, sheet, done, sheet.n):
            writer.write(group)
            done += len(group)
            yield Progress(done, sink.tell())
    except BaseException:
        with suppress(
            OSError
        ):  # a writer of pyarrow that was left open complains when it is collected
            writer.close()
        raise
    writer.close()
    if not sink.closed:
        sink.flush()
        os.fsync(sink.fileno())  # here, where an interruption loses nothing


def _note(path: Path, form: Format, if_exists: IfExists, progress: Progress) -> str:
    if if_exists != "resume" or progress.done:
        return f"went on after {progress.done:,} scenarios" if progress.done else ""
    reason = (
        "there was nothing to go on with"
        if form.appendable
        else f"a .{form.kind} file cannot be continued"
    )
    return f"{path}: {reason}, so it was written from its beginning"
