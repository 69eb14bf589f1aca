"""Scenarios to a file, whole or not at all, or to a stream, in constant memory."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal, cast

from simgan.errors import WriteError
from simgan.files import remove_leftovers, told_as_write_error
from simgan.locks import locked_or_refused
from simgan.scenarios.block import Block, ForeignScenarios, regroup
from simgan.scenarios.files import START, Draw, Match, Partial, Reached, match_of
from simgan.scenarios.formats import FORMATS, Format, Writer, format_for
from simgan.scenarios.sheet import Sheet

IfExists = Literal["refuse", "replace", "resume"]
Source = Callable[[int, int], Iterable[Block]]  # (first, n) → blocks of any sizes, in order
_SAMPLE = 2048  # scenarios that show the size of one
_CELLS_OF_A_CHUNK = 2**16  # about 800 KB of CSV
_PIECE = 2**18  # bytes


@dataclass(frozen=True)
class Written:
    """The result of `write_file`.

    Attributes
    ----------
    path : Path
    kept : int
        Scenarios that were on disk already: 0 for a new file, n for a finished one.
    note : str
        A sentence for the user, or nothing.
    """

    path: Path
    kept: int = 0
    note: str = ""


def write_file(source: Source, sheet: Sheet, path: Path, if_exists: IfExists = "refuse") -> Written:
    """Write scenarios to a file. Its ending chooses the format.

    The file appears when it is complete, and one run at a time writes it. If the run stops early
    for any reason, the complete groups of an appendable format stay beside the file under a hidden
    name. ``if_exists="resume"`` then goes on to the same bytes as an uninterrupted run.

    Parameters
    ----------
    source : callable (first, n) → iterable of blocks
        Draws a range of scenarios.
    sheet : Sheet
        The plan of the file.
    path : Path
    if_exists : {"refuse", "replace", "resume"}
        Treatment of an existing file. "resume" leaves a finished file alone if it holds this
        sheet, and refuses it otherwise.

    Raises
    ------
    UnknownNameError
        No format has this file ending.
    ConfigError
        The format cannot hold this sheet.
    WriteError
        The file exists, is being written by another run, holds something else, or cannot be
        written.
    SamplingError
        The source gave other scenarios than it was asked for.
    Interrupted
        The user stopped the run. `kept` and the message say how much can be continued.
    """
    form = format_for(path)
    form.check(sheet)
    partial = Partial.of(path, {"format": form.kind, "rows": sheet.rows} | sheet.record())
    _stands_already(path, if_exists)
    with told_as_write_error(path), locked_or_refused(path):
        remove_leftovers(path.parent)
        stands = _stands_already(path, if_exists)
        match = match_of(path, form, sheet, _draw(source, sheet)) if stands else "none"
        if match != "none":
            partial.forget()
            return complete_already(path, sheet.n, match)
        reached = partial.found() if if_exists == "resume" else START
        if stands and reached == START:
            raise holds_others(path)
        expect_room(path, sheet, reached.size)
        with partial.opened(reached, appendable=form.appendable) as unfinished:
            for newly in written_groups(source, sheet, form, unfinished.sink, reached):
                unfinished.note(newly)
    return Written(path, reached.done, _note(path, form, if_exists, reached))


def write_stream(source: Source, sheet: Sheet, sink: BinaryIO, form: Format | None = None) -> None:
    """Write the bytes of a file to an open stream, such as ``sys.stdout.buffer``.

    Parameters
    ----------
    source, sheet
        As for `write_file`.
    sink : binary stream
        It needs only ``write``, and is left open.
    form : Format, optional
        Default: CSV.

    Raises
    ------
    BrokenPipeError
        The reader has closed the pipe, as in ``simgan sample | head``.
    WriteError
        The system refuses the write for another reason.
    """
    form = form or FORMATS.build("csv")
    form.check(sheet)
    name = "standard output" if getattr(sink, "name", "") in ("<stdout>", 1) else "the stream"
    is_direct = form.kind == "csv" and getattr(sink, "seekable", bool)()
    target = sink if is_direct else cast(BinaryIO, _Forward(sink))
    with told_as_write_error(Path(name)):
        for _ in written_groups(source, sheet, form, target, START):
            pass
        if hasattr(sink, "flush"):
            sink.flush()


def stream_chunks(source: Source, sheet: Sheet, form: Format) -> Iterator[list[bytes]]:
    """Yield the bytes of a file as they are asked for. Together they are those of `write_stream`.

    A chunk is a group of the sheet, or a smaller one where the bytes do not depend on groups. It
    comes in pieces of at most 256 KiB, which a reader can let go of one by one. Between two chunks
    nothing is drawn.

    Raises
    ------
    ConfigError
        The format cannot hold this sheet.
    SamplingError
        The source gave other scenarios than it was asked for.
    """
    form.check(sheet)
    rows = min(sheet.rows, max(_CELLS_OF_A_CHUNK // sheet.width, 1)) if form.seamless else None
    sink = _CutBytes()
    writer = form.open(cast(BinaryIO, sink), sheet)
    for _ in _each_written(groups_of(source, sheet, 0, sheet.n, rows), writer):
        if sink.size:
            yield sink.taken()
    if sink.size:
        yield sink.taken()


def written_groups(
    source: Source, sheet: Sheet, form: Format, sink: BinaryIO, reached: Reached
) -> Iterator[Reached]:
    """Write group after group, and yield the part that is complete after each."""
    done = reached.done
    groups = groups_of(source, sheet, done, sheet.n)
    for written in _each_written(groups, form.open(sink, sheet, done)):
        done += written
        yield Reached(done, sink.tell() if form.appendable else 0)
    if not sink.closed:
        sink.flush()


def _each_written(groups: Iterator[Block], writer: Writer) -> Iterator[int]:
    """Write each group, yield its scenarios, and close the writer at any end."""
    try:
        for group in groups:
            writer.write(group)
            written = len(group)
            del group  # nothing holds it while a slow reader takes its bytes
            yield written
    except BaseException:
        # an open writer of pyarrow complains when it is collected
        with suppress(OSError):
            writer.close()
        raise
    writer.close()


def expect_room(path: Path, sheet: Sheet, written: int = 0) -> None:
    """Refuse a sheet that cannot fit on the disk: each value takes a byte or more.

    Raises
    ------
    WriteError
        The message names the sizes.
    """
    needed = sheet.n * sheet.width - written
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise WriteError(
            f"cannot write {path}: {sheet.n:,} scenarios need over {needed / 1e9:,.0f} GB, and "
            f"{free / 1e9:,.0f} GB are free; ask for fewer, or choose another place"
        )


def expected_size(source: Source, sheet: Sheet, form: Format) -> int:
    """Estimate the bytes of a file by its first scenarios, which are drawn for it."""
    some = replace(sheet, n=min(sheet.n, _SAMPLE))
    sink = _Counted()
    write_stream(source, some, cast(BinaryIO, sink), form)
    return sink.size * sheet.n // some.n


class _Counted:
    """A stream that keeps nothing but the number of its bytes."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Count some bytes."""
        size = memoryview(data).nbytes
        self.size += size
        return size


def exists_already(path: Path) -> WriteError:
    """Return the refusal to overwrite an existing file or folder."""
    return WriteError(
        f"{path} exists already; choose another name, or overwrite it with --force "
        "(in Python if_exists='replace')"
    )


def holds_others(path: Path) -> WriteError:
    """Return the refusal to go on with a complete file of another sheet."""
    return WriteError(
        f"{path} is complete but holds other scenarios than these; choose another name, or "
        "overwrite it with --force"
    )


def complete_already(path: Path, n: int, match: Match) -> Written:
    """Return the result for a sheet of n scenarios that was complete before."""
    rounding = " and holds the same scenarios up to rounding on another processor"
    return Written(
        path,
        n,
        f"{path} is complete already{rounding if match == 'rounding' else ''}; "
        "nothing was left to do",
    )


class _CutBytes(io.RawIOBase):
    """A sink that cuts bytes into pieces until they are taken, and counts them as `_Forward`."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._rest = bytearray()  # the last piece, which is not full
        self._count = self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(cast(bytes, data)).cast("B")
        start = 0
        while start < len(view):
            end = start + _PIECE - len(self._rest)
            self._rest += view[start:end]
            start = end
            if len(self._rest) == _PIECE:
                self._cut()
        self._count += len(view)
        self.size += len(view)
        return len(view)

    def tell(self) -> int:
        return self._count

    def taken(self) -> list[bytes]:
        """Return the pieces since the last call."""
        self._cut()
        pieces, self._pieces, self.size = self._pieces, [], 0
        return pieces

    def _cut(self) -> None:
        if self._rest:
            self._pieces.append(bytes(self._rest))
            self._rest.clear()


class _Forward(io.RawIOBase):
    """A sink that passes bytes on and counts them, for formats that ask for their position."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink, self._count = sink, 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        start = 0
        while start < len(view):  # a raw sink may take a part only
            start += self._sink.write(view[start:])
        self._count += len(view)
        return len(view)

    def tell(self) -> int:
        return self._count


def _draw(source: Source, sheet: Sheet) -> Draw:
    return lambda start, stop: groups_of(source, sheet, start, stop)


def groups_of(
    source: Source, sheet: Sheet, start: int, stop: int, rows: int | None = None
) -> Iterator[Block]:
    """Yield rows ``start … stop − 1`` of the sheet in groups. A group begins at `start`.

    A group has `rows` scenarios, by default those of the groups of a file.
    """
    if start == stop:
        return
    due = sheet.first + start
    for group in regroup(source(due, stop - start), rows or sheet.rows):
        if (group.first, group.horizon, group.assets) != (due, sheet.horizon, sheet.assets):
            raise ForeignScenarios(
                f"the source gave {_described(group.first, group.horizon, group.assets)}, but "
                f"{_described(due, sheet.horizon, sheet.assets)} is due; please report this"
            )
        due += len(group)
        given = [group]
        del group  # only the caller holds it: a slow reader would keep it in memory
        yield given.pop()
    if due != sheet.first + stop:
        raise ForeignScenarios(
            f"the source ended at scenario {due}, but {sheet.first + stop} should be the first "
            "one left out; please report this"
        )


def _described(first: int, horizon: int, assets: tuple[str, ...]) -> str:
    return f"scenario {first} of {', '.join(assets)} over {horizon} steps"


def _stands_already(path: Path, if_exists: IfExists) -> bool:
    """Whether a finished file has to be compared. Refuse one that must not be overwritten."""
    with told_as_write_error(path):
        if not path.exists() or (path.is_file() and if_exists == "replace"):
            return False
        if not path.is_file():
            raise WriteError(
                f"{path} is not a regular file; give the name of a file, or - for standard output"
            )
    if if_exists == "refuse":
        raise exists_already(path)
    return True


def _note(path: Path, form: Format, if_exists: IfExists, reached: Reached) -> str:
    if if_exists != "resume" or reached.done:
        return f"went on after {reached.done:,} scenarios" if reached.done else ""
    reason = (
        "there was nothing to go on with"
        if form.appendable
        else f"a .{form.kind} file cannot be continued"
    )
    return f"{path}: {reason}, so it was written from its beginning"
