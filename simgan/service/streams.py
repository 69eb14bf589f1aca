"""Scenarios on their way to a reader: pulled chunk by chunk, in threads, in constant memory."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simgan.errors import Interrupted
from simgan.progress import Stop
from simgan.service.problems import Problem

Result = TypeVar("Result")
QUICK = 2**16  # values that are computed at once: about 10 ms
_PAUSE = "10"  # seconds after which a reader may come again


class Streams:
    """The computing of a process: who may compute, and how many streams are open.

    Threads compute, as many at a time as there are cores. Small answers do not wait for the chunks
    of long ones.

    Parameters
    ----------
    most : int
        Long streams that may be open at the same time.
    """

    def __init__(self, most: int) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        self.quick, self.long = CapacityLimiter(cores or 1), CapacityLimiter(cores or 1)
        self.open, self._most = 0, most

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take one of the places for long work.

        Raises
        ------
        Problem
            All are taken.
        """
        if self.open >= self._most:
            detail = f"{self.open:,} streams are open, and the limit is {self._most:,}; come again"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": _PAUSE})
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1


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
    headers : mapping
    media_type : str
    """

    def __init__(
        self,
        chunks: Callable[[Stop], Generator[list[bytes]]],
        streams: Streams,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        self._chunks, self._streams = chunks, streams
        self.status_code, self.background, self.media_type = HTTPStatus.OK, None, media_type
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.place():
            async with leaving(receive) as stop:
                await self._sent(send, stop)

    async def _sent(self, send: Send, stop: Stop) -> None:
        limiter = self._streams.long
        chunks = self._chunks(stop)

        async def pulled() -> deque[bytes]:
            return deque(await computed(lambda: next(chunks, []), limiter) or [])

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
            await to_thread.run_sync(chunks.close)


async def computed(work: Callable[[], Result], limiter: CapacityLimiter) -> Result | None:
    """Return the result of work in a thread, or None where it was stopped.

    An `Interrupted` is a `KeyboardInterrupt`, which would end the server.
    """

    def heard() -> Result | None:
        try:
            return work()
        except Interrupted:
            return None

    return await to_thread.run_sync(heard, limiter=limiter)


@asynccontextmanager
async def leaving(receive: Receive) -> AsyncIterator[Stop]:
    """Give a stop token, which is set when the reader leaves, or when it cannot be heard."""
    stop = Stop()

    async def listen() -> None:
        try:
            with suppress(HTTPException):  # a body that is too large or too slow
                while (await receive())["type"] != "http.disconnect":
                    pass
        finally:
            stop.ask()

    listener = asyncio.ensure_future(listen())
    try:
        yield stop
    finally:
        listener.cancel()
