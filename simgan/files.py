"""Files and folders that appear whole or not at all.

A file is built under a temporary name in the folder of its final name, synced, and renamed. An
error of the operating system, such as a full disk or a read-only folder, becomes one `WriteError`.

A temporary name holds the machine, the process and a random token. Threads, and containers that
share a volume, can therefore write the same path without mixing their files. The next write to a
folder removes the temporary files of processes that have ended.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from simgan.errors import WriteError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_FULL = (errno.ENOSPC, errno.EDQUOT, None)  # None: the error has its number in its text only
_LONGEST_NAME = 255  # bytes, on all common file systems
_DAY = 86_400.0  # seconds: older temporary files of other machines are leftovers
_SWEEP_EVERY = 600.0  # seconds between two sweeps of the same folder
_TEMPORARY = re.compile(r"\..*\.tmp-(?P<machine>[0-9a-f]{8})-(?P<pid>\d+)-[0-9a-f]{8}")
_alive: set[str] = set()  # temporary names that this process uses or keeps
_swept: dict[Path, float] = {}  # time of the last sweep by folder


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` on success.

    The file is synced before it is renamed. On failure it is removed.
    """
    with no_empty_folders(path.parent), told_as_write_error(path), _temporary(path) as temporary:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        temporary.touch()
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`, which takes the place of `path` on success.

    An existing folder `path` stays untouched until then.
    """
    with no_empty_folders(path.parent), told_as_write_error(path), _temporary(path) as temporary:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        temporary.mkdir()
        yield temporary
        for file in temporary.iterdir():
            sync(file)
        sync(temporary)
        take_place(temporary, path)
        sync(path.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder in one step: it is renamed first, so that no half of it keeps its name.

    Raises
    ------
    WriteError
        The system refuses. The folder is whole if it has its name still.
    """
    with removed_afterwards(path):
        pass


@contextmanager
def removed_afterwards(path: Path) -> Iterator[None]:
    """Rename a folder for a block, and remove it then. It is back where the block fails.

    Raises
    ------
    WriteError
        The system refuses, and the folder is back. If the system refuses that too, the data stay
        under the temporary name, which the error gives.
    """
    temporary = _beside(path)
    _alive.add(temporary.name)
    with told_as_write_error(path):
        remove_leftovers(path.parent)
        os.rename(path, temporary)
    try:
        with told_as_write_error(path):
            sync(path.parent)
        yield
    except BaseException:
        _rename_back(temporary, path)
        raise
    discard(temporary)
    _alive.discard(temporary.name)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files and folders of dead processes from `folder`.

    A folder is searched at most every ten minutes, because folders may hold many files.
    """
    now = time.monotonic()
    key = folder.absolute()
    if now - _swept.get(key, -_SWEEP_EVERY) < _SWEEP_EVERY:
        return
    _swept[key] = now
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _is_leftover(entry):
                discard(Path(entry.path))


@contextmanager
def no_empty_folders(folder: Path) -> Iterator[None]:
    """Remove `folder` and its parents afterwards, if they were missing before and are empty."""
    missing = [place for place in (folder, *folder.parents) if not _exists(place)]
    try:
        yield
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[np.generic]], facts: Mapping[str, str] | None = None
) -> None:
    """Write named arrays in the safetensors format, with text beside them.

    The error of ``safetensors.numpy.save_file`` for a full disk names no `errno`, so that this
    function writes the bytes itself.

    Raises
    ------
    OSError
        The system refuses the write.
    """
    import numpy as np
    from safetensors.numpy import save

    path.write_bytes(
        save(
            {name: np.asarray(values, order="C") for name, values in arrays.items()},
            dict(facts) if facts else None,
        )
    )


def expect_writable(path: Path) -> None:
    """Refuse a place where nothing can be written, before hours of work for it. Create nothing.

    Raises
    ------
    WriteError
        The nearest existing parent is not a folder, or is not writable.
    """
    nearest = next(folder for folder in (path, *path.absolute().parents) if _exists(folder))
    with told_as_write_error(path), tempfile.TemporaryFile(dir=nearest):
        pass


@contextmanager
def told_as_write_error(path: Path) -> Iterator[None]:
    """Turn an OSError into a `WriteError` that names the path and the reason.

    Notes that were added to the error, such as how to go on, are kept.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # polars puts the number of the error into its text
        text = error.strerror or re.sub(r"^\[Errno \d+\] ", "", str(error))
        reason = text.partition(" (os error")[0].lower()
        if error.errno == errno.ENOENT:
            reason = f"it cannot be created ({reason})"
        remedy = "free some space or choose" if error.errno in _FULL else "choose"
        failed = WriteError(f"cannot write {path}: {reason}; {remedy} another place")
        for note in getattr(error, "__notes__", ()):
            failed.add_note(note)
        raise failed from error


def take_place(new: Path, path: Path) -> None:
    """Rename `new` to `path`. Linux exchanges existing folders in one system call."""
    try:
        os.rename(new, path)  # an empty folder or none is replaced
        return
    except OSError as error:  # another process may have put a folder there a moment ago
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
            raise
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        names = (_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(path))
        done = libc.renameat2(*names, _RENAME_EXCHANGE) == 0
    except (AttributeError, OSError):
        done = False
    if not done:  # other systems: two renames, the old folder kept aside until the new one stands
        with _temporary(path, "old") as aside:
            os.rename(path, aside)
            try:
                os.rename(new, path)
            except OSError:
                os.rename(aside, path)
                raise


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _temporary(path: Path, kind: str = "tmp") -> Iterator[Path]:
    """Give a temporary name beside `path`, and remove afterwards the rest of it."""
    temporary = _beside(path, kind)
    _alive.add(temporary.name)
    try:
        yield temporary
    finally:
        discard(temporary)
        _alive.discard(temporary.name)


def _beside(path: Path, kind: str = "tmp") -> Path:
    """Return a new temporary name beside `path`."""
    ending = f".{kind}-{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"
    stem = os.fsencode(path.name)[: _LONGEST_NAME - 1 - len(ending)].decode(errors="ignore")
    return path.with_name(f".{stem}{ending}")


def _rename_back(temporary: Path, path: Path) -> None:
    """Give a folder its name back, or raise an error that says where its data are."""
    try:
        os.rename(temporary, path)
    except OSError as error:  # its name stays among those in use, so that no sweep removes it
        raise WriteError(
            f"cannot rename {temporary} back to {path}: {(error.strerror or str(error)).lower()}; "
            "rename it by hand before this process ends, because a later one removes it"
        ) from error
    _alive.discard(temporary.name)


def discard(path: Path) -> None:
    """Remove a file or a folder, if it is there and the system allows it."""
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink()


def _is_leftover(entry: os.DirEntry[str]) -> bool:
    """Whether a directory entry is a temporary file of a process that has ended."""
    parts = _TEMPORARY.fullmatch(entry.name)
    if parts is None or entry.name in _alive:
        return False
    if parts["machine"] != _machine():
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > _DAY
    return int(parts["pid"]) == os.getpid() or not _is_running(int(parts["pid"]))


def _is_running(pid: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to somebody else
        return True
    return True


def _machine() -> str:
    """Eight hexadecimal digits for the machine, or the container, whose process numbers we see."""
    try:
        numbers = os.readlink("/proc/self/ns/pid")
    except OSError:
        numbers = ""
    return hashlib.sha256(f"{platform.node()} {numbers}".encode()).hexdigest()[:8]


def _exists(path: Path) -> bool:
    """Whether a path exists. False if the system refuses to say."""
    try:
        return path.exists()
    except OSError:
        return False
