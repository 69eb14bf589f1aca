"""Events of a job: numbered, resumed, ended by the last one, and at most two a second."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from simgan.service.configuration import Configuration
from simgan.service.database import Database
from simgan.service.jobs.job import Job, Lease
from simgan.service.jobs.store import JobStore, Wanted
from simgan.service.jobs.watch import Watch
from simgan.service.routes import events
from simgan.service.state import Service
from simgan.workspace import Workspace

ID = "0a" * 16
ME = Lease(1, "")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service.over(Workspace(tmp_path), Configuration())


@pytest.fixture
def store(service: Service) -> JobStore:
    return service.jobs.store


@pytest.fixture
def job(store: JobStore) -> Job:
    """A job that runs and has told a sentence. Its events are 1, 2 and 3."""
    store.submit(Wanted(ID, "fit", {"kind": "fit", "tickers": ["KO"]}, "local", False), 9)
    claimed = store.claim(ME)
    assert claimed is not None
    store.keep_progress(claimed, {"sentence": "read"}, ["read"])
    return claimed


def read(text: str) -> list[tuple[int, str, dict[str, object]]]:
    """Read server-sent events, as a browser does."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if "event" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def later(seconds: float, work: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, work)
    timer.start()
    return timer


def once_watched(service: Service, work: Callable[[], object]) -> threading.Timer:
    """Work as soon as somebody reads events."""

    def wait() -> None:
        while not service.jobs.watch._readers:
            time.sleep(0.01)
        work()

    return later(0.0, wait)


def test_a_stream_tells_what_was_and_what_happens_and_ends(
    client: TestClient, service: Service, store: JobStore, job: Job
) -> None:
    once_watched(service, lambda: store.finish(job, {"model": "KO"}, {}))
    answer = client.get(f"/v1/jobs/{ID}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: ")
    told = read(answer.text)
    assert [(number, kind) for number, kind, _ in told] == [
        (1, "queued"),
        (2, "running"),
        (3, "progress"),
        (4, "done"),
    ]
    assert told[2][2]["sentences"] == ["read"]
    assert told[3][2]["result"] == {"model": "KO", "links": {}}


def test_a_stream_goes_on_after_the_last_event_of_its_reader(
    client: TestClient, store: JobStore, job: Job
) -> None:
    store.fail(job, {"title": "Failed", "detail": "no"})
    address = f"/v1/jobs/{ID}/events"
    answer = client.get(address, headers={"Last-Event-ID": "2"})
    assert [number for number, *_ in read(answer.text)] == [3, 4]
    assert [number for number, *_ in read(client.get(f"{address}?after=3").text)] == [4]
    over = client.get(address, headers={"Last-Event-ID": "4"})
    assert (over.status_code, over.text) == (204, "")  # a browser does not ask again
    assert client.get(address, headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_reader_of_events_that_never_were_hears_the_last_one(
    client: TestClient, service: Service, store: JobStore, job: Job
) -> None:
    once_watched(service, lambda: store.finish(job, {"model": "KO"}, {}))
    answer = client.get(f"/v1/jobs/{ID}/events", headers={"Last-Event-ID": str(2**62)})
    assert [kind for _, kind, _ in read(answer.text)] == ["done"]


def test_polling_gives_the_same_json(client: TestClient, store: JobStore, job: Job) -> None:
    address = f"/v1/jobs/{ID}/events?format=json"
    polled = client.get(address).json()
    assert polled["state"] == "running"
    assert [event["id"] for event in polled["events"]] == [1, 2, 3]
    store.cancelled(job)
    streamed = read(client.get(f"/v1/jobs/{ID}/events").text)
    polled = client.get(f"{address}&after=0").json()
    assert polled["state"] == "cancelled"
    assert [(e["id"], e["event"], e["data"]) for e in polled["events"]] == streamed
    assert client.get(f"{address}&after=4").json()["events"] == []


def test_an_unknown_job_has_no_events(client: TestClient) -> None:
    assert client.get(f"/v1/jobs/{'1' * 32}/events").status_code == 404


async def timed(stream: AsyncIterator[bytes]) -> list[tuple[float, str]]:
    """Return each chunk of a stream with its time."""
    begun = time.monotonic()
    return [(time.monotonic() - begun, chunk.decode()) async for chunk in stream]


def stream(service: Service, job: Job, after: int) -> AsyncIterator[bytes]:
    current = service.jobs.store.get(job.id)
    assert current is not None
    return events._stream(service, current, after)


def test_events_come_at_once_and_at_most_twice_a_second(
    service: Service, store: JobStore, job: Job
) -> None:
    def work() -> None:
        for done in range(4):
            store.keep_progress(job, {"done": done}, [f"step {done}"])
        store.finish(job, {}, {})

    async def watched() -> list[tuple[float, str]]:
        once_watched(service, work)
        return await timed(stream(service, job, 0))

    chunks = asyncio.run(watched())
    known = [moment for moment, text in chunks if "step" not in text and "done" not in text]
    assert max(known) < 0.2
    fresh = [moment for moment, text in chunks if "step" in text or "event: done" in text]
    assert len(fresh) == 5
    gaps = [after - before for before, after in pairwise(fresh)]
    assert min(gaps) > 0.45


def test_an_idle_stream_beats_and_ends_with_the_service(
    service: Service, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.2)

    async def watched() -> list[bytes]:
        chunks = list[bytes]()
        async with asyncio.timeout(20):
            async for chunk in stream(service, job, 3):
                chunks.append(chunk)
                if chunks.count(beat) == 2:
                    service.ending.set()
        return chunks

    beat = b": alive\n\n"
    assert asyncio.run(watched()) == [b"retry: 1000\n\n", beat, beat]


def test_a_reader_that_goes_leaves_nothing(service: Service, job: Job) -> None:
    async def watched() -> None:
        chunks = stream(service, job, 0)
        for _ in range(4):
            await anext(chunks)
        waiting = asyncio.create_task(anext(chunks))  # type: ignore[arg-type]
        await asyncio.sleep(0)  # it begins to wait
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert service.jobs.watch._readers == set()
        poller = service.jobs.watch._poller
        assert poller is not None
        await asyncio.wait_for(poller, 5)

    asyncio.run(watched())


def test_one_poller_serves_many_readers(
    service: Service, store: JobStore, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing happens, the database is asked for its version alone."""
    asked: list[str] = []

    async def watched() -> None:
        look = service.jobs.watch._look

        def counted(connection: object) -> None:
            before = service.jobs.watch._version
            look(connection)  # type: ignore[arg-type]
            asked.append("jobs" if service.jobs.watch._version != before else "version")

        monkeypatch.setattr(service.jobs.watch, "_look", counted)
        monkeypatch.setattr("simgan.service.jobs.watch.POLL", 0.02)
        tasks = [asyncio.create_task(timed(stream(service, job, 3))) for _ in range(50)]
        while len(asked) < 10:
            await asyncio.sleep(0.02)
        quiet = list(asked)
        store.finish(job, {}, {})
        found = await asyncio.gather(*tasks)
        assert all("event: done" in chunks[-1][1] for chunks in found)
        assert quiet.count("jobs") == 1

    asyncio.run(watched())


@dataclass(frozen=True)
class Faulty(Database):
    """A database that cannot be opened at first, and then not be read."""

    faults: list[str] = field(default_factory=lambda: ["reading", "opening"])

    def opened(self) -> sqlite3.Connection:
        connection, fault = super().opened(), self.faults.pop() if self.faults else ""
        if fault:
            connection.close()
        if fault == "opening":
            raise sqlite3.DatabaseError("file is not a database")
        return connection


def test_a_watch_goes_on_after_faults_of_the_database(
    service: Service, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.jobs.watch.POLL", 0.01)
    database = Faulty(service.database.file)

    async def watched() -> int:
        with Watch(database).reading(job.id) as reader:
            await reader.wait(2, 30.0)
            return reader.newest

    assert (asyncio.run(watched()), database.faults) == (3, [])


def test_a_look_at_a_locked_database_waits_for_nobody(service: Service, job: Job) -> None:
    """Requests are answered in the same thread. A connection usually waits for five seconds."""
    watch, waits = service.jobs.watch, list[int]()
    look = watch._look

    def looked(connection: sqlite3.Connection) -> None:
        waits.append(connection.execute("PRAGMA busy_timeout").fetchone()[0])
        look(connection)

    async def watched() -> None:
        watch._look = looked  # type: ignore[method-assign]
        with watch.reading(job.id) as reader:
            await reader.wait(2, 30.0)

    asyncio.run(watched())
    assert set(waits) == {0}


@pytest.fixture(autouse=True)
def no_timer_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)
