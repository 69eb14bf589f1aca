"""Layers around a small application: numbers, log lines, headers, hosts, rates, bodies, bugs."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from simgan.service import middleware, problems
from simgan.service.configuration import Configuration
from simgan.service.logs import Lines
from simgan.service.middleware.bodies import Bodies
from simgan.service.middleware.rates import Bucket, Buckets
from simgan.service.middleware.request_lines import without_secrets
from simgan.service.state import Service
from simgan.workspace import Workspace

SMALL = Configuration(largest_request=1024, largest_upload=2048, burst=5, rate=0.5)


def small_application(service: Service) -> FastAPI:
    app = FastAPI()
    problems.install(app)
    middleware.install(app, service)

    @app.post("/size")
    @app.post("/v1/uploads")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/bug")
    @app.get("/bug/{name}")
    def bug(name: str = "") -> None:
        raise RuntimeError("secret of the machine")

    @app.get("/half")
    def half() -> Response:
        def parts() -> Iterator[bytes]:
            yield b"one"
            raise RuntimeError("in the middle")

        return StreamingResponse(parts())

    @app.get("/own")
    def own() -> Response:
        return Response("own", headers={"Content-Security-Policy": "own", "ETag": '"1"'})

    @app.get("/cookies")
    def cookies(request: Request) -> dict[str, str]:
        return request.cookies

    @app.get("/healthz")
    def healthz() -> str:
        return "alive"

    return app


@pytest.fixture
def small(tmp_path: Path) -> Iterator[TestClient]:
    service = Service.over(Workspace(tmp_path), SMALL)
    with TestClient(small_application(service), base_url="http://127.0.0.1:8000") as client:
        yield client


def test_a_sane_number_of_a_client_is_kept(small: TestClient) -> None:
    assert small.get("/own", headers={"X-Request-ID": "a-1._B"}).headers["X-Request-ID"] == "a-1._B"
    for bad in ("", "a b", "a" * 65, "<script>"):
        made = small.get("/healthz", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{16}", made)


def test_a_bug_is_a_problem_with_a_number_and_no_internals(
    small: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = small.get("/bug")
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    told = answer.json()
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert "secret of the machine" not in answer.text
    assert "secret of the machine" in caplog.text


def test_a_bug_at_a_long_address_has_a_short_message(
    small: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert small.get(f"/bug/{'a' * 9999}").status_code == 500
    [record] = [record for record in caplog.records if "bug in the answer" in record.message]
    assert len(record.message) < 300


def test_an_answer_that_fails_in_the_middle_is_cut_off(small: TestClient) -> None:
    with pytest.raises(RuntimeError, match="in the middle"):
        small.get("/half")


def test_every_answer_has_the_headers_and_a_route_its_own(small: TestClient) -> None:
    for path, status in (("/healthz", 200), ("/nothing", 404), ("/bug", 500)):
        answer = small.get(path)
        assert answer.status_code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in answer.headers
    own = small.get("/own").headers
    assert (own["Content-Security-Policy"], own["Cache-Control"]) == ("own", "private, no-cache")
    small.base_url = "https://127.0.0.1:8000"  # type: ignore[assignment]
    assert "Strict-Transport-Security" in small.get("/healthz").headers


def test_a_line_tells_a_request_without_its_secrets(
    small: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "simgan.service")
    small.get("/healthz")
    small.get("/own?n=3&token=abc", headers={"Authorization": "Bearer simgan_xyz"})
    [record] = [record for record in caplog.records if record.msg == "request"]
    line = json.loads(Lines().format(record))
    assert (line["method"], line["path"], line["query"]) == ("GET", "/own", "n=3&token=…")
    assert (line["level"], line["message"], line["status"]) == ("info", "request", 401)
    assert "abc" not in str(line) and "simgan_xyz" not in str(line)


def test_a_stranger_cannot_fill_the_log(
    small: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five requests are let in, thousands are not, and paths may have 64 KB."""
    monkeypatch.setattr("simgan.service.logs._PAUSE", 1000.0)
    caplog.set_level(logging.INFO, "simgan.service")
    for host in ("127.0.0.1", "evil.example"):
        for _ in range(25):
            small.get(f"/{'a' * 9999}?{'b' * 9999}", headers={"Host": host})
    lines = [record.__dict__["facts"] for record in caplog.records if record.msg == "request"]
    assert [line["status"] for line in lines] == [404] * 5 + [429, 421]
    assert all(len(str(line)) < 800 for line in lines)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (b"n=100&horizon=21&given=", "n=100&horizon=21&given="),
        (b"api_key=1&Password=2&x=simgan_3", "api_key=…&Password=…&x=…"),
        (b"a=%0a%22&b&tok%65n=1", "a=%0a%22&b&tok%65n=…"),
    ],
)
def test_secrets_of_a_query_are_left_out(query: bytes, told: str) -> None:
    assert without_secrets(query) == told


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST.:80", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.0.0.1:8000@evil.example", 421),
        ("", 421),
    ],
)
def test_a_foreign_name_of_this_machine_is_refused(
    small: TestClient, host: str, status: int
) -> None:
    assert small.get("/healthz", headers={"Host": host}).status_code == status


def test_names_of_a_proxy_are_those_of_the_configuration(tmp_path: Path) -> None:
    configuration = Configuration(hosts="risk.example.com, Other.example.com")
    service = Service.over(Workspace(tmp_path), configuration)
    with TestClient(small_application(service)) as client:
        for host, status in (("risk.example.com", 200), ("other.example.com", 200), ("x", 421)):
            assert client.get("/healthz", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("quoted", ['a="x"', ' a = "\\"\\""', '"x"', 'a=x"y'])
def test_a_quoted_cookie_is_read_by_nobody(small: TestClient, quoted: str) -> None:
    r"""Older Pythons take seconds for 62 kB of ``\"`` in a quoted cookie."""
    answer = small.get("/cookies", headers={"Cookie": f"b=1; {quoted}; c=2"})
    assert answer.json() == {"b": "1", "c": "2"}


def test_a_caller_with_too_many_requests_is_told_when_to_come_again(small: TestClient) -> None:
    answers = [small.get("/own") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "2"
    assert small.get("/healthz").status_code == 200
    stranger = {"Authorization": "Bearer wrong"}
    assert small.get("/own", headers=stranger).status_code == 401


def test_behind_a_prefix_health_is_free_and_untold(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "simgan.service")
    app = small_application(Service.over(Workspace(tmp_path), SMALL))
    with TestClient(app, base_url="http://127.0.0.1", root_path="/risk") as client:
        answers = [client.get("/risk/healthz").status_code for _ in range(9)]
        assert answers == [200] * 9
        assert not [record for record in caplog.records if record.msg == "request"]
        assert client.get("/risk/own").status_code == 200
    assert [record for record in caplog.records if record.msg == "request"]


def test_a_bucket_fills_up_with_time_and_not_beyond() -> None:
    """Two at once and one a second: at 0, 0, 0.5, 1 and after an hour, by hand."""
    bucket = Bucket(2.0, 0.0)
    assert [bucket.wait(t, rate=1.0, burst=2) for t in (0.0, 0.0, 0.5, 1.0)] == [0, 0, 0.5, 0]
    assert [bucket.wait(3600.0, rate=1.0, burst=2) for _ in range(3)] == [0, 0, 1.0]


def test_the_bucket_that_nobody_used_for_the_longest_time_is_forgotten() -> None:
    buckets = Buckets(rate=1e-6, burst=1, most=2)
    assert [buckets.wait(key) > 0 for key in "abacab"] == [False, False, True, False, True, False]
    assert len(buckets) == 2


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/size", 1024, 200), ("/size", 1025, 413), ("/v1/uploads", 2048, 200)],
)
def test_a_body_has_a_largest_size(small: TestClient, path: str, size: int, status: int) -> None:
    body = b"x" * size
    assert small.post(path, content=body).status_code == status
    chunks = (body[i : i + 100] for i in range(0, size, 100))
    answer = small.post(path, content=chunks)  # without a Content-Length
    assert answer.status_code == status
    if status == 413:
        assert answer.headers["Connection"] == "close"
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_header_of_a_length_is_believed_before_a_byte_is_read(small: TestClient) -> None:
    answer = small.post("/size", headers={"Content-Length": str(2**31)}, content=iter([b"x"]))
    assert answer.status_code == 413


async def reader(scope: Scope, receive: Receive, send: Send) -> None:
    """Read a body to its end."""
    while (await receive()).get("more_body"):
        pass


def test_a_slow_body_is_refused(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    import anyio
    from starlette.exceptions import HTTPException

    monkeypatch.setattr("simgan.service.middleware.bodies.BODY_TIMEOUT", 0.05)

    async def slow() -> Message:
        await anyio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    async def read() -> None:
        scope = {"type": "http", "path": "/", "headers": []}
        await Bodies(reader, service)(scope, slow, send)

    with pytest.raises(HTTPException) as caught:
        anyio.run(read)
    assert caught.value.status_code == 408
