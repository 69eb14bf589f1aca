"""The table of jobs and their events. Each change of a state is one transaction."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simgan.service.database import Database
from simgan.service.jobs.job import Event, Job, JobState, Json, KeptFile, Lease

PROGRESS = "progress"  # kind of an event. Other kinds are states.
_AT_ONCE = 100  # jobs that are removed in a transaction
# JSON of a column without its lists and tables, and without numbers that are infinite to SQLite
_SHORT = """CASE WHEN json_valid({0}) THEN (
    SELECT json_group_object(key, CASE
        WHEN type IN ('true', 'false') THEN json(type)
        WHEN type IN ('object', 'array') THEN json(value)
        WHEN typeof(value) = 'real' AND abs(value) > 1e308 THEN NULL ELSE value END)
    FROM json_each({0}) WHERE type NOT IN ('object', 'array') OR key IN ('links', 'tickers')
) WHEN {0} IS NOT NULL THEN '{{}}' END AS {0}"""
_CONDITIONS = {  # on jobs, by the values that they ask for
    "state": "state = :state",
    "kind": "kind = :kind",
    "before": "number < :before",
    "queued_by": "queued_by = :queued_by",
    "inspects": "(kind = 'inspect') = :inspects",
}
_OF_A_LIST = (
    "id, number, kind, owner, queued_by, is_private, state, attempt, kills, resumes, is_unwanted,"
    " created, started, ended, supervisor, worker, progress, problem, files, event,"
    f" {_SHORT.format('request')}, {_SHORT.format('result')}"
)


class FullQueue(Exception):
    """As many jobs wait as may wait, of all callers or of one. The sentence says so."""


class Wanted(NamedTuple):
    """A job that a caller asks for."""

    id: str
    kind: str
    request: Json
    owner: str
    is_private: bool


class Search(NamedTuple):
    """The jobs that a list shows: those that a caller sees, newest first, below a number.

    `inspects` tells whether they look at prices, as for `JobStore.claim`.
    """

    caller: str
    state: JobState | None = None
    kind: str | None = None
    before: int | None = None
    limit: int = 50
    inspects: bool | None = None


@dataclass(frozen=True)
class JobStore:
    """The jobs of a workspace.

    A change of a running job names its attempt. It does nothing where another attempt has begun, so
    that a supervisor that was thought dead changes nothing.
    """

    database: Database

    def submit(
        self,
        wanted: Wanted,
        most: int,
        *,
        of_caller: int | None = None,
        renews: bool = False,
        check: Callable[[], object] = lambda: None,
    ) -> Job:
        """Queue a job, unless it is there. One that failed or was cancelled is queued again.

        Parameters
        ----------
        wanted : Wanted
        most : int
            Jobs that may wait.
        of_caller : int, optional
            Those of them that the same caller may have queued.
        renews : bool
            Whether the job is queued again where it is done.
        check : callable
            Is called while nobody else writes. It raises where the job is not possible.

        Raises
        ------
        FullQueue
            The job would wait, and as many wait already.
        """
        with self.database.writing() as connection:
            check()
            known = _one(connection, wanted.id)
            if known is not None and not known.state.is_final:
                return known
            if known is not None and known.state is JobState.DONE and not renews:
                return known
            if _waiting(connection, {}) >= most:
                raise FullQueue(f"{most:,} jobs wait already")
            mine = {"queued_by": wanted.owner}
            if of_caller is not None and _waiting(connection, mine) >= of_caller:
                raise FullQueue(f"{of_caller:,} jobs of yours wait already")
            if known is None:
                _insert(connection, wanted)
            else:
                _queue_again(connection, wanted)
            _add_event(connection, wanted.id, JobState.QUEUED, {"state": JobState.QUEUED})
            return _known(connection, wanted.id)

    def claim(self, supervisor: Lease, inspects: bool | None = None) -> Job | None:
        """Take the job that has waited longest, if there is one. It runs from now on.

        Parameters
        ----------
        supervisor : Lease
        inspects : bool, optional
            Take a job of kind `inspect` only, or only another one.
        """
        asked = {"state": JobState.QUEUED, "inspects": inspects}
        with self.database.writing() as connection:
            row = connection.execute(
                f"SELECT id FROM jobs WHERE {_matching(asked)} ORDER BY number LIMIT 1", asked
            ).fetchone()
            if row is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = 'running', attempt = attempt + 1, started = ?,"
                " supervisor = ?, worker = NULL WHERE id = ?",
                (time.time(), str(supervisor), row["id"]),
            )
            facts: Json = {"state": "running", "attempt": _known(connection, row["id"]).attempt}
            _add_event(connection, row["id"], JobState.RUNNING, facts)
            return _known(connection, row["id"])

    def begun(self, job: Job, worker: Lease) -> None:
        """Keep the process that works on a job."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE jobs SET worker = ? WHERE id = ? AND state = 'running' AND attempt = ?",
                (str(worker), job.id, job.attempt),
            )

    def keep_progress(self, job: Job, progress: Json, sentences: Sequence[str] = ()) -> None:
        """Keep the progress of a running job. It replaces a last event without sentences."""
        with self.database.writing() as connection:
            changed = connection.execute(
                "UPDATE jobs SET progress = ? WHERE id = ? AND state = 'running' AND attempt = ?",
                (json.dumps(progress), job.id, job.attempt),
            )
            if not changed.rowcount:
                return
            connection.execute(
                "DELETE FROM events WHERE (job, number) = (SELECT id, event FROM jobs WHERE id = ?)"
                " AND kind = ? AND json_array_length(data, '$.sentences') = 0",
                (job.id, PROGRESS),
            )
            _add_event(connection, job.id, PROGRESS, {**progress, "sentences": list(sentences)})

    def finish(self, job: Job, result: Json, files: Mapping[str, KeptFile]) -> None:
        """End a job with its result and the files that hold it."""
        self._end(job, JobState.DONE, result=json.dumps(result), files=json.dumps(dict(files)))

    def fail(self, job: Job, problem: Json) -> None:
        """End a job with a problem."""
        self._end(job, JobState.FAILED, problem=json.dumps(problem))

    def cancelled(self, job: Job) -> None:
        """End a job that was asked to end. Its processes have ended."""
        self._end(job, JobState.CANCELLED)

    def put_back(self, job: Job, *, resumes: bool = True, killed: bool = False) -> None:
        """Let an interrupted job wait again, at the head of the queue. An unwanted one ends."""
        with self.database.writing() as connection:
            if _known(connection, job.id).is_unwanted:
                _end(connection, job, JobState.CANCELLED, {})
                return
            changed = connection.execute(
                "UPDATE jobs SET state = 'queued', supervisor = NULL, worker = NULL, resumes = ?,"
                " kills = kills + ? WHERE id = ? AND state = 'running' AND attempt = ?",
                (resumes, killed, job.id, job.attempt),
            )
            if changed.rowcount:
                facts: Json = {"state": JobState.QUEUED, "attempt": job.attempt}
                _add_event(connection, job.id, JobState.QUEUED, facts)

    def cancel(self, id: str) -> Job | None:
        """Ask a job to end. One that waits has ended at once, and one that has ended stays."""
        with self.database.writing() as connection:
            job = _one(connection, id)
            if job is None or job.state.is_final:
                return job
            if job.state is JobState.QUEUED:
                _end(connection, job, JobState.CANCELLED, {})
            else:
                connection.execute("UPDATE jobs SET is_unwanted = 1 WHERE id = ?", (id,))
            return _known(connection, id)

    def forget(self, before: float, clear: Callable[[str], None]) -> None:
        """Remove the jobs that ended before a time, in parts, so that no other writer waits long.

        `clear` of a job removes its files before. A process that is killed leaves none of them.
        """
        while ids := self._ended_before(before):
            for id in ids:
                clear(id)
            rows = [(id, before) for id in ids]
            with self.database.writing() as connection:  # one may have been queued again
                connection.executemany("DELETE FROM jobs WHERE id = ? AND ended < ?", rows)

    def get(self, id: str) -> Job | None:
        """Return a job, or None."""
        with self.database.reading() as connection:
            return _one(connection, id)

    def unwanted(self) -> set[str]:
        """Return the jobs that run and were asked to end."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM jobs WHERE state = 'running' AND is_unwanted = 1"
            )
            return {row["id"] for row in rows}

    def running(self) -> list[Job]:
        """Return the jobs that run, or whose supervisor has died."""
        with self.database.reading() as connection:
            rows = connection.execute("SELECT * FROM jobs WHERE state = 'running' ORDER BY number")
            return [Job.of(row) for row in rows]

    def waiting(self, inspects: bool | None = None) -> int:
        """Return the number of jobs that wait: of all, or as for `claim`."""
        with self.database.reading() as connection:
            return _waiting(connection, {"inspects": inspects})

    def unfinished(self) -> list[Job]:
        """Return the jobs that run or wait."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY number"
            )
            return [Job.of(row) for row in rows]

    def listed(self, search: Search) -> list[Job]:
        """Return the jobs of a list. Tables and lists in requests and results are not read."""
        asked = search._asdict()
        with self.database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_OF_A_LIST} FROM jobs WHERE (is_private = 0 OR owner = :caller)"
                f" AND {_matching(asked)} ORDER BY number DESC LIMIT :limit",
                asked,
            )
            return [Job.of(row) for row in rows]

    def done(self, kind: str, most: int) -> list[Job]:
        """Return the newest jobs of a kind that are done, whoever owns them."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM jobs WHERE state = 'done' AND kind = ? ORDER BY number DESC LIMIT ?",
                (kind, most),
            )
            return [Job.of(row) for row in rows]

    def events(self, id: str, after: int = 0) -> list[Event]:
        """Return the events of a job after a number."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM events WHERE job = ? AND number > ? ORDER BY number", (id, after)
            )
            return [Event(row["number"], row["kind"], json.loads(row["data"])) for row in rows]

    def _ended_before(self, time: float) -> list[str]:
        """Return the first of the jobs that ended before a time."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM jobs WHERE ended < ? ORDER BY ended LIMIT ?", (time, _AT_ONCE)
            )
            return [row["id"] for row in rows]

    def _end(self, job: Job, state: JobState, **values: str) -> None:
        with self.database.writing() as connection:
            _end(connection, job, state, values)


def _insert(connection: sqlite3.Connection, wanted: Wanted) -> None:
    connection.execute(
        "INSERT INTO jobs (id, number, kind, request, owner, queued_by, is_private, state, created)"
        " VALUES (?, (SELECT COALESCE(MAX(number), 0) + 1 FROM jobs), ?, ?, ?, ?, ?, 'queued', ?)",
        (
            *(wanted.id, wanted.kind, json.dumps(wanted.request), wanted.owner, wanted.owner),
            *(wanted.is_private, time.time()),
        ),
    )


def _queue_again(connection: sqlite3.Connection, wanted: Wanted) -> None:
    """Queue an ended job behind all others. One without a result goes on with its work so far."""
    connection.execute(
        "UPDATE jobs SET state = 'queued', number = (SELECT MAX(number) + 1 FROM jobs),"
        " queued_by = ?, created = ?, started = NULL, ended = NULL, kills = 0, is_unwanted = 0,"
        " resumes = (state != 'done'), progress = NULL, result = NULL, problem = NULL,"
        " files = '{}' WHERE id = ?",
        (wanted.owner, time.time(), wanted.id),
    )
    connection.execute("DELETE FROM events WHERE job = ?", (wanted.id,))


def _end(
    connection: sqlite3.Connection, job: Job, state: JobState, values: Mapping[str, str]
) -> None:
    """End a job, if this attempt still runs or waits."""
    columns = "".join(f", {name} = ?" for name in values)
    changed = connection.execute(
        f"UPDATE jobs SET state = ?, ended = ?, supervisor = NULL, worker = NULL{columns}"
        " WHERE id = ? AND state = ? AND attempt = ?",
        (state, time.time(), *values.values(), job.id, job.state, job.attempt),
    )
    if changed.rowcount:
        ended = _known(connection, job.id).to_json()
        facts = {name: ended[name] for name in ("state", "attempt", "result", "problem")}
        _add_event(connection, job.id, state, facts)


def _add_event(connection: sqlite3.Connection, id: str, kind: str, data: Json) -> None:
    """Keep an event. Numbers go on where a job is queued again."""
    connection.execute("UPDATE jobs SET event = event + 1 WHERE id = ?", (id,))
    connection.execute(
        "INSERT INTO events (job, number, kind, data)"
        " VALUES (?, (SELECT event FROM jobs WHERE id = ?), ?, ?)",
        (id, id, kind, json.dumps(data)),
    )


def _one(connection: sqlite3.Connection, id: str) -> Job | None:
    row = connection.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
    return None if row is None else Job.of(row)


def _known(connection: sqlite3.Connection, id: str) -> Job:
    job = _one(connection, id)
    assert job is not None  # jobs are removed only after their end
    return job


def _waiting(connection: sqlite3.Connection, asked: Mapping[str, object]) -> int:
    """Return the number of jobs that wait and have the values that are asked for."""
    asked = {**asked, "state": JobState.QUEUED}
    count = connection.execute(f"SELECT COUNT(*) FROM jobs WHERE {_matching(asked)}", asked)
    return int(count.fetchone()[0])


def _matching(asked: Mapping[str, object]) -> str:
    """Return the conditions of the values that are not None."""
    given = [text for name, text in _CONDITIONS.items() if asked.get(name) is not None]
    return " AND ".join(given) or "TRUE"
