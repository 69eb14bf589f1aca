"""Open answers end when their token is revoked: scenarios, events, and questions about risk."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from served_here import asking, served_here, until
from starlette.testclient import TestClient

from simgan.progress import Stop
from simgan.service.jobs.store import Wanted
from simgan.service.middleware.rates import Buckets
from simgan.service.state import Service
from simgan.service.tokens import add_token, revoke_token

JOB = "0a" * 16


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgan.service.middleware.callers.FRESH", 0.0)
    monkeypatch.setattr("simgan.service.middleware.callers.AGAIN", 0.05)


@pytest.fixture
def field(service: Service) -> str:
    return f"Authorization: Bearer {add_token(service.database, 'desk')}"


@pytest.fixture
def port(service: Service) -> Iterator[int]:
    wanted = Wanted(JOB, "fit", {"kind": "fit", "tickers": ["KO"]}, "desk", False)
    service.jobs.store.submit(wanted, 9)
    with served_here(service) as port:
        yield port


@pytest.mark.parametrize(
    "path", [f"/v1/jobs/{JOB}/events", "/v1/models/reference/scenarios?n=20000000&horizon=5"]
)
def test_a_revoked_token_ends_its_streams(
    path: str, port: int, field: str, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with asking(port, path, field) as reader:
        assert reader.recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert reader.recv(1000)
        add_token(service.database, "other")
        assert service.streams.places.taken_count + service.watching.taken_count == 1  # it goes on
        revoke_token(service.database, "desk")
        rest = b"".join(iter(lambda: reader.recv(2**20), b""))  # until the server closes
        assert not rest.endswith(b"0\r\n\r\n")  # which a whole answer in chunks has
    until(lambda: service.streams.places.taken_count + service.watching.taken_count == 0)
    until(lambda: any(record.message == "request" for record in caplog.records))
    told = [record.message for record in caplog.records if "broke" in record.message]
    assert told == ["broke an answer off: the token 'desk' or its session has ended"]
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def guessed_enough(buckets: Buckets, key: str) -> float:
    """Return the seconds to wait: nothing for requests, and some for a guess of an address."""
    return 0.0 if key.startswith(("caller ", "address ")) else 9.0


@pytest.mark.parametrize("wait", [Buckets.wait, guessed_enough])
def test_an_answer_that_has_not_begun_tells_the_reason(
    wait: object,
    client: TestClient,
    field: str,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Buckets, "wait", wait)

    def asked(
        request: object, model: object, progress: object, stop: Stop, *others: object
    ) -> None:
        revoke_token(service.database, "desk")
        until(lambda: stop.is_asked)
        stop.check()

    monkeypatch.setattr("simgan.service.routes.risk.assess_model", asked)
    name, value = field.split(": ")
    answer = client.post("/v1/models/reference/risk", json={}, headers={name: value})
    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]
