"""Files and folders that appear whole or not at all.

Everything is built under a temporary name in the same folder, synced, and renamed. Whatever the operating system refuses (a full
disk, a read-only folder) becomes one `WriteError`, and the temporary name is gone.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgan.errors import WriteError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it is synced and renamed to `path`, on failure it is removed."""
    temporary = _temporary(path)
    with no_empty_folders(path.parent), _gone_afterwards(temporary), told_as_write_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; on success it takes the place of `path`, which stays untouched until then."""
    temporary = _temporary(path)
    with no_empty_folders(path.parent), _gone_afterwards(temporary), told_as_write_error(path):
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        yield temporary
        for file in temporary.iterdir():
            sync(file)
        sync(temporary)
        take_place(temporary, path)
        sync(path.parent)


@contextmanager
def no_empty_folders(folder: Path) -> Iterator[None]:
    """Remove the folder and those above it afterwards, as far as they were not there before and nothing is in them."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        yield
    finally:
        for place in missing:
            with suppress(OSError):
                place.rmdir()


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, str] | None = None
) -> None:
    """Write named arrays in the safetensors format, with text beside them.

    Not by ``safetensors.numpy.save_file``, whose error for a full disk is of its own kind and names no `errno`.

    Raises
    ------
    OSError
        What the system says.
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
    """Refuse a place where nothing can be written, before hours are spent on what is to go there; nothing is created.

    Raises
    ------
    WriteError
        The nearest folder that exists is not one, or is not writable.
    """
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    with told_as_write_error(path), tempfile.TemporaryFile(dir=nearest):
        pass


@contextmanager
def told_as_write_error(path: Path) -> Iterator[None]:
    """Turn an OSError into a `WriteError` that names the path and what the system said."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (
            error.strerror or str(error).partition(" (os error")[0]
        ).lower()  # polars has the number in its words
        raise WriteError(
            f"cannot write {path}: {reason}; free some space or choose another place"
        ) from error


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp-{os.getpid()}")


@contextmanager
def _gone_afterwards(temporary: Path) -> Iterator[None]:
    """Remove what is still there under the temporary name: a file, a folder, or the old folder after an exchange."""
    try:
        yield
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        with suppress(OSError):
            temporary.unlink()


def take_place(new: Path, path: Path) -> None:
    """Rename `new` to `path`; an existing folder is exchanged in one system call where Linux allows it."""
    if not path.exists():
        os.rename(new, path)
        return
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        done = (
            libc.renameat2(
                _AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(path), _RENAME_EXCHANGE
            )
            == 0
        )
    except (AttributeError, OSError):
        done = False
    if not done:  # other systems: two renames, the old folder kept aside until the new one stands
        aside = path.with_name(f".{path.name}.old-{os.getpid()}")
        os.rename(path, aside)
        try:
            os.rename(new, path)
        except OSError:
            os.rename(aside, path)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
