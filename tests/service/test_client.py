"""The client of one file against a server that listens: models, scenarios, risk, jobs, events."""

from __future__ import annotations

import ast
import csv
import gzip
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import Mock

import pytest
from live import Live, live

from simgan.cli.main import run
from simgan.service import client as client_module
from simgan.service.client import Client, JobFailed, Refused
from simgan.service.configuration import Configuration
from simgan.service.jobs.job import Job, Lease
from simgan.service.state import Service
from simgan.service.tokens import add_token
from simgan.workspace import Workspace


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    configuration = Configuration(rate=20.0, burst=40)
    return Service.over(Workspace(tmp_path_factory.mktemp("client")), configuration)


@pytest.fixture(scope="module")
def server(service: Service) -> Iterator[Live]:
    with live(service) as server:
        yield server


@pytest.fixture(scope="module")
def client(service: Service, server: Live) -> Client:
    return Client(f"{server.url}/", token=add_token(service.database, "desk"))


def test_it_is_one_file_of_python_alone() -> None:
    tree = ast.parse(Path(str(client_module.__file__)).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
    assert imported <= set(sys.stdlib_module_names) | {"__future__"}


def test_two_draws_to_a_file_leave_a_whole_one(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"

    def draw(seed: int) -> Path:
        return client.draw("reference", file, n=3000, seed=seed)

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(draw, (1, 2))) == [file, file]
    assert list(tmp_path.iterdir()) == [file]
    whole = (b"".join(client.stream("reference", n=3000, seed=seed)) for seed in (1, 2))
    assert file.read_bytes() in whole


def test_it_draws_the_bytes_of_the_command(client: Client, tmp_path: Path) -> None:
    assert [model["name"] for model in client.models()] == ["reference"]
    own, theirs = tmp_path / "own.csv", tmp_path / "theirs.csv"
    assert client.draw("reference", own, n=500, horizon=3, seed=2) == own
    words = "sample reference --n 500 --horizon 3 --seed 2 --quiet -o"
    assert run([*words.split(), str(theirs), "--workspace", str(tmp_path)]) == 0
    assert own.read_bytes() == theirs.read_bytes()
    assert sorted(tmp_path.glob(".*")) == []
    lines = b"".join(client.stream("reference", n=2, horizon=1)).decode().splitlines()
    assert next(csv.reader(lines)) == ["scenario", "1"]


def test_dots_in_the_name_of_a_file_are_no_part_of_its_format(
    client: Client, tmp_path: Path
) -> None:
    plain = client.draw("reference", tmp_path / "BRK.B.CSV", n=3, horizon=2)
    packed = client.draw("reference", tmp_path / "BRK.B.csv.gz", n=3, horizon=2)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    with pytest.raises(Refused, match="format = 'b' is not possible; it must be one of csv"):
        client.draw("reference", tmp_path / "BRK.B", n=3, horizon=2)


def test_it_asks_for_risk(client: Client) -> None:
    assert client.model("reference")["name"] == "reference"
    found = client.risk("reference", position=1000, n=4000, horizons=[1])
    assert found["model"] == "reference"


def test_a_refusal_is_an_error_with_the_sentence(client: Client, server: Live) -> None:
    with pytest.raises(Refused, match="unknown model 'nosuch'") as caught:
        client.model("nosuch")
    assert (caught.value.status, caught.value.problem["title"]) == (404, "Not Found")
    with pytest.raises(Refused) as caught:
        Client(server.url, token="wrong").models()
    assert caught.value.status == 401


def test_it_waits_where_the_service_has_too_much_to_do(client: Client, server: Live) -> None:
    for _ in range(60):
        client.models()
    hasty = Client(server.url, token="wrong", patience=0.0)

    def status() -> int:
        with pytest.raises(Refused) as caught:
            hasty.models()
        return caught.value.status

    assert 429 in {status() for _ in range(60)}


@contextmanager
def proxy(*statuses: int) -> Iterator[tuple[Client, list[int]]]:
    """Give a client of a proxy that refuses by some statuses, and those that are left."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(left.pop(0) if left else 200)
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(b'{"state": "done"}')

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    with listening(Handler) as port:
        yield Client(f"http://127.0.0.1:{port}"), left


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Answer requests by a handler, and give the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_it_asks_again_where_the_service_or_its_proxy_cannot_answer() -> None:
    with proxy(429, 502, 503, 504) as (client, left):
        assert (client.job("a")["state"], left) == ("done", [])
    with proxy(429, 503) as (client, left):
        assert (client.order(kind="fit")["state"], left) == ("done", [])
    with proxy(503, 502, 204) as (client, left):
        assert (list(client.events("a")), left) == ([], [])


def test_another_host_does_not_get_the_token() -> None:
    found: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.append(self.headers.get("Authorization"))
            self.send_response(302 if self.path == "/v1/jobs/a" else 500)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/")  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(b"[1]")

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    with listening(Handler) as port, pytest.raises(Refused, match="status 500"):
        Client(f"http://127.0.0.1:{port}", token="simgan_secret").job("a")
    assert found == ["Bearer simgan_secret", None]


@pytest.mark.parametrize("status", [400, 500, 502])
def test_it_does_not_repeat_an_order_that_may_have_been_heard(status: int) -> None:
    with proxy(status, status) as (client, left), pytest.raises(Refused) as caught:
        client.order(kind="fit")
    assert (caught.value.status, left) == (status, [status])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("7", 7), ("0", 0), ("", 1), ("soon", 1), ("-5", 1), ("nan", 1)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_a_pause_is_a_number_or_a_date(text: str, seconds: float) -> None:
    assert client_module._pause(text) == seconds


def test_a_pause_lasts_until_a_date_that_comes() -> None:
    text = format_datetime(datetime.now(UTC) + timedelta(hours=10), usegmt=True)
    assert 35_000 < client_module._pause(text) <= 36_000


def claimed(service: Service) -> Job:
    job = service.jobs.store.claim(Lease(1, ""))
    assert job is not None
    return job


def test_it_orders_a_job_and_hears_its_events(
    client: Client, service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "삼성.csv"
    file.write_text("Date,Close\n2020-01-01,1\n")
    upload = client.upload(file)
    ordered = client.order(kind="inspect", upload=upload)
    assert client.order(kind="inspect", upload=upload)["id"] == ordered["id"]
    assert ordered["state"] == "queued"
    job, store = claimed(service), service.jobs.store
    threading.Timer(0.3, lambda: store.finish(job, {"rows": 1}, {})).start()
    heard = [event.kind for event in client.events(ordered["id"])]
    assert heard == ["queued", "running", "done"]
    assert (client.wait(ordered["id"])["result"] or {})["rows"] == 1


def test_a_job_that_fails_or_is_cancelled_is_an_error(client: Client, service: Service) -> None:
    failing = client.order(kind="fit", tickers=["SP500"], source="sample")
    service.jobs.store.fail(claimed(service), {"status": 422, "detail": "too few days"})
    with pytest.raises(JobFailed, match="too few days") as caught:
        client.wait(failing["id"])
    assert caught.value.job["state"] == "failed"
    ended = client.order(kind="fit", tickers=["NASDAQ"], source="sample")
    assert client.cancel(ended["id"])["state"] == "cancelled"
    with pytest.raises(JobFailed, match="cancelled"):
        client.wait(ended["id"])


def test_an_answer_that_breaks_leaves_no_file(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(IncompleteRead):
            Client(f"http://127.0.0.1:{listener.getsockname()[1]}").draw("a", tmp_path / "a.csv")
        thread.join()
    assert list(tmp_path.iterdir()) == []


def test_a_stream_of_events_that_breaks_goes_on(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service ends while somebody listens. The job ends before another service comes."""
    job = client.order(kind="fit", tickers=["VIX"], source="sample")

    def pause(seconds: float) -> None:
        if service.ending.is_set():
            service.jobs.store.cancelled(claimed(service))
            service.ending.clear()

    monkeypatch.setattr(client_module, "time", Mock(wraps=time, sleep=pause))
    events = client.events(job["id"])
    assert next(events).kind == "queued"
    service.ending.set()
    assert [event.kind for event in events] == ["running", "cancelled"]


def test_events_of_a_job_that_was_ordered_again_go_on(client: Client, service: Service) -> None:
    order = {"kind": "fit", "tickers": ["VIX"], "source": "sample", "seed": 1}
    job = client.order(**order)
    client.cancel(job["id"])
    events = client.events(job["id"])
    assert [next(events).kind for _ in range(2)] == ["queued", "cancelled"]
    client.order(**order)
    service.jobs.store.finish(claimed(service), {}, {})
    assert [event.kind for event in events] == ["queued", "running", "done"]
