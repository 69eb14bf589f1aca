"""Events of a job: as a stream that a browser resumes, or as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Literal

import anyio
from anyio import to_thread
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BeforeValidator, Field
from starlette.types import Receive, Scope, Send

from simgan.service.access import Reader
from simgan.service.jobs.job import Event, Job
from simgan.service.routes.jobs import JobId, known
from simgan.service.state import Here, Service

router = APIRouter(prefix="/v1", tags=["jobs"])
HEARTBEAT = 15.0  # seconds after which a silent stream shows that it lives
LOOK = 1.0  # seconds between two looks at the end of the service
EACH = 0.5  # seconds between two events that happen while they are watched
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_FORMATS = {
    "content": {
        "text/event-stream": {"schema": {"type": "string"}},
        "application/json": {"schema": {"type": "object"}},
    }
}

Number = Annotated[int, Query(ge=0, lt=2**63, description="number of the last event that is known")]
_Counted = Annotated[int, Field(ge=0, lt=2**63)]
LastEventId = Annotated[_Counted | None, BeforeValidator(lambda given: given or None), Header()]


@router.get("/jobs/{id}/events", response_class=Response, responses={200: _FORMATS})
async def events(
    service: Here,
    caller: Reader,
    id: JobId,
    after: Number = 0,
    last_event_id: LastEventId = None,
    format: Literal["stream", "json"] = "stream",
) -> Response:
    """Tell the events of a job: its states, its progress, and its end.

    A stream of server-sent events ends with the event `done`, `failed` or `cancelled`. A reader
    that was cut off goes on with `Last-Event-ID`. 204: nothing more will come. `format=json` gives
    the same events at once.
    """
    limiter = service.jobs.watch.limiter
    job = await to_thread.run_sync(known, service, caller.name, id, limiter=limiter)
    first = min(max(after, last_event_id or 0), job.event)  # a later one is of another workspace
    if format == "json":
        found = await to_thread.run_sync(service.jobs.store.events, id, first, limiter=limiter)
        facts = [event.to_json() for event in found]
        return JSONResponse({"events": facts, "state": job.state}, headers=_HEADERS)
    if job.state.is_final and first >= job.event:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return _EventStream(service, caller.name, _stream(service, job, first))


class _EventStream(StreamingResponse):
    """A stream of events, for which its caller takes a place."""

    def __init__(self, service: Service, caller: str, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, headers=_HEADERS, media_type="text/event-stream")
        self._places, self._caller = service.watching, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._places.taken(self._caller):
            await super().__call__(scope, receive, send)


async def _stream(service: Service, job: Job, after: int) -> AsyncIterator[bytes]:
    """Yield events as they happen, until the last one or the end of the service."""
    store, watch = service.jobs.store, service.jobs.watch
    yield b"retry: 1000\n\n"
    spoken, is_due = time.monotonic(), True
    with watch.reading(job.id) as reader:
        while not service.ending.is_set():
            if is_due or reader.newest > after:
                found = await to_thread.run_sync(store.events, job.id, after, limiter=watch.limiter)
                for event in found:
                    if event.number > job.event:  # it is new to everybody
                        await anyio.sleep(max(spoken + EACH - time.monotonic(), 0.0))
                    yield _bytes_of(event)
                    spoken, after = time.monotonic(), event.number
                    if event.is_last:
                        return
            is_due = time.monotonic() - spoken >= HEARTBEAT
            if is_due:
                yield b": alive\n\n"
                spoken = time.monotonic()
            await reader.wait(after, min(LOOK, HEARTBEAT))


def _bytes_of(event: Event) -> bytes:
    data = json.dumps(dict(event.data), ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n".encode()
