"""The description of the API, and the page that shows it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from simgan.service.app import application
from simgan.service.middleware.guard import PUBLIC
from simgan.service.state import Service
from simgan.service.tokens import add_token


@pytest.fixture
def description(service: Service) -> dict[str, Any]:
    return application(service).openapi()


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_each_operation_names_its_scope_or_is_public(description: dict[str, Any]) -> None:
    without = {path for path, _, operation in operations(description) if not operation["security"]}
    assert without == {"/healthz", "/readyz", "/v1/session"}
    assert without <= set(PUBLIC)
    remove = description["paths"]["/v1/models/{name}"]["delete"]
    assert remove["security"] == [{"token": ["fit"]}, {"session": ["fit"]}]
    assert set(description["components"]["securitySchemes"]) == {"token", "session"}


def test_each_operation_has_words_and_problems(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        summary = operation["summary"]
        assert operation["description"].startswith(summary.split()[0]), (path, method)
        assert " " in summary and len(summary) < 100 and not summary.endswith("."), summary
        problem = operation["responses"]["422"]["content"]
        assert list(problem) == ["application/problem+json"], (path, method)
        assert {"401", "429", "4XX"} <= set(operation["responses"])
    assert "HTTPValidationError" not in str(description)


@pytest.mark.parametrize("path", ["/v1/models/{name}/risk", "/v1/jobs", "/v1/jobs/estimate"])
def test_an_example_can_be_sent(path: str, description: dict[str, Any], client: TestClient) -> None:
    body = description["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    (sent,) = body["schema"]["examples"]
    assert client.post(path.format(name="reference"), json=sent).is_success


def test_the_page_of_the_api_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded == ["data:,", "docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/start.js"]
    for path in loaded[1:]:
        first = client.get(f"/{path}")
        again = client.get(f"/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert "Apache License" in client.get("/docs/LICENSE").text
    assert not re.search(r"<script(?! src)|<style|style=|\son\w+=", page.text)


@pytest.mark.parametrize("name", ["nothing", "..%2f__init__.py", "__init__.py", "%00"])
def test_no_other_file_is_given(client: TestClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404


def test_the_page_is_open_and_in_the_package(client: TestClient, service: Service) -> None:
    add_token(service.database, "desk")
    assert client.get("/docs").status_code == client.get("/openapi.json").status_code == 200
    setup = Path(__file__).resolve().parents[2] / "setup.py"
    assert '"service/swagger/*"' in setup.read_text(encoding="utf-8")
