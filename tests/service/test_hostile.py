"""Requests of somebody who means harm: the right status for each, and the service still answers."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from live import CLOSED, Live, answer_from, live

from simgan.service.configuration import Configuration
from simgan.service.connections import LARGEST_HEAD
from simgan.service.jobs.processes import memory_of
from simgan.service.state import Service
from simgan.service.tokens import add_token
from simgan.workspace import Workspace

UPLOAD = 2**25  # bytes
BUFFERS = 2**24  # bytes of two sockets, and more
TIMEOUT = 0.3  # seconds
SCENARIOS = "/v1/models/reference/scenarios"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    configuration = Configuration(largest_upload=UPLOAD, rate=1e6, burst=10**6)
    return Service.over(Workspace(tmp_path_factory.mktemp("hostile")), configuration)


@pytest.fixture(scope="module")
def server(service: Service) -> Iterator[Live]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simgan.service.connections.HEAD_TIMEOUT", TIMEOUT)
        patch.setattr("simgan.service.middleware.bodies.BODY_TIMEOUT", TIMEOUT)
        with live(service) as server:
            yield server


@pytest.fixture(scope="module")
def fit(service: Service) -> str:
    return f"Authorization: Bearer {add_token(service.database, 'fit')}"


@pytest.fixture(scope="module")
def read(service: Service) -> str:
    return f"Authorization: Bearer {add_token(service.database, 'read', ['read'])}"


@pytest.fixture(autouse=True)
def still_answers(server: Live) -> Iterator[None]:
    """After each attack the service answers."""
    yield
    assert server.ask("GET /healthz").json() == {"status": "alive"}


def test_nobody_gets_in_without_a_token(server: Live, fit: str) -> None:
    for field in ("X-Nothing: 1", "Authorization: Bearer x", f"{fit}x", f"X-{fit}", fit[:-1]):
        for line in ("GET /v1/models", "POST /v1/jobs", "GET /", "GET /metrics"):
            assert server.ask(line, field, "Content-Length: 0").status == 401, (line, field)


def test_a_token_does_not_more_than_its_scope(server: Live, read: str) -> None:
    assert server.ask("GET /v1/models", read).status == 200
    assert server.ask(f"GET {SCENARIOS}?n=1", read).status == 403
    assert server.ask("DELETE /v1/models/reference", read).status == 403
    assert server.ask("POST /v1/uploads", read, "Content-Length: 1", body=b"x").status == 403
    assert server.ask("POST /v1/jobs", read, "Content-Length: 2", body=b"{}").status == 403


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../..",
        "../../../../etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5cwindows",
        "%2Fetc%2Fpasswd",
        "%00",
        "reference%00.html",
        "reference%0d%0aX-Injected:%201",
        "%ED%95%9C%EA%B8%80",  # Hangul
        "%F0%9F%98%80",
        "%FF%FE",
        "a" * 5000,
        ".refits",
        "CON",
        "%7B%7B7*7%7D%7D",
    ],
)
def test_no_name_leads_out_of_the_workspace(server: Live, fit: str, name: str) -> None:
    for line, status in (
        (f"GET /v1/models/{name}", 404),
        (f"GET /v1/models/{name}/scenarios?n=1", 404),
        (f"DELETE /v1/models/{name}", 404),
        (f"GET /static/{name}", 404),
        (f"GET /docs/{name}", 404),
        (f"GET /v1/jobs/{name}", 404 if "/" in unquote(name) else 422),
    ):
        answer = server.ask(line, fit)
        assert answer.status == status, (line, answer)
        assert b"root:" not in answer.body and "X-Injected" not in answer.head
        assert str(Path.cwd()).encode() not in answer.body


@pytest.mark.parametrize(
    "query",
    [
        *("n=1000000000&horizon=1000", "n=-1", "n=0", "n=1e9", "n=99999999999999999999"),
        *("horizon=-5", "horizon=1000000000", "first=-1", "seed=-1", "n=1&n=2&format=exe"),
        *("as_of=../../etc", "given=__import__('os')", "values=%00", "assets=../.."),
        *("weights=/etc/passwd", "nothing=1"),
    ],
)
def test_numbers_without_measure_are_refused_at_once(server: Live, fit: str, query: str) -> None:
    answer = server.ask(f"GET {SCENARIOS}?{query}", fit)
    assert answer.status == 422, answer
    assert len(answer.body) < 2000


@pytest.mark.parametrize(
    "value", ["http://[", "[", "]:0", "\x00", "é", ";=,", "*/*;q=x", '"' * 999]
)
def test_headers_without_sense_are_refused_or_unread(server: Live, fit: str, value: str) -> None:
    origin = server.ask("POST /v1/session", f"Origin: {value}", "Content-Length: 2", body=b"{}")
    assert origin.status == (400 if value == "\x00" else 403)
    for name in ("Cookie", "Accept", "Accept-Language", "Range", "If-None-Match", "X-Request-ID"):
        answer = server.ask("GET /v1/models", fit, f"{name}: {value}")
        assert answer.status == (400 if value == "\x00" else 200), (name, answer)
    with server.connection() as connection:
        connection.sendall(f"GET /v1/nothing HTTP/1.1\r\nHost: {value}\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        assert answer_from(connection).status == (400 if value == "\x00" else 421)


def test_a_body_of_two_gigabytes_is_refused_before_it_is_read(server: Live, fit: str) -> None:
    for line in ("POST /v1/uploads", "POST /v1/jobs", "POST /v1/session"):
        answer = server.ask(line, fit, f"Content-Length: {2 * 2**30}", body=b"x" * 1000)
        assert answer.status == 413


def test_a_body_without_an_end_is_cut_at_the_limit(server: Live, fit: str) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with server.connection() as connection:
        connection.sendall(server.head("POST /v1/uploads", fit, "Transfer-Encoding: chunked"))
        sent, grown = flood(connection, chunk)
        assert answer_from(connection).status == 413
    assert sent < UPLOAD + BUFFERS
    assert grown < UPLOAD / 2  # no body is kept in memory


def test_a_head_without_an_end_is_cut_at_the_limit(server: Live) -> None:
    with server.connection() as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n".encode())
        sent, grown = flood(connection, b"X-Flood: " + b"y" * 8192 + b"\r\n")
        assert answer_from(connection).status == 431
    assert max(sent, grown) < BUFFERS
    with server.connection() as connection:
        connection.sendall(b"GET /" + b"a" * (LARGEST_HEAD + 1))
        assert answer_from(connection).status == 431
    many = [f"X-{i}: 1" for i in range(200)]
    assert server.ask("GET /healthz", *many).status == 431
    assert server.ask("GET /healthz", *many[:50]).status == 200


def test_the_body_of_a_refused_head_is_not_read(
    server: Live, caplog: pytest.LogCaptureFixture
) -> None:
    """It comes with the head, and no request is there to take it."""
    many = [f"X-{i}: 1" for i in range(200)]
    assert server.ask("POST /v1/session", *many, "Content-Length: 2", body=b"{}").status == 431
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def test_requests_that_do_not_wait_for_answers_cost_nothing(server: Live) -> None:
    with server.connection() as connection:
        sent, grown = flood(connection, server.head("GET /v1/models") * 4000)
    assert max(sent, grown) < BUFFERS


def flood(connection: socket.socket, chunk: bytes) -> tuple[int, int]:
    """Send a chunk again and again, until the server has had enough.

    Return the bytes that were sent, and those by which the memory of this process grew.
    """
    sent, before = 0, memory_of([os.getpid()])
    most = before
    try:
        while sent < 2**30:
            connection.sendall(chunk)
            sent += len(chunk)
            most = max(most, memory_of([os.getpid()]))
    except (ConnectionError, TimeoutError):
        pass
    return sent, most - before


def test_a_slow_head_and_a_slow_body_are_given_up(server: Live, fit: str) -> None:
    with server.connection() as silent, server.connection() as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        answer = answer_from(slow)
        assert (answer.status, answer.json()["instance"]) == (408, "/")
        assert "did not arrive in time" in str(answer.json()["detail"])
        assert answer_from(silent).status == 408
    with server.connection() as slow:
        slow.sendall(server.head("POST /v1/uploads", fit, "Content-Length: 100") + b"x")
        answer = answer_from(slow)
        assert (answer.status, answer.json()["title"]) == (408, "Request Timeout")


def test_a_half_closed_connection_ends(server: Live, fit: str) -> None:
    with server.connection() as half:
        half.sendall(server.head("POST /v1/uploads", fit, "Content-Length: 100") + b"x")
        half.shutdown(socket.SHUT_WR)
        assert answer_from(half).status == CLOSED  # nobody can send the rest
    with server.connection() as half:
        half.sendall(server.head("GET /healthz"))
        half.shutdown(socket.SHUT_WR)
        assert answer_from(half).status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_other_bytes_than_a_request_are_refused(server: Live, request_: bytes) -> None:
    with server.connection() as connection:
        connection.sendall(request_)
        assert answer_from(connection).status == 400


def test_a_hundred_idle_connections_hold_nobody_up(server: Live) -> None:
    idle = [server.connection() for _ in range(100)]
    try:
        assert server.ask("GET /healthz").status == 200
    finally:
        for connection in idle:
            connection.close()
