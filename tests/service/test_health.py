"""The service says that it lives."""

from __future__ import annotations

import errno
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from all_threads import give_back_all_threads, take_all_threads
from starlette.testclient import TestClient

from simgan.errors import WriteError
from simgan.files import told_as_write_error
from simgan.locks import locked
from simgan.service import database
from simgan.service.database import Database
from simgan.service.problems import problem_of, problem_of_system
from simgan.service.state import Service


def test_it_is_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_it_is_ready_with_a_supervisor_and_until_it_ends(
    client: TestClient, service: Service
) -> None:
    def reason() -> str:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        return str(answer.json()["detail"])

    assert "no supervisor" in reason()
    with locked(service.workspace.service / "supervisor"):
        assert client.get("/readyz").json() == {"status": "ready"}
        service.ending.set()
        assert "ends" in reason()
    service.ending.clear()
    assert "no supervisor" in reason()


def test_slow_routes_hold_no_probe_up(client: TestClient, service: Service) -> None:
    """All threads of plain routes work."""
    assert client.portal is not None
    with locked(service.workspace.service / "supervisor"), ThreadPoolExecutor(1) as threads:
        client.portal.call(take_all_threads)
        answer = threads.submit(client.get, "/readyz")
        try:
            assert answer.result(20).status_code == 200
        finally:
            client.portal.call(give_back_all_threads)


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Not Found"
    assert "/docs" in answer.json()["detail"]
    wrong = client.put("/healthz")
    assert wrong.status_code == 405
    assert "Allow" in wrong.json()["detail"] and wrong.headers["Allow"] == "GET"


def test_a_body_that_is_no_json_is_told_in_a_sentence(client: TestClient) -> None:
    answer = client.post(
        "/v1/jobs", content='{"kind": ', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("the body is no JSON: expecting value at character")


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/v1/models", "/static/style.css", "/docs", "/jobs"]
)
def test_head_has_the_headers_of_get(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert client.head("/v1/nothing").status_code == 404


def test_a_database_that_is_locked_is_told_with_a_time(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT", 0.05)
    order = {"kind": "fit", "tickers": "SP500", "source": "sample"}
    with service.database.writing():
        answer = client.post("/v1/jobs", json=order)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.post("/v1/jobs", json=order).status_code == 202


def open_with(patch: pytest.MonkeyPatch, pragma: str) -> None:
    """Let each connection to the database begin with a pragma."""

    def changed(file: Database) -> sqlite3.Connection:
        connection = opened(file)
        connection.execute(f"PRAGMA {pragma}")
        return connection

    opened = Database.opened
    patch.setattr(Database, "opened", changed)


def test_a_disk_that_is_full_is_told_by_the_database_too(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_with(monkeypatch, "max_page_count = 1")
    tickers = [f"{number:0100}" for number in range(500)]
    assert client.post("/v1/jobs", json={"kind": "fit", "tickers": tickers}).status_code == 507


def test_a_database_that_nobody_can_write_or_open_is_no_bug(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = {"kind": "fit", "tickers": "SP500", "source": "sample"}
    with monkeypatch.context() as patch:
        open_with(patch, "query_only = 1")
        answers = [client.post("/v1/jobs", json=order)]
    aside = service.workspace.service.rename(service.workspace.root / "aside")
    answers.append(client.get("/v1/uploads"))
    aside.rename(service.workspace.service)
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "cannot use its database for now" in answer.json()["detail"]
    assert client.get("/v1/uploads").status_code == 200


def test_an_error_of_the_disk_below_the_database_is_no_bug() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    problem = problem_of_system(error)
    assert problem is not None and problem.status == 503


@pytest.mark.parametrize(
    ("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EROFS, 500)]
)
def test_a_disk_that_takes_nothing_is_no_conflict(tmp_path: Path, number: int, status: int) -> None:
    with pytest.raises(WriteError) as caught, told_as_write_error(tmp_path / "secret"):
        raise OSError(number, os.strerror(number))
    problem = problem_of(caught.value)
    assert problem.status == status
    assert "secret" not in problem.detail
    assert problem_of(WriteError("another run is writing it")).status == 409
