"""The database of the service: several processes may make it at the same time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from simgan.errors import WriteError
from simgan.service import database
from simgan.service.database import database_of
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
