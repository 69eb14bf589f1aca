"""The database of the service: several processes may make it at the same time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from simgan.errors import WriteError
from simgan.service import database
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.database import database_of
from simgan.service.state import Service
from simgan.workspace import Workspace


def locked_file(workspace: Workspace) -> sqlite3.Connection:
    """Hold the right to write in a file that another process has just made."""
    workspace.service.mkdir()
    other = sqlite3.connect(workspace.service / "service.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_file_that_another_process_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is ready at the first pause."""
    workspace = Workspace(tmp_path)
    other = locked_file(workspace)
    monkeypatch.setattr("simgan.service.database.time.sleep", lambda _: other.execute("COMMIT"))
    with database_of(workspace).reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    other.close()


def test_the_log_stays_as_long_as_a_connection_keeps_it(tmp_path: Path) -> None:
    """SQLite makes it for the first connection, which a full disk has no room for."""
    made = database_of(Workspace(tmp_path))
    files = [made.file.with_name(f"{made.file.name}-{ending}") for ending in ("wal", "shm")]
    with made.kept():
        with made.writing():
            pass
        assert all(file.exists() for file in files)
    assert not any(file.exists() for file in files)


def test_a_server_keeps_the_log(tmp_path: Path) -> None:
    service = Service.over(Workspace(tmp_path), Configuration())
    with TestClient(application(service)):
        assert service.database.file.with_name("service.sqlite-shm").exists()


def test_changes_after_a_full_disk_take_the_room_of_the_log(tmp_path: Path) -> None:
    made = database_of(Workspace(tmp_path))
    log = made.file.with_name(f"{made.file.name}-wal")
    insert = "INSERT INTO uploads VALUES (?, ?, 'p.csv', 1, 0)"
    with made.kept():
        for owner in range(10):
            with made.writing() as connection:
                connection.execute(insert, (str(owner), "a"))
        size = log.stat().st_size
        with (
            pytest.raises(sqlite3.OperationalError, match="is full"),
            made.writing() as connection,
        ):
            connection.execute("PRAGMA max_page_count = 1")
            connection.executemany(insert, (("x" * 9_999, str(id)) for id in range(9)))
        with made.writing() as connection:
            connection.execute("DELETE FROM uploads")
        assert log.stat().st_size == size


def test_a_file_that_stays_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT", 0.1)
    workspace = Workspace(tmp_path)
    other = locked_file(workspace)
    with pytest.raises(WriteError, match="database is locked"):
        database_of(workspace)
    other.close()


def test_a_folder_of_another_user_is_refused_with_both_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container has a user of its own, and Docker makes a folder that it mounts for root."""
    (tmp_path / "mounted").write_text("")  # also root cannot make a folder in it
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(WriteError, match=rf"belongs to user {owner}, .* user {owner + 1};"):
        database_of(Workspace(tmp_path / "mounted"))
