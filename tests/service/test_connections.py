"""Requests that do not wait for the answer before them, and those that come just at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from prometheus_client import CollectorRegistry, Counter
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from simgan.service.connections import Connection, Refusals

GET, HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
Reading = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


class Answers:
    """An application that sends all bytes of an answer, and ends it when a test lets it."""

    def __init__(self, length: bytes | None = b"2") -> None:
        self.asked, self.left = 0, asyncio.Event()
        self.may_end = asyncio.Event()
        self._fields = [] if length is None else [(b"content-length", length)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await receive()  # the request
        await send({"type": "http.response.start", "status": 200, "headers": self._fields})
        await send({"type": "http.response.body", "body": b"ok", "more_body": True})
        leaving = asyncio.ensure_future(receive())
        ending = asyncio.ensure_future(self.may_end.wait())
        await asyncio.wait([leaving, ending], return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            self.left.set()
        leaving.cancel()
        ending.cancel()
        await send({"type": "http.response.body", "body": b""})


def connected(reading: Reading, answers: Answers) -> None:
    """Connect a client to an application, within 20 seconds."""
    counter = Counter("refused", "Refusals.", ["status"], registry=CollectorRegistry())
    refusals = Refusals(counter)

    async def connect() -> None:
        loop = asyncio.get_running_loop()
        config = Config(answers, ws="none", lifespan="off", log_config=None)
        server = await loop.create_server(
            lambda: Connection(refusals, (), config, ServerState(), {}), "127.0.0.1", 0
        )
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await reading(reader, writer)
            writer.close()

    asyncio.run(asyncio.wait_for(connect(), 20.0))


def test_a_request_that_does_not_wait_is_not_answered() -> None:
    answers = Answers(length=None)

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET * 1000)
        assert (await reader.readuntil(b"2\r\nok\r\n")).startswith(b"HTTP/1.1 200")
        writer.write(GET * 1000)
        await writer.drain()
        answers.may_end.set()
        assert await reader.read() == b"0\r\n\r\n"  # until the server closes

    connected(reading, answers)
    assert answers.asked == 1


def test_it_does_not_hide_that_the_reader_leaves() -> None:
    answers = Answers(length=None)

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET + GET)
        await reader.readuntil(b"ok")
        writer.close()
        await answers.left.wait()

    connected(reading, answers)
    assert answers.asked == 1


@pytest.mark.parametrize(("request_", "end"), [(HEAD, b"\r\n\r\n"), (GET, b"ok")])
def test_a_request_after_all_bytes_of_an_answer_is_not_early(request_: bytes, end: bytes) -> None:
    """A file of whole chunks and an answer to HEAD end later than their bytes."""
    answers = Answers()

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            answers.may_end.clear()
            writer.write(request_)
            await reader.readuntil(end)
            writer.write(b"\r\n" + request_)  # an empty line before a request is nothing
            await writer.drain()
            answers.may_end.set()
            await reader.readuntil(end)

    connected(reading, answers)
    assert answers.asked == 6


def test_nothing_is_read_after_a_refusal() -> None:
    answers = Answers()

    async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET[:-2] + b"a: b\r\n" * 200 + b"\r\n" + GET)
        assert (await reader.read()).startswith(b"HTTP/1.1 431")

    connected(reading, answers)
    assert answers.asked == 0
