"""Foreign pages, unsafe requests of pages, and the paths that everybody may open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.middleware.guard import PUBLIC, PUBLIC_FOLDERS
from simgan.service.routes import ROUTERS
from simgan.service.state import Service
from simgan.service.tokens import add_token

MODEL = "/v1/models/nothing"
OWN = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),  # no browser
        ({"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, 404),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "http://127.0.0.1:8000]"}, 403),
        ({"Origin": "http://a\u2100.example"}, 403),  # a letter that hides a slash
        ({"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://127.0.0.1:8000.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        (
            {
                "Sec-Fetch-Site": "cross-site",
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": "document",
            },
            403,
        ),
    ],
)
def test_only_own_pages_change_something(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    assert client.delete(MODEL, headers=encoded).status_code == status  # type: ignore[arg-type]


def test_a_foreign_page_starts_no_work_by_an_image_but_may_link_to_a_page(
    client: TestClient,
) -> None:
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    link = image | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/v1/models", headers=image).status_code == 403
    assert client.get("/v1/models", headers=link).status_code == 403
    assert client.get("/", headers=image).status_code == 403
    assert client.get("/", headers=link).status_code == 200


def test_a_session_changes_something_only_with_the_secret_of_its_page(
    client: TestClient, service: Service
) -> None:
    secret = add_token(service.database, "desk")
    csrf = client.post("/v1/session", json={"token": secret}).json()["csrf"]
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "é"}, {"X-CSRF-Token": csrf[:-1]}):
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        assert client.delete(MODEL, headers=encoded).status_code == 403  # type: ignore[arg-type]
    assert client.delete(MODEL, headers={"X-CSRF-Token": csrf}).status_code == 404
    foreign = {"X-CSRF-Token": csrf, "Origin": "http://evil.example"}
    assert client.delete(MODEL, headers=foreign).status_code == 403


def test_a_token_in_a_header_needs_no_more(client: TestClient, service: Service) -> None:
    secret = add_token(service.database, "desk")
    headers = {"Authorization": f"Bearer {secret}", "Origin": "http://app.example"}
    assert client.delete(MODEL, headers=headers).status_code == 404


def test_a_reader_is_sent_to_the_log_in_and_a_program_is_told(
    client: TestClient, service: Service
) -> None:
    add_token(service.database, "desk")
    page = {"Accept": "text/html,application/xhtml+xml"}
    answer = client.get("/models/a?b=c", headers=page, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fmodels%2Fa%3Fb%3Dc"
    assert client.get("/v1/models", headers=page).status_code == 401
    assert client.get("/").status_code == 401


def test_every_route_but_the_public_ones_is_closed(client: TestClient, service: Service) -> None:
    """Also one that forgot to ask for a scope. The list of public paths stands here again."""
    add_token(service.database, "desk")
    assert PUBLIC == ("/healthz", "/readyz", "/login", "/v1/session", "/docs", "/openapi.json")
    assert PUBLIC_FOLDERS == ("/static/", "/docs/")
    routes = [
        (method, route.path.replace("{name}", "x").replace("{id}", "x"))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    ]
    assert len(routes) >= 8
    closed = [
        (method, path)
        for method, path in routes
        if path not in PUBLIC and not path.startswith(PUBLIC_FOLDERS)
    ]
    answers = {(m, path): client.request(m, path).status_code for m, path in closed}
    assert set(answers.values()) == {401}, answers


@pytest.mark.filterwarnings("error")
def test_behind_a_proxy_with_a_path_the_rules_are_the_same(service: Service) -> None:
    behind = replace(service, configuration=Configuration(root_path="/simgan"))
    add_token(service.database, "desk")
    with TestClient(application(behind), base_url=OWN) as client:
        assert client.get("/simgan/healthz").status_code == 200
        assert client.get("/healthz").status_code == 200
        assert client.get("/simgan/v1/models").status_code == 401
        page = {"Accept": "text/html"}
        answer = client.get("/simgan/models/a", headers=page, follow_redirects=False)
        assert answer.headers["location"] == "/simgan/login?next=%2Fmodels%2Fa"
