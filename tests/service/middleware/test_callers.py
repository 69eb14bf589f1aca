"""Who may ask: everyone here without a token, owners of tokens and sessions with one."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from all_threads import give_back_all_threads, take_all_threads
from served_here import until
from starlette.testclient import TestClient

from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.database import Database
from simgan.service.middleware.callers import GUESSES, Callers, _Unknown
from simgan.service.sessions import cookie_name
from simgan.service.state import Service
from simgan.service.tokens import Token, add_token, note_use, revoke_token, tokens_of
from simgan.workspace import Workspace

MODELS = "/v1/models"


@pytest.fixture(autouse=True)
def always_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read tokens for each request, not once a second."""
    monkeypatch.setattr("simgan.service.middleware.callers.FRESH", 0.0)


@pytest.fixture
def secret(service: Service) -> str:
    return add_token(service.database, "desk", ["read"])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_without_a_token_everyone_on_this_machine_may_do_all(client: TestClient) -> None:
    assert client.get(MODELS).status_code == 200
    assert client.get("/v1/session").json() == {
        "name": "local",
        "scopes": ["fit", "read", "sample"],
        "csrf": "",
    }


def test_the_first_token_closes_the_service_at_once(client: TestClient, service: Service) -> None:
    assert client.get(MODELS).status_code == 200
    secret = add_token(service.database, "desk")
    assert client.get(MODELS).status_code == 401
    assert client.get(MODELS, headers=bearer(secret)).status_code == 200


def test_the_end_of_the_last_token_opens_nothing(client: TestClient, service: Service) -> None:
    secret = add_token(service.database, "desk")
    revoke_token(service.database, "desk")
    assert client.get(MODELS).status_code == 401
    assert client.get(MODELS, headers=bearer(secret)).status_code == 401


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "bearer simgan_", "Bearer \udce4é"],
)
def test_a_wrong_token_is_refused(client: TestClient, secret: str, authorization: str) -> None:
    headers = {"Authorization": authorization.encode("utf-8", "surrogateescape")}
    answer = client.get(MODELS, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert secret not in answer.text


def test_a_token_without_the_scope_is_refused(client: TestClient, secret: str) -> None:
    answer = client.delete(f"{MODELS}/nothing", headers=bearer(secret))
    assert (answer.status_code, answer.json()["scope"]) == (403, "fit")


def test_a_use_is_written_once_a_day_and_no_request_waits_for_it(
    client: TestClient, service: Service, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, is_free, is_written = list[str](), threading.Event(), threading.Event()

    def noted(database: Database, token: Token, day: str) -> None:
        days.append(day)
        is_free.wait(60)
        if len(days) == 1:
            is_free.clear()
            raise sqlite3.OperationalError("database is locked")
        note_use(database, token, day)
        is_written.set()

    monkeypatch.setattr("simgan.service.middleware.callers.note_use", noted)
    for _ in range(3):
        assert client.get(MODELS, headers=bearer(secret)).status_code == 200
    while not days:
        time.sleep(0.01)
    assert len(days) == 1
    is_free.set()
    while len(days) == 1:  # the first one could not be written
        assert client.get(MODELS, headers=bearer(secret)).status_code == 200
        time.sleep(0.01)
    is_free.set()
    assert is_written.wait(60)
    assert client.get(MODELS, headers=bearer(secret)).status_code == 200
    assert [tokens_of(service.database)[0].used, len(days)] == [days[0], 2]


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_behind_a_proxy_nobody_is_everyone(client: TestClient, name: str) -> None:
    """The proxy reaches the loopback address, and the whole world the proxy."""
    assert client.get(MODELS, headers={name: "203.0.113.9"}).status_code == 401


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[TestClient]:
    """A service that other machines reach, and whose last token was revoked."""
    service = Service.over(Workspace(tmp_path), Configuration(host="0.0.0.0"))
    with TestClient(application(service), base_url="http://risk.example.com") as client:
        yield client


def test_where_others_reach_it_nobody_is_everyone(elsewhere: TestClient) -> None:
    assert elsewhere.get(MODELS).status_code == 401
    assert elsewhere.get("/healthz").status_code == 200


def login(client: TestClient, secret: str) -> str:
    answer = client.post("/v1/session", json={"token": secret})
    assert answer.status_code == 201
    return str(answer.json()["csrf"])


def test_a_session_begins_with_a_token_and_ends(
    client: TestClient, service: Service, secret: str
) -> None:
    assert client.post("/v1/session", json={"token": "wrong"}).status_code == 401
    csrf = login(client, secret)
    assert client.get(MODELS).status_code == 200
    assert client.get("/v1/session").json() == {"name": "desk", "scopes": ["read"], "csrf": csrf}
    name = cookie_name(service.secret)
    cookie = client.cookies[name]
    assert client.delete("/v1/session", headers={"X-CSRF-Token": csrf}).status_code == 204
    assert name not in client.cookies
    client.cookies[name] = cookie
    assert [client.get(MODELS).status_code for _ in range(GUESSES + 9)] == [401] * (GUESSES + 9)


def test_the_cookie_is_for_this_site_and_for_no_script(client: TestClient, secret: str) -> None:
    answer = client.post("/v1/session", json={"token": secret})
    parts = answer.headers["Set-Cookie"].lower()
    assert "httponly" in parts and "samesite=strict" in parts and "path=/" in parts
    assert "secure" not in parts
    client.cookies.clear()
    client.base_url = "https://127.0.0.1:8000"  # type: ignore[assignment]
    answer = client.post("/v1/session", json={"token": secret})
    assert "secure" in answer.headers["Set-Cookie"].lower()


def test_the_database_keeps_no_cookie(client: TestClient, service: Service, secret: str) -> None:
    login(client, secret)
    kept = b"".join(file.read_bytes() for file in service.database.file.parent.iterdir())
    assert client.cookies[cookie_name(service.secret)].encode() not in kept


def test_a_revoked_token_ends_its_sessions(
    client: TestClient, service: Service, secret: str
) -> None:
    login(client, secret)
    revoke_token(service.database, "desk")
    assert client.get(MODELS).status_code == 401


def test_a_session_is_over_after_its_time(
    client: TestClient, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.sessions.LASTS", -1)
    login(client, secret)
    assert client.get(MODELS).status_code == 401


def test_tokens_are_read_once_a_second_but_a_new_one_at_once(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.middleware.callers.FRESH", 3600.0)
    first = add_token(service.database, "first")
    assert client.get(MODELS, headers=bearer(first)).status_code == 200
    second = add_token(service.database, "second")
    assert client.get(MODELS, headers=bearer(second)).status_code == 200


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """A list that grows by each reading of all tokens."""
    found: list[None] = []

    def counted(database: Database) -> list[Token]:
        found.append(None)
        return tokens_of(database)

    monkeypatch.setattr("simgan.service.middleware.callers.tokens_of", counted)
    monkeypatch.setattr("simgan.service.middleware.callers.FRESH", 100.0)
    return found


def test_guesses_cost_few_readings_and_then_wait(
    client: TestClient, secret: str, readings: list[None]
) -> None:
    assert client.get(MODELS, headers=bearer(secret)).status_code == 200
    before = len(readings)
    same = [client.get(MODELS, headers=bearer("one")).status_code for _ in range(50)]
    assert (same, len(readings) - before) == ([401] * 50, 1)
    others = [client.get(MODELS, headers=bearer(f"x{i}")) for i in range(50)]
    assert len(readings) - before <= GUESSES + 2  # and what a second or two adds
    assert [others[0].status_code, others[-1].status_code] == [401, 429]
    assert int(others[-1].headers["Retry-After"]) >= 1
    assert others[-1].json()["detail"].startswith("too many unknown tokens of this address")
    assert client.get(MODELS, headers=bearer(secret)).status_code == 200


def test_guesses_do_not_lock_the_log_in(client: TestClient, secret: str) -> None:
    """Neither the page nor the token, also after the guesses of the address are used up."""
    guesses = [client.get(MODELS, headers=bearer(f"x{i}")) for i in range(GUESSES + 9)]
    assert guesses[-1].status_code == 429
    own = bearer("mine")
    assert client.get("/login", headers=own).status_code == 200
    answer = client.post("/v1/session", json={"token": secret}, headers=own)
    assert answer.status_code == 201


def test_unknown_secrets_are_forgotten_where_there_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simgan.service.middleware.callers._MANY", 2)
    monkeypatch.setattr("simgan.service.middleware.callers.FRESH", 100.0)
    unknown = _Unknown()
    for digest in "abac":
        unknown.add(digest)
    assert [digest in unknown for digest in "abc"] == [True, False, True]


def test_a_damaged_database_is_read_once_a_second_and_fills_no_log(
    service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = list[None]()

    def refused(database: Database) -> list[Token]:
        readings.append(None)
        with closing(sqlite3.connect(service.database.file)) as connection:
            connection.execute("SELECT * FROM tokens")
        return []

    monkeypatch.setattr("simgan.service.middleware.callers.FRESH", 1000.0)
    monkeypatch.setattr("simgan.service.logs._PAUSE", 1000.0)
    monkeypatch.setattr("simgan.service.middleware.callers.tokens_of", refused)
    with TestClient(application(service), base_url="http://localhost") as client:
        for file in service.database.file.parent.glob(f"{service.database.file.name}*"):
            file.write_bytes(b"garbage" * 1000)
        answers = [client.get(MODELS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [503] * 5
    assert "cannot use its database" in answers[0].json()["detail"]
    assert len(readings) == 1
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_all_who_wait_for_a_locked_database_wait_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reading fails when all have come. A later one reads again."""
    assert client.portal is not None
    layer, readings, is_free = layer_of(client), list[None](), threading.Event()

    def refused(database: Database) -> list[Token]:
        readings.append(None)
        is_free.wait(60)
        raise sqlite3.OperationalError("database is locked")

    async def waiting() -> int:
        return int(layer._reading.statistics().tasks_waiting)

    monkeypatch.setattr("simgan.service.middleware.callers.tokens_of", refused)
    quiet = TestClient(client.app, base_url=client.base_url, raise_server_exceptions=False)
    quiet.portal = client.portal
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(quiet.get, MODELS) for _ in range(4)]
        until(lambda: client.portal is not None and client.portal.call(waiting) == 3)
        is_free.set()
        assert [answer.result(60).status_code for answer in answers] == [500] * 4
    assert len(readings) == 1
    monkeypatch.setattr("simgan.service.middleware.callers.tokens_of", tokens_of)
    assert quiet.get(MODELS).status_code == 200


def layer_of(client: TestClient) -> Callers:
    """Return the layer of an application that answers."""
    layer = client.app.middleware_stack  # type: ignore[attr-defined]
    while not isinstance(layer, Callers):
        layer = layer.app
    return layer


@pytest.fixture
def worker(service: Service) -> TestClient:
    """Another process of the same service."""
    app = application(Service.over(service.workspace, service.configuration))
    return TestClient(app, base_url="http://127.0.0.1:8000")


def test_a_new_session_is_known_to_all_workers_also_where_no_guess_is_left(
    client: TestClient, worker: TestClient, secret: str, readings: list[None]
) -> None:
    guesses = [worker.get(MODELS, headers=bearer(f"x{i}")) for i in range(GUESSES + 9)]
    assert guesses[-1].status_code == 429
    login(client, secret)
    before = len(readings)
    worker.cookies.update(client.cookies)
    assert [worker.get(MODELS).status_code for _ in range(9)] == [200] * 9
    assert len(readings) - before == 1


def test_a_cookie_without_a_signature_costs_no_reading(
    client: TestClient, service: Service, secret: str, readings: list[None]
) -> None:
    name = cookie_name(service.secret)
    login(client, secret)
    assert client.get(MODELS).status_code == 200
    forged = client.cookies[name][:-1]
    client.cookies.clear()
    before = len(readings)
    for i in range(GUESSES + 9):
        cookie = f"{name}={forged}{i:03}"
        assert client.get(MODELS, headers={"Cookie": cookie}).status_code == 401
    assert len(readings) == before


def test_two_services_of_a_host_keep_their_sessions_apart(
    client: TestClient, secret: str, tmp_path: Path
) -> None:
    """A browser sends the cookies of a host to all of its ports."""
    other_service = Service.over(Workspace(tmp_path / "other"), Configuration())
    other = TestClient(application(other_service), base_url="http://127.0.0.1:8001")
    login(client, secret)
    other.cookies.update(client.cookies)
    login(other, add_token(other_service.database, "desk", ["read"]))
    client.cookies.update(other.cookies)
    assert [each.get(MODELS).status_code for each in (client, other)] == [200, 200]


def test_slow_routes_hold_nobody_up_at_the_door(client: TestClient, service: Service) -> None:
    """All threads of plain routes work. The route of scenarios has others."""
    headers = bearer(add_token(service.database, "desk"))
    address = f"{MODELS}/reference/scenarios"
    assert client.head(address, headers=headers).status_code == 200
    assert client.portal is not None
    client.portal.call(take_all_threads)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(client.head, address, headers=headers)
        try:
            assert answer.result(20).status_code == 200
        finally:
            client.portal.call(give_back_all_threads)


def test_without_its_database_the_service_lives_and_is_not_ready(
    client: TestClient, service: Service
) -> None:
    for file in service.database.file.parent.glob("service.sqlite*"):
        file.write_bytes(b"no database" * 1000)
    quiet = TestClient(client.app, base_url=client.base_url, raise_server_exceptions=False)
    for path in ("/healthz", "/static/style.css", "/docs", "/openapi.json"):
        assert quiet.get(path).status_code == 200, path
    answer = quiet.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "database" in answer.json()["detail"]
