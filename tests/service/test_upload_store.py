"""Uploads on disk: one content once, under a name that is safe and keeps its ending."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import UnknownNameError, WriteError
from simgan.files import discard
from simgan.service.database import Database, database_of
from simgan.service.uploads import TooMany, Upload, UploadStore, name_of_file
from simgan.workspace import Workspace

ID, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def store(tmp_path: Path) -> UploadStore:
    workspace = Workspace(tmp_path)
    return UploadStore(database_of(workspace), workspace)


def added(store: UploadStore, owner: str = "ann", id: str = ID, name: str = "a.csv") -> Upload:
    sent = store.workspace.root / "sent"
    sent.write_text(id)
    return store.add(owner, name, sent, id, 2)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("prices.csv", "prices.csv"),
        ("prices.csv.gz", "prices.csv.gz"),
        ("삼성전자 일별.xlsx", "삼성전자 일별.xlsx"),
        ("prices", "prices"),
        ("BRK.B.parquet", "BRK.B.parquet"),
        (".csv", "prices.csv"),
        ("...", "prices"),
        ("--.csv", "prices.csv"),
    ],
)
def test_names_of_people_stay(given_name: str, kept: str) -> None:
    assert name_of_file(given_name) == kept


@pytest.mark.parametrize(
    ("hostile", "ending"),
    [
        ("../../etc/passwd", ""),
        ("/etc/passwd.csv", ".csv"),
        ("..\\..\\a.csv", ".csv"),
        ("a\0b.csv", ".csv"),
        ("a\nb.csv", ".csv"),
        ("con.csv", ".csv"),
        ("x" * 500 + ".csv", ".csv"),
        ("--prices=a.csv", ".csv"),
        ("a.csv/../../b", ""),
        ("a." + "y" * 40, ""),
    ],
)
def test_hostile_names_are_made_safe(hostile: str, ending: str) -> None:
    name = name_of_file(hostile)
    assert name.endswith(ending)
    assert not set(name) & set("/\\\0\n") and not name.startswith((".", "-"))
    assert len(name.encode()) < 200


@given(st.text(max_size=300))
def test_every_name_is_the_name_of_a_file(name: str) -> None:
    found = name_of_file(name)
    assert found == Path(found).name and found not in (".", "..")
    assert found.isprintable() and len(found.encode()) < 200


def test_a_file_is_moved_to_a_place_without_a_word_of_its_owner(store: UploadStore) -> None:
    upload = added(store, owner="../../ann")
    place = store.path(upload)
    assert place.read_text() == ID
    assert place.is_relative_to(store.folder) and "ann" not in str(place.relative_to(store.folder))
    assert not (store.workspace.root / "sent").exists()


def test_the_same_content_keeps_its_first_name(store: UploadStore) -> None:
    first = added(store)
    assert added(store, name="b.csv") == first
    assert store.listed("ann") == [first]


def test_owners_have_files_of_their_own(store: UploadStore) -> None:
    one, other = added(store, "ann"), added(store, "bob")
    assert store.path(one) != store.path(other)
    assert store.listed("ann") == [one] and store.listed("bob") == [other]
    store.remove(one, lambda: False)
    assert store.find("ann", ID) is None and not store.path(one).exists()
    assert store.path(other).exists()
    with pytest.raises(UnknownNameError, match="unknown upload"):
        store.known("ann", ID)
    assert store.known("bob", ID) == other


def test_a_caller_keeps_so_many_files(store: UploadStore) -> None:
    added(store)
    added(store, id=OTHER)
    with pytest.raises(TooMany):
        added(store, id="c" * 64)
    assert added(store).id == ID  # it is there already
    assert added(store, "bob").owner == "bob"


def test_a_file_in_parts_goes_unless_it_is_kept(store: UploadStore) -> None:
    with pytest.raises(RuntimeError), store.receiving() as (descriptor, place):
        os.write(descriptor, b"half")
        assert place.exists()
        raise RuntimeError
    assert list(store.folder.iterdir()) == []
    with store.receiving() as (descriptor, place):
        os.write(descriptor, b"whole")
        upload = store.add("ann", "a.csv", place, ID, 2)
    assert store.path(upload).read_bytes() == b"whole"


def test_parts_of_a_killed_server_are_swept_after_an_hour(store: UploadStore) -> None:
    with store.receiving() as (_, place):
        store.sweep()
        assert place.exists()
        os.utime(place, (1e9, 1e9))
        store.sweep()
        assert not place.exists()


def test_a_name_that_was_removed_may_come_again(store: UploadStore) -> None:
    store.remove(added(store), lambda: False)
    again = added(store, name="again.csv")
    assert store.path(again).name == "again.csv" and store.path(again).read_text() == ID


def test_nobody_adds_or_orders_while_an_upload_is_removed(store: UploadStore) -> None:
    """The check, the row and the file are of one transaction."""
    upload, seen = added(store), list[bool]()

    def is_used() -> bool:
        return is_locked(store)

    assert not store.remove(upload, is_used) and store.find("ann", ID) == upload
    with pytest.MonkeyPatch.context() as patch:
        for place, call in (("os.rename", os.rename), ("discard", discard)):
            patch.setattr(
                f"simgan.files.{place}",
                lambda *given, call=call: (seen.append(is_locked(store)), call(*given)),
            )
        assert store.remove(upload, lambda: False)
    assert seen == [True, False]  # the file goes when the row is gone
    assert store.find("ann", ID) is None and list(store.path(upload).parents[1].iterdir()) == []
    assert store.remove(upload, lambda: False)  # another caller was faster


KILLED = """
import os, sys
from pathlib import Path
from simgan.service.database import database_of
from simgan.service.uploads import UploadStore
from simgan.workspace import Workspace

workspace, rename = Workspace(Path(sys.argv[1])), os.rename
store = UploadStore(database_of(workspace), workspace)
os.rename = lambda *names: (rename(*names), os._exit(9))
store.remove(store.listed("ann")[0], lambda: False)
"""


def test_an_upload_whose_removal_was_killed_may_come_again(store: UploadStore) -> None:
    """Its row is there, and its file is not."""
    upload = added(store)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(store.workspace.root)])
    assert killed.returncode == 9
    assert store.find("ann", ID) is None and store.listed("ann") == []
    store.sweep()
    assert list(store.path(upload).parents[1].iterdir()) == []
    added(store, id=OTHER)
    again = added(store, name="again.csv")
    assert store.known("ann", ID) == again and store.path(again).read_text() == ID


@dataclass(frozen=True)
class FullDisk(Database):
    """A database that keeps nothing."""

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with super().writing() as connection:
            yield connection
            raise sqlite3.OperationalError("database or disk is full")


def test_an_upload_that_cannot_be_removed_stays(
    store: UploadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = added(store)
    with pytest.raises(sqlite3.OperationalError):
        UploadStore(FullDisk(store.database.file), store.workspace).remove(upload, lambda: False)
    assert store.known("ann", ID) == upload and store.path(upload).read_text() == ID

    def refused(*names: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    for call in ("fsync", "rename"):
        with monkeypatch.context() as patch:
            patch.setattr(f"simgan.files.os.{call}", refused)
            with pytest.raises(WriteError, match="permission denied"):
                store.remove(upload, lambda: False)
        assert store.known("ann", ID) == upload and store.path(upload).read_text() == ID


def test_of_other_uploads_no_file_is_looked_at(
    store: UploadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is added waits for the right to write meanwhile."""
    upload, seen = added(store), list[str]()
    added(store, id=OTHER)
    with monkeypatch.context() as patch:
        real = UploadStore._stands
        patch.setattr(UploadStore, "_stands", lambda *of: (seen.append(of[1].id), real(*of))[1])
        assert store.find("ann", ID) == upload
    assert seen == [ID]


def test_others_write_while_an_upload_comes_to_the_disk(
    store: UploadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr("simgan.service.uploads.sync", lambda path: seen.append(is_locked(store)))
    added(store)
    assert seen == [False, False]


def is_locked(store: UploadStore) -> bool:
    """Whether somebody holds the right to write."""
    with closing(sqlite3.connect(store.database.file, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False
