"""A watch over the events of jobs: one poller in a process, however many readers there are."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread

from simgan.service.database import Database

POLL = 0.2  # seconds between two looks at the database
_THREADS = 4  # that read events at the same time


@dataclass(eq=False)
class EventReader:
    """A reader of the events of a job."""

    job: str
    newest: int = 0  # number of the newest event that is known
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, after: int, seconds: float) -> None:
        """Wait for an event after a number, or for some seconds."""
        if self.newest > after:
            return
        self.woken.clear()
        try:
            await asyncio.wait_for(self.woken.wait(), seconds)
        except TimeoutError:
            return


class Watch:
    """Wakes the readers of jobs that have new events.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers: set[EventReader] = set()
        self._poller: asyncio.Task[None] | None = None
        self._version = -1  # of the database at the last look
        self.limiter = CapacityLimiter(_THREADS)  # of threads that read events

    @contextmanager
    def reading(self, job: str) -> Iterator[EventReader]:
        """Give a reader of the events of a job."""
        reader = EventReader(job)
        self._readers.add(reader)
        self._version = -1
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    async def _poll(self) -> None:
        """Look as long as there are readers. A database that refuses is opened again."""
        while self._readers:
            with suppress(sqlite3.Error):
                await self._watch()
            await asyncio.sleep(POLL)

    async def _watch(self) -> None:
        """Look through one connection. A look takes microseconds, and waits for nobody."""
        with closing(await to_thread.run_sync(self._database.opened)) as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            self._version = -1  # another connection counts in another way
            while self._readers:
                self._look(connection)
                await asyncio.sleep(POLL)

    def _look(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return
        self._version = version
        jobs = sorted({reader.job for reader in self._readers})
        marks = ",".join("?" * len(jobs))
        asked = f"SELECT id, event FROM jobs WHERE id IN ({marks})"
        with closing(connection.execute(asked, jobs)) as rows:
            newest = {row["id"]: row["event"] for row in rows}
        for reader in self._readers:
            if newest.get(reader.job, 0) != reader.newest:
                reader.newest = newest.get(reader.job, 0)
                reader.woken.set()
