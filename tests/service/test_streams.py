"""Streams to readers that leave, that are slow, or whose scenarios end in an error."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from http import HTTPStatus

import numpy as np
import pytest
from live import answer_from
from made_bundle import made_bundle
from served_here import asking, served_here, until
from starlette.exceptions import HTTPException
from starlette.types import Message

from simgan.bundle.store import write_bundle
from simgan.errors import SamplingError
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.parallel import available_cores
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.product import Scenarios
from simgan.service.configuration import Configuration
from simgan.service.jobs.store import Wanted
from simgan.service.state import Service
from simgan.service.streams import Streams, leaving

MANY = "/v1/models/made/scenarios?n=20000000&horizon=5"  # 9,766 groups


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the first scenarios of the groups that were drawn."""
    found: list[int] = []
    draw = Model.draw

    def counted(self: Model, *arguments: object) -> Iterator[object]:
        for block in draw(self, *arguments):  # type: ignore[arg-type]
            found.append(block.first)
            yield block

    monkeypatch.setattr(Model, "draw", counted)
    return found


@pytest.fixture
def port(service: Service) -> Iterator[int]:
    write_bundle(made_bundle("made", days=60), service.workspace.models / "made")
    with served_here(service) as port:
        yield port


def test_work_stops_when_the_reader_leaves(port: int, service: Service, drawn: list[int]) -> None:
    with asking(port, MANY) as reader:
        assert reader.recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert service.streams.places.taken_count == 1
    until(lambda: service.streams.places.taken_count == 0)
    stopped = len(drawn)
    assert stopped < 1000
    counted = service.metrics.values._value.get()
    assert 0 < counted <= 5 * (drawn[-1] + 4096)  # what was drawn before counts, too
    with asking(port, "/v1/models/made/scenarios?n=1") as reader:  # the server lives
        assert reader.recv(1000).startswith(b"HTTP/1.1 200 OK")
    assert len(drawn) == stopped + 1


def test_a_search_stops_when_the_reader_leaves_before_its_first_scenario(
    port: int, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the pilots no scenario meets the condition any more."""
    searched: list[int] = []
    draw, meet = Model.draw, Scenarios.meet

    def counted(self: Model, drawing: Drawing, *arguments: object) -> Iterator[object]:
        for block in draw(self, drawing, *arguments):  # type: ignore[arg-type]
            if drawing.stream != "pilot":
                searched.append(block.first)
            yield block

    def hardly_met(self: Scenarios, condition: Conditions) -> np.ndarray:
        return meet(self, condition) & (not searched)

    monkeypatch.setattr(Model, "draw", counted)
    monkeypatch.setattr(Scenarios, "meet", hardly_met)
    with asking(port, "/v1/models/made/scenarios?n=5&horizon=5&given=cumulative%3C-0.01"):
        until(lambda: len(searched) > 3)
        assert service.streams.places.taken_count == 1
    until(lambda: service.streams.places.taken_count == 0)


def test_nothing_is_drawn_for_a_reader_that_does_not_read(
    port: int, service: Service, drawn: list[int]
) -> None:
    """The buffers of a connection hold a few megabytes, which are some groups of 130 KB."""
    seen = [0]

    def is_at_rest() -> bool:
        """Tell whether no group was drawn between the last 50 looks."""
        seen.append(len(drawn))
        return seen[-50:] == [seen[-1]] * 50 and seen[-1] > 0

    with asking(port, MANY):
        until(is_at_rest)
        assert service.streams.places.taken_count == 1
        assert len(drawn) < 500
    until(lambda: service.streams.places.taken_count == 0)


@pytest.mark.parametrize("field", ["Transfer-Encoding: chunked", "Content-Length: 1300000"])
def test_a_body_cannot_hide_that_the_reader_leaves(
    field: str, port: int, service: Service, drawn: list[int]
) -> None:
    with asking(port, MANY, field) as reader:
        answer = b"".join(iter(lambda: reader.recv(2**16), b""))  # until the server closes
    assert answer.startswith(b"HTTP/1.1 400")
    assert not drawn
    assert service.streams.places.taken_count == 0


def test_work_stops_when_the_reader_cannot_be_heard() -> None:
    async def refused() -> Message:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT)

    async def is_stopped() -> bool:
        async with leaving(refused) as stop:
            await asyncio.Event().wait()  # which nobody sets
        return stop.is_asked

    assert asyncio.run(is_stopped())


def test_a_reader_that_stalls_loses_its_place(
    port: int, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.connections.STALL_TIMEOUT", 0.3)
    with asking(port, MANY):
        until(lambda: service.streams.places.taken_count == 1)
        until(lambda: service.streams.places.taken_count == 0)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/models/made/scenarios?n=300000&horizon=5", 505),
        (f"/v1/jobs/{'0' * 32}/events", 505),
        ("/v1/models/made/scenarios?n=5&horizon=5", 200),
        (f"/v1/jobs/{'1' * 32}/events", 404),
        ("/v1/models/made", 200),
        ("/", 200),
    ],
)
def test_a_client_of_an_old_version_gets_no_stream(
    path: str, status: int, port: int, service: Service
) -> None:
    service.jobs.store.submit(Wanted("0" * 32, "fit", {"kind": "fit"}, "local", False), 1)
    with socket.create_connection(("127.0.0.1", port), 60) as reader:
        reader.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        answer = answer_from(reader)
    assert answer.status == status
    assert "content-length" in answer.head and "transfer-encoding" not in answer.head
    until(lambda: service.streams.places.taken_count == 0)


def test_an_error_in_the_middle_breaks_the_connection(
    port: int, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Model.draw

    def failing(self: Model, *arguments: object) -> Iterator[object]:
        for block in draw(self, *arguments):  # type: ignore[arg-type]
            if block.first > 10**5:
                raise SamplingError("its volatility grows without bound")
            yield block

    monkeypatch.setattr(Model, "draw", failing)
    with asking(port, MANY) as reader:
        received = b"".join(iter(lambda: reader.recv(2**20), b""))
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert len(received) > 10**6
    assert not received.endswith(b"0\r\n\r\n")  # the end of a complete answer in chunks
    until(lambda: service.streams.places.taken_count == 0)


def test_a_client_that_closes_its_side_has_its_answer(port: int) -> None:
    with asking(port, "/v1/models/made/scenarios?n=50&horizon=5") as reader:
        reader.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: reader.recv(2**20), b""))  # until the server closes
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(b"\n49,") == 1


def test_a_long_answer_to_such_a_client_is_broken_off(
    port: int, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.connections.HALF_CLOSED_TIMEOUT", 0.3)
    with asking(port, MANY) as reader:
        reader.shutdown(socket.SHUT_WR)
        until(lambda: service.streams.places.taken_count == 1)
        until(lambda: service.streams.places.taken_count == 0)


def test_streams_break_off_before_the_end_of_the_service(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """One reads and one does not. The server cancels neither, which would log a traceback."""
    caplog.set_level(logging.INFO)
    brief = replace(service, configuration=Configuration(grace=1.0))
    write_bundle(made_bundle("made", days=60), service.workspace.models / "made")
    with ExitStack() as readers:
        with served_here(brief) as port:
            slow, fast = (readers.enter_context(asking(port, MANY)) for _ in range(2))
            assert all(reader.recv(1000).startswith(b"HTTP/1.1 200") for reader in (slow, fast))
            reading = threading.Thread(target=read_all, args=(fast,))
            reading.start()
        reading.join()
    told = [record for record in caplog.records if "broke" in record.message]
    assert [record.message for record in told] == ["broke an answer off: the service ends"] * 2
    assert told[0].__dict__["facts"] == {"client": "127.0.0.1", "path": MANY.partition("?")[0]}
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def read_all(connection: socket.socket) -> None:
    with suppress(ConnectionError):
        while connection.recv(2**20):
            pass


@pytest.mark.parametrize(("most", "status"), [("MOST_CONNECTIONS", 503), ("MOST_OF_ADDRESS", 429)])
def test_connections_that_are_too_many_are_refused_at_once(
    most: str,
    status: int,
    port: int,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Three of them say nothing. The fourth is told before it says anything."""
    caplog.set_level(logging.INFO, "simgan.service")
    monkeypatch.setattr(f"simgan.service.connections.{most}", 3)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        with socket.create_connection(("127.0.0.1", port), 100) as refused:
            answer = answer_from(refused)
    assert answer.status == status
    assert "\r\nretry-after: 10\r\n" in answer.head
    assert "too many connections" in str(answer.json()["detail"])
    assert service.metrics.refused.labels(status)._value.get() == 1
    [line] = [record for record in caplog.records if "refused" in record.message]
    assert line.__dict__["facts"] == {"client": "127.0.0.1", "path": "", "status": status}

    def is_let_in() -> bool:
        with asking(port, "/healthz", "Connection: close") as reader:
            return answer_from(reader).status == 200

    until(is_let_in)


def test_a_reverse_proxy_may_have_more_connections(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.connections.MOST_OF_ADDRESS", 0)
    address = replace(service, configuration=Configuration(proxies="192.0.2.1, 127.0.0.1"))
    network = replace(service, configuration=Configuration(proxies="::1/128,127.0.0.0/8"))
    for served, status in ((address, 200), (network, 200), (service, 429)):
        with served_here(served) as port, asking(port, "/healthz", "Connection: close") as reader:
            assert answer_from(reader).status == status


def test_heads_have_less_time_where_connections_are_scarce(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.connections.MOST_CONNECTIONS", 4)
    monkeypatch.setattr("simgan.service.connections.BUSY_HEAD_TIMEOUT", 0.1)
    monkeypatch.setattr("simgan.service.connections.HEAD_TIMEOUT", 100.0)
    with ExitStack() as stack:
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 50)) for _ in range(3)
        ]
        assert answer_from(silent[2]).status == 408
        silent[0].setblocking(False)
        with pytest.raises(BlockingIOError):  # it came in time
            silent[0].recv(1)


@pytest.mark.parametrize("sent", [b"GE", b"\x00"])  # a slow next request, and none
def test_nothing_is_written_into_an_answer(sent: bytes, port: int, service: Service) -> None:
    """The answer is larger than the buffers of the connection, so it is open at those bytes."""
    with asking(port, "/v1/models/made/scenarios?n=300000&horizon=5") as reader:
        received = reader.recv(1000)
        reader.sendall(sent)
        received += b"".join(iter(lambda: reader.recv(2**20), b""))  # until the server closes
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert received.count(b"HTTP/1.1") == 1
    assert received.endswith(b"0\r\n\r\n")  # it is complete
    until(lambda: service.streams.places.taken_count == 0)


def test_streams_give_way_to_small_answers_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at each turn of the event loop here."""
    monkeypatch.setattr("simgan.service.streams.MOMENT", 20.0)
    monkeypatch.setattr("simgan.service.streams._LOOK", 0.0)

    async def some_turns() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def watched() -> None:
        streams, go, computed = Streams(1, 1), threading.Event(), list[str]()

        def pulled(chunk: str) -> asyncio.Task[None]:
            def compute() -> None:
                go.wait(20)
                computed.append(chunk)

            return asyncio.create_task(streams.pulled(compute))

        cores = available_cores()
        first = [pulled("first") for _ in range(cores)]
        await some_turns()
        second = pulled("second")  # it waits for its turn
        await some_turns()
        streams.quick.total_tokens = 1
        streams.quick.acquire_on_behalf_of_nowait("an answer")
        waiting = asyncio.create_task(streams.quick.acquire_on_behalf_of("another"))
        go.set()
        await asyncio.wait_for(asyncio.gather(*first), 5.0)
        await some_turns()
        assert computed == ["first"] * cores
        streams.quick.release_on_behalf_of("an answer")
        await asyncio.wait_for(asyncio.gather(waiting, second), 5.0)
        third = asyncio.create_task(streams.quick.acquire_on_behalf_of("a third"))
        await some_turns()
        monkeypatch.setattr("simgan.service.streams.MOMENT", 0.05)
        await asyncio.wait_for(pulled("after a moment"), 5.0)
        assert not third.done()

    asyncio.run(watched())
