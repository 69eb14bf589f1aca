"""A job: its order, its state and its result."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, cast

from pydantic import JsonValue

Json = Mapping[str, JsonValue]


class JobState(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens, unless the same is asked for again."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class Lease(NamedTuple):
    """A process, by its number and the time of its start: numbers are used again."""

    pid: int
    start: str

    @classmethod
    def read(cls, text: str | None) -> Lease | None:
        """Read the text of a lease, or nothing."""
        if not text:
            return None
        pid, _, start = text.partition(":")
        return cls(int(pid), start)

    def __str__(self) -> str:
        return f"{self.pid}:{self.start}"


class KeptFile(NamedTuple):
    """A file of a result, from the workspace on, with its hash."""

    path: str
    sha256: str


MEDIA_TYPES = {  # of the files that callers may read, by their names
    "page": "text/html; charset=utf-8",
    "numbers": "application/json",
    "forecasts": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class Job:
    """A job as the database holds it.

    Attributes
    ----------
    id : str
        Hash of the kind, the request, its data and the version.
    number : int
        Place in the queue, and in lists.
    kind : str
    request : mapping
        Of the caller.
    owner : str
        Name of the caller that ordered it first.
    queued_by : str
        Name of the caller that queued it last.
    is_private : bool
        Whether only its owner sees it, because its prices are an upload.
    state : JobState
    attempt : int
        Number of starts.
    kills : int
        Attempts that were killed from outside.
    resumes : bool
        Whether the next attempt goes on with the work of the last one.
    is_unwanted : bool
        Whether the job was asked to end.
    created, started, ended : float or None
        Seconds since 1970.
    supervisor, worker : Lease or None
    progress, result, problem : mapping or None
    files : mapping of str to KeptFile
        Files of the result, by their names for callers.
    event : int
        Number of the newest event.
    """

    id: str
    number: int
    kind: str
    request: Json
    owner: str
    queued_by: str
    is_private: bool
    state: JobState
    attempt: int
    kills: int
    resumes: bool
    is_unwanted: bool
    created: float
    started: float | None
    ended: float | None
    supervisor: Lease | None
    worker: Lease | None
    progress: Json | None
    result: Json | None
    problem: Json | None
    files: Mapping[str, KeptFile]
    event: int

    @classmethod
    def of(cls, row: sqlite3.Row) -> Job:
        """Read a row of the table."""
        texts = {name: _read(row[name]) for name in ("request", "progress", "result", "problem")}
        flags = {name: bool(row[name]) for name in ("is_private", "resumes", "is_unwanted")}
        leases = {name: Lease.read(row[name]) for name in ("supervisor", "worker")}
        others = {name: row[name] for name in row.keys()}  # noqa: SIM118 (a Row is no mapping)
        made = others | texts | flags | leases
        files = {name: KeptFile(*each) for name, each in json.loads(row["files"]).items()}
        return cls(**made | {"state": JobState(row["state"]), "files": files})

    def to_json(self) -> dict[str, JsonValue]:
        """Return the job as callers see it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state.value,
            "cancelling": self.is_unwanted and not self.state.is_final,
            "request": dict(self.request),
            "created": iso(self.created),
            "started": iso(self.started),
            "ended": iso(self.ended),
            "attempt": self.attempt,
            "progress": _plain(self.progress),
            "result": self._result(),
            "problem": _plain(self.problem),
        }

    def _result(self) -> JsonValue:
        """Return the result, with the addresses of its files among the links."""
        if self.result is None:
            return None
        links = dict(cast("Json", self.result.get("links", {})))
        links |= {
            name: f"/v1/jobs/{self.id}/files/{name}" for name in self.files if name in MEDIA_TYPES
        }
        return {**self.result, "links": links}


@dataclass(frozen=True)
class Event:
    """Something that happened to a job."""

    number: int
    kind: str
    data: Json

    @property
    def is_last(self) -> bool:
        """Whether the job has ended."""
        return self.kind in set(JobState) and JobState(self.kind).is_final

    def to_json(self) -> dict[str, JsonValue]:
        """Return the event as callers see it."""
        return {"id": self.number, "event": self.kind, "data": dict(self.data)}


def iso(time: float | None) -> str | None:
    """Return a time as ISO text in UTC."""
    if time is None:
        return None
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")


def _read(text: str | None) -> Json | None:
    return None if text is None else json.loads(text)


def _plain(data: Json | None) -> JsonValue:
    return None if data is None else dict(data)
