"""The service says that it lives."""

from __future__ import annotations

from starlette.testclient import TestClient

from simgan.locks import locked
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


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Not Found"
