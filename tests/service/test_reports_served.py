"""Pages that were made: as HTML that can do nothing, or as JSON."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from simgan.service.state import Service


@pytest.fixture
def report(service: Service) -> str:
    for ending, content in (("html", "<!doctype html><p>한 report</p>"), ("json", '{"rows": 1}')):
        file = service.workspace.report("KO", ending)
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return "/v1/models/KO/report"


def test_a_browser_gets_the_page_without_rights(report: str, client: TestClient) -> None:
    answer = client.get(report, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.text == "<!doctype html><p>한 report</p>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "script-src" not in policy
    assert answer.headers["last-modified"].endswith("GMT")


def test_a_program_gets_the_numbers(report: str, client: TestClient) -> None:
    answer = client.get(report, headers={"Accept": "application/json"})
    assert answer.json() == {"rows": 1}
    assert answer.headers["content-type"] == "application/json"


def test_a_reader_that_has_it_is_told(report: str, client: TestClient) -> None:
    tag = client.get(report).headers["etag"]
    assert client.get(report, headers={"If-None-Match": tag}).status_code == 304
    assert client.head(report).status_code == 200
    other = client.get(report, headers={"If-None-Match": tag, "Accept": "application/json"})
    assert other.status_code == 200


def test_another_form_is_not_had(report: str, client: TestClient) -> None:
    assert client.get(report, headers={"Accept": "application/pdf"}).status_code == 406


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("report", 'POST /v1/jobs with {"kind": "report", "name": "XOM"} makes one'),
        ("backtest", "the kind backtest"),
        ("risk", "POST here gives the numbers"),
    ],
)
def test_a_page_that_is_missing_says_how_it_is_made(
    kind: str, told: str, client: TestClient
) -> None:
    answer = client.get(f"/v1/models/XOM/{kind}")
    assert answer.status_code == client.head(f"/v1/models/XOM/{kind}").status_code == 404
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["backtest", "risk"])
def test_other_pages_have_their_own_files(kind: str, service: Service, client: TestClient) -> None:
    file = service.workspace.report(f"KO-{kind}", "html")
    file.parent.mkdir()
    file.write_text(kind)
    assert client.get(f"/v1/models/KO/{kind}").text == kind


@pytest.mark.parametrize(
    "name", ["..%2fsecret", "%2e%2e%5csecret", "..%2f..%2fetc%2fpasswd", "%00", ".", "secret%00"]
)
def test_no_name_leaves_the_folder_of_reports(
    name: str, service: Service, client: TestClient
) -> None:
    service.workspace.reports.mkdir()
    (service.workspace.root / "secret.html").write_text('{"title": "secret"}')
    (service.workspace.root / "secret.json").write_text('{"title": "secret"}')
    answer = client.get(f"/v1/models/{name}/report", headers={"Accept": "application/json"})
    assert answer.status_code == (422 if name == "%00" else 404)
    assert answer.json()["title"] != "secret"
