"""The database of the service: one SQLite file in the workspace, which several processes use."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from simgan.errors import WriteError
from simgan.workspace import Workspace

WAIT = 5.0  # seconds that a writer waits for another
_AGAIN = 0.05  # seconds between two tries of what SQLite does not wait for
_KIND = 0xFF  # bits of an error code that are its kind
# A change adds statements at the end. `user_version` counts those that are done.
_SCHEMA: tuple[str, ...] = (
    """CREATE TABLE tokens (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, scopes TEXT NOT NULL,
        created TEXT NOT NULL, used TEXT, revoked TEXT
    ) STRICT""",
    "CREATE UNIQUE INDEX one_token_of_a_name ON tokens (name) WHERE revoked IS NULL",
    """CREATE TABLE sessions (
        digest TEXT PRIMARY KEY, token INTEGER NOT NULL REFERENCES tokens (id),
        expires REAL NOT NULL
    ) STRICT""",
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, kind TEXT NOT NULL,
        request TEXT NOT NULL, owner TEXT NOT NULL, is_private INTEGER NOT NULL,
        state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, kills INTEGER NOT NULL DEFAULT 0,
        resumes INTEGER NOT NULL DEFAULT 0, is_unwanted INTEGER NOT NULL DEFAULT 0,
        created REAL NOT NULL, started REAL, ended REAL, supervisor TEXT, worker TEXT,
        progress TEXT, result TEXT, problem TEXT, files TEXT NOT NULL DEFAULT '{}',
        event INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX jobs_by_state ON jobs (state, number)",
    """
    CREATE TABLE events (
        job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, number INTEGER NOT NULL,
        kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (job, number)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE uploads (
        owner TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,
        created REAL NOT NULL, PRIMARY KEY (owner, id)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE secret (id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL) STRICT",
    "CREATE INDEX jobs_by_end ON jobs (ended)",
    "ALTER TABLE jobs ADD COLUMN queued_by TEXT NOT NULL DEFAULT ''",
    "UPDATE jobs SET queued_by = owner",
    "CREATE INDEX sessions_by_end ON sessions (expires)",
)


@dataclass(frozen=True)
class Database:
    """A SQLite file. Each use opens a connection of its own, so that any thread may ask."""

    file: Path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection for statements that read."""
        connection = self.opened()
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def kept(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that keeps the log of SQLite and the index of it as long as it is open.

        SQLite makes both anew for the first connection of all. A full disk has no room for them.
        """
        with self.reading() as connection:
            connection.execute("PRAGMA data_version").fetchall()  # which opens them
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that holds the only right to write, and commit at the end."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                if connection.in_transaction:  # a full disk has ended it
                    connection.execute("ROLLBACK")
                if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                    _begin_log_again(connection)
                raise

    def prepare(self) -> None:
        """Make the file and its tables, where they are missing.

        A folder that is made for it is for its owner alone.

        Raises
        ------
        WriteError
            The file cannot be made, or a newer simgan made it.
        """
        try:
            self.file.parent.mkdir(0o700, parents=True, exist_ok=True)
            self._write_ahead()
            with self.writing() as connection:
                done = connection.execute("PRAGMA user_version").fetchone()[0]
                for statement in _SCHEMA[done:]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {max(done, len(_SCHEMA))}")
        except (OSError, sqlite3.Error) as error:
            raise WriteError(f"cannot use {self.file}: {self._reason(error)}") from None
        if done > len(_SCHEMA):
            raise WriteError(f"{self.file} was made by a newer simgan; use that one")

    def _reason(self, error: Exception) -> str:
        """Return the reason of an error: the owner of a folder, or the words of the error."""
        user = os.geteuid()
        for place in (self.file, *self.file.parents):
            with suppress(OSError):  # there is none, or its folder is closed
                owner = place.stat().st_uid
                if owner == user or os.access(place, os.W_OK):
                    break
                return (
                    f"{place} belongs to user {owner}, and simgan runs as user {user}; change its "
                    f"owner (`chown -R {user}`), or run simgan as user {owner}"
                )
        return str(error)

    def _write_ahead(self) -> None:
        """Let readers and a writer work side by side.

        SQLite does not wait for others here: the first processes of a workspace make the file at
        the same time, and all but one are refused.
        """
        last = time.monotonic() + WAIT
        while True:
            try:
                with self.reading() as connection:
                    connection.execute("PRAGMA journal_mode = WAL")
                    return
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & _KIND == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > last:
                    raise
            time.sleep(_AGAIN)

    def opened(self) -> sqlite3.Connection:
        """Return a new connection. One thread uses it at a time, and closes it."""
        connection = sqlite3.connect(
            self.file, timeout=WAIT, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


def _begin_log_again(connection: sqlite3.Connection) -> None:
    """Let the next changes take the room that the log has, such as the removal of an upload."""
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()


def database_of(workspace: Workspace) -> Database:
    """Return the database of the service in a workspace. It is made where it is missing."""
    database = Database(workspace.service / "service.sqlite")
    database.prepare()
    return database
