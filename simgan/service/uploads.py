"""Uploaded price files: kept for each caller under the hash of their content."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import NamedTuple

from simgan.errors import UnknownNameError
from simgan.files import remove_leftovers, removed_afterwards, sync
from simgan.service.database import Database
from simgan.workspace import Workspace, safe_name

OF_ALL = "local"  # the owner of files that came before there were tokens
_LONGEST_ENDING = 12  # characters of an ending, such as .parquet or .csv.gz
_DEFAULT = "prices"
_RECEIVING = ".receiving-"
_LONGEST_PAUSE = 3600.0  # seconds since the last byte of a file that is being sent
_DIGITS = 16  # of the hash of an owner


class Upload(NamedTuple):
    """An uploaded file."""

    owner: str
    id: str
    name: str
    size: int
    created: float


class TooMany(Exception):
    """The caller keeps as many files as it may."""


@dataclass(frozen=True)
class UploadStore:
    """The uploads of a workspace. A caller sees its own, and those from before the first token."""

    database: Database
    workspace: Workspace

    @property
    def folder(self) -> Path:
        """The folder of all uploads."""
        return self.workspace.service / "uploads"

    def add(self, owner: str, name: str, file: Path, id: str, most: int) -> Upload:
        """Keep a file that was received. The same content keeps its first name.

        Parameters
        ----------
        owner : str
        name : str
            As the caller names the file.
        file : Path
            On the file system of the workspace. It is moved.
        id : str
            SHA-256 of the content.
        most : int
            Files that a caller may keep.

        Raises
        ------
        TooMany
            The caller keeps so many files.
        """
        sync(file)  # before others wait for the right to write
        with self.database.writing() as connection:
            if known := self.own(owner, id):
                return known
            if len(self._kept(owner)) >= most:
                raise TooMany
            made = Upload(owner, id, name_of_file(name), file.stat().st_size, time.time())
            place = self.path(made)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
            connection.execute("REPLACE INTO uploads VALUES (?, ?, ?, ?, ?)", made)
        sync(place.parent)
        return made

    def find(self, owner: str, id: str) -> Upload | None:
        """Return an upload that a caller sees, or None."""
        return self.own(owner, id) or self.own(OF_ALL, id)

    def own(self, owner: str, id: str) -> Upload | None:
        """Return an upload of a caller, or None."""
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT * FROM uploads WHERE owner = ? AND id = ?", (owner, id)
            ).fetchone()
        return upload if row and self._stands(upload := Upload(*row)) else None

    def known(self, owner: str, id: str) -> Upload:
        """Return an upload that a caller sees.

        Raises
        ------
        UnknownNameError
            The caller sees no such upload.
        """
        if found := self.find(owner, id):
            return found
        raise UnknownNameError("upload", id, [one.id for one in self.listed(owner)])

    def listed(self, owner: str) -> list[Upload]:
        """Return the uploads that a caller sees, newest first."""
        return self._kept(owner, OF_ALL)

    @contextmanager
    def receiving(self) -> Iterator[tuple[int, Path]]:
        """Give a new file for a body, as a descriptor and a path. Unless it is moved, it goes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor, place = mkstemp(dir=self.folder, prefix=_RECEIVING)
        try:
            try:
                yield descriptor, Path(place)
            finally:
                os.close(descriptor)
        finally:
            Path(place).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove the parts and the rest of files whose server was killed."""
        for folder in self.folder.glob("*/"):
            remove_leftovers(folder)
        for place in self.folder.glob(f"{_RECEIVING}*"):
            with suppress(OSError):
                if time.time() - place.stat().st_mtime > _LONGEST_PAUSE:
                    place.unlink()

    def remove(self, upload: Upload, is_used: Callable[[], bool]) -> bool:
        """Remove an upload that is not used, and tell whether it is gone.

        Meanwhile it is not added, and no job is ordered. Its file is there as long as its row is,
        unless the server is killed between the two.

        Raises
        ------
        WriteError
            The system refuses, and the upload stays. If the system also refuses to rename its
            folder back, the error says where the file is.
        """
        with ExitStack() as committed, self.database.writing() as connection:
            if is_used():
                return False
            if self._stands(upload):
                committed.enter_context(removed_afterwards(self.path(upload).parent))
            connection.execute(
                "DELETE FROM uploads WHERE owner = ? AND id = ?", (upload.owner, upload.id)
            )
        return True

    def path(self, upload: Upload) -> Path:
        """Return the place of an upload. No word of the caller but a safe name is in it."""
        owner = hashlib.sha256(upload.owner.encode()).hexdigest()[:_DIGITS]
        return self.folder / owner / upload.id / upload.name

    def _kept(self, *owners: str) -> list[Upload]:
        """Return the uploads of some owners, newest first. A row without its file is none."""
        marks = ",".join("?" * len(owners))
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM uploads WHERE owner IN ({marks}) ORDER BY created DESC", owners
            )
            return [upload for row in rows if self._stands(upload := Upload(*row))]

    def _stands(self, upload: Upload) -> bool:
        return self.path(upload).is_file()


def name_of_file(name: str) -> str:
    """Return a safe name for a file that has the same ending, which tells readers its kind."""
    name = "".join(sign if sign.isprintable() else "-" for sign in name)
    stem, dot, ending = name.rpartition(".")
    is_ending = ending.isascii() and ending.isalnum() and len(ending) <= _LONGEST_ENDING
    if not (dot and is_ending):
        stem, dot, ending = name, "", ""
    if not any(letter.isalnum() for letter in stem):
        stem = _DEFAULT
    return f"{safe_name(stem)}{dot}{ending}"
