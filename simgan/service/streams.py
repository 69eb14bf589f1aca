"""Scenarios on their way to a reader: pulled chunk by chunk, in threads, in constant memory."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simgan.errors import Interrupted
from simgan.progress import Stop
from simgan.sampling.parallel import available_cores
from simgan.service.places import Places
from simgan.service.turns import Turns

Result = TypeVar("Result")
MOMENT = 2.0  # seconds for which a chunk of a stream lets small answers go first
_LOOK = 0.02  # seconds between two looks at those that wait


class Streams:
    """The computing of a process: who may compute, and how many streams are open.

    Threads compute, as many at a time as there are cores. Small answers do not wait for the chunks
    of long ones, which give way to them, and questions about risk wait for neither. A caller has
    half of the threads for risk at most.

    Parameters
    ----------
    most : int
        Long streams that may be open at the same time, and as many questions about risk.
    of_caller : int
        Those of one caller.
    """

    def __init__(self, most: int, of_caller: int) -> None:
        cores = available_cores()
        self.quick, self.risk, self._long = (CapacityLimiter(cores) for _ in range(3))
        self.turns = Turns(max(cores // 2, 1))  # of callers who ask about risk
        self.places = Places("streams", most, of_caller)
        self.of_risk = Places("questions about risk", most, of_caller)

    async def pulled(self, work: Callable[[], Result]) -> Result | None:
        """Return a chunk of a long stream, or None where it was stopped.

        When its turn has come, it waits while small answers wait, for a moment at most.
        """
        async with self._long:
            end = time.monotonic() + MOMENT
            while self.quick.statistics().tasks_waiting and time.monotonic() < end:
                await asyncio.sleep(_LOOK)
            return await computed(work, CapacityLimiter(1))


class PulledResponse(Response):
    """An answer whose chunks are computed as its reader takes them.

    Nothing is computed ahead of a slow reader. Work ends when the reader leaves, at the next look
    at the stop token. An error before the first chunk becomes a problem. A later one breaks the
    connection, so that no reader takes the part for the whole.

    Parameters
    ----------
    chunks : callable (stop) → generator of lists of bytes
        All its work is done in threads.
    streams : Streams
    caller : str
        Name of the caller, who takes a place.
    headers : mapping
    media_type : str
    """

    def __init__(
        self,
        chunks: Callable[[Stop], Generator[list[bytes]]],
        streams: Streams,
        caller: str,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        self._chunks, self._streams, self._caller = chunks, streams, caller
        self.status_code, self.background, self.media_type = HTTPStatus.OK, None, media_type
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.places.taken(self._caller):
            async with leaving(receive) as stop:
                await self._sent(send, stop)

    async def _sent(self, send: Send, stop: Stop) -> None:
        chunks = self._chunks(stop)

        async def pulled() -> deque[bytes]:
            return deque(await self._streams.pulled(lambda: next(chunks, [])) or [])

        try:
            pieces = await pulled()
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start"} | start)
            while pieces and not stop.is_asked:
                while pieces:
                    body = {"body": pieces.popleft(), "more_body": True}
                    await send({"type": "http.response.body"} | body)
                pieces = await pulled()
            if not stop.is_asked:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            stop.ask()
            with CancelScope(shield=True):
                await to_thread.run_sync(chunks.close)


async def computed(work: Callable[[], Result], limiter: CapacityLimiter) -> Result | None:
    """Return the result of work in a thread, or None where it was stopped.

    An `Interrupted` is a `KeyboardInterrupt`, which would end the server.
    """

    def result() -> Result | None:
        try:
            return work()
        except Interrupted:
            return None

    return await to_thread.run_sync(result, limiter=limiter)


@asynccontextmanager
async def leaving(receive: Receive) -> AsyncIterator[Stop]:
    """Give a stop token, which is set when the reader leaves, or when it cannot be heard.

    Then the task waits for nothing more but its thread, and goes on after this block.
    """
    stop, scope = Stop(), CancelScope()

    async def listen() -> None:
        try:
            with suppress(HTTPException):  # a body that is too large or too slow
                while (await receive())["type"] != "http.disconnect":
                    pass
        finally:
            stop.ask()
            scope.cancel()

    with scope:
        listener = asyncio.ensure_future(listen())
        try:
            yield stop
        finally:
            listener.cancel()
