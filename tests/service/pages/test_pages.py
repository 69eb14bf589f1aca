"""Pages without a browser: facts of the models, files, and nothing inline."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_bundle import made_bundle
from made_joint import calm_joint
from starlette.testclient import TestClient

from simgan.bundle.store import write_bundle
from simgan.service.app import application
from simgan.service.pages.static_files import static_files
from simgan.service.state import Service
from simgan.service.tokens import add_token

PAGES = (
    *("/", "/models/reference", "/models/reference/real-or-fake"),
    *("/fit", "/jobs", "/jobs/no-such-job", "/login"),
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_script_and_no_style(path: str, visitor: TestClient) -> None:
    page = visitor.get(path).text
    scripts = re.findall(r"<script(.*?)>", page)
    assert [one for one in scripts if "src=" not in one and "application/json" not in one] == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|https?://", page) == []


@pytest.mark.parametrize("path", PAGES)
def test_each_file_of_a_page_is_served(path: str, visitor: TestClient) -> None:
    for name in re.findall(r'(?:href|src)="(/static/[^"]+)"', visitor.get(path).text):
        assert visitor.get(name).status_code == 200


def test_the_models_stand_with_their_facts_and_uses(visitor: TestClient, service: Service) -> None:
    write_bundle(made_bundle("KO & <b>"), service.workspace.models / "KO & b")
    page = visitor.get("/").text
    assert page.index("KO &amp; b") < page.index("reference")
    assert "5,030 days" in page and "1999-01-05" in page
    assert "VaR and ES of ten days" in page
    assert "<b>" not in page


def test_a_damaged_model_is_told_without_a_path(visitor: TestClient, service: Service) -> None:
    folder = service.workspace.models / "broken"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    for path in ("/", "/models/broken"):
        page = visitor.get(path).text
        assert "This model is damaged" in page
        assert str(service.workspace.root) not in page


def test_an_unknown_model_is_a_page(visitor: TestClient) -> None:
    answer = visitor.get("/models/%3Cscript%3E")
    assert answer.status_code == 404
    assert "no model called &lt;script&gt;" in answer.text


@pytest.mark.parametrize(("language", "sentence"), [("en", "no page at"), ("ko", "페이지가 없")])
def test_an_unknown_address_is_a_page_for_a_browser(
    language: str, sentence: str, visitor: TestClient
) -> None:
    answer = visitor.get("/foo", headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 404
    assert sentence in answer.text and 'href="/jobs"' in answer.text
    assert visitor.get("/foo").json()["status"] == 404
    assert visitor.get("/v1/foo", headers={"Accept": "text/html"}).json()["status"] == 404


def test_a_token_without_the_right_to_read_can_log_out(service: Service) -> None:
    token = add_token(service.database, "maker", ["fit"])
    with TestClient(application(service), base_url="http://127.0.0.1:8000") as maker:
        maker.post("/v1/session", json={"token": token})
        answer = maker.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "The token lacks the right to do this:" in answer.text
    assert "has no scope &#39;read&#39;" in answer.text
    assert 'id="leave"' in answer.text


def test_a_model_offers_the_crises_of_its_history(visitor: TestClient) -> None:
    page = visitor.get("/models/reference").text
    assert '<option value="2008-09-12">2008: Lehman Brothers</option>' in page
    assert "Black Monday" not in page and "Covid" not in page  # before 1999, after 2018


def test_words_of_an_address_stay_data(visitor: TestClient) -> None:
    answer = visitor.get("/jobs/%3Cimg%20src=x%3E")
    assert answer.status_code == 404
    assert "<img" not in answer.text and "no job &lt;img" in answer.text


def test_a_model_leads_to_its_finished_pages(visitor: TestClient, service: Service) -> None:
    assert "Make the report" in visitor.get("/models/reference").text
    service.workspace.reports.mkdir()
    for ending in ("", "-risk"):
        service.workspace.report(f"reference{ending}", "html").write_text("<p>", encoding="utf-8")
    page = visitor.get("/models/reference").text
    links = [f"/v1/models/reference/{noun}" for noun in ("report", "backtest", "risk")]
    assert [link for link in links if f'href="{link}"' in page] == [links[0], links[2]]
    assert all(visitor.get(links[i], headers={"Accept": "text/html"}).is_success for i in (0, 2))


def test_a_token_without_the_right_sees_no_button_for_a_fit(service: Service) -> None:
    token = add_token(service.database, "desk", ["read"])
    with TestClient(application(service), base_url="http://127.0.0.1:8000") as reader:
        reader.headers["Authorization"] = f"Bearer {token}"
        assert "Fit a model" not in reader.get("/").text
        assert "Make the report" not in reader.get("/models/reference").text
        assert "no right to start jobs" in reader.get("/fit").text


def test_a_token_without_the_right_sees_no_button_for_a_download(service: Service) -> None:
    reads, samples = (
        add_token(service.database, name, ["read", name]) for name in ("read", "sample")
    )
    with TestClient(application(service), base_url="http://127.0.0.1:8000") as reader:
        for token, is_there in ((reads, False), (samples, True)):
            reader.headers["Authorization"] = f"Bearer {token}"
            page = reader.get("/models/reference").text
            assert ('id="file"' in page) == is_there
            assert ("no right to draw scenarios" in page) != is_there


def test_korean_pages_translate_verdict_and_uses(visitor: TestClient) -> None:
    page = visitor.get("/?lang=ko").text
    assert "통계량 73개 중 71개" in page
    assert "10일 VaR와 ES" in page


def test_the_verdict_of_a_book_is_marked_as_english(visitor: TestClient, service: Service) -> None:
    book = calm_joint(400)
    verdict = {"sentence": "ahead of gjr-dcc-fhs in tails"}
    judged = replace(book, manifest=replace(book.manifest, verdict=verdict))
    write_bundle(judged, service.workspace.models / "BOOK")
    for path in ("/", "/models/BOOK"):
        assert '평가(영어): <span lang="en">ahead of' in visitor.get(f"{path}?lang=ko").text
        assert '<p class="sentence">ahead of' in visitor.get(f"{path}?lang=en").text


def test_links_respect_the_path_of_a_proxy(visitor: TestClient) -> None:
    page = TestClient(visitor.app, root_path="/risk").get("/").text
    assert re.findall(r'(?:href|src)="/(?!risk/)', page) == []


def test_a_file_is_not_sent_twice(visitor: TestClient) -> None:
    first = visitor.get("/static/style.css")
    again = visitor.get("/static/style.css", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2F__init__.py", "%2e%2e/%2e%2e/errors.py"])
def test_no_other_file_is_served(name: str, visitor: TestClient) -> None:
    assert visitor.get(f"/static/{name}").status_code == 404


def test_the_files_come_with_the_license_of_the_chart_library() -> None:
    assert b"Leon Sorokin" in static_files()["uPlot.LICENSE"].content
    assert b"v1.6.32" in static_files()["uPlot.iife.min.js"].content[:99]


def test_the_folders_of_the_pages_are_in_the_package() -> None:
    setup = Path(__file__).resolve().parents[3] / "setup.py"
    assert '"service/pages/*/*"' in setup.read_text(encoding="utf-8")


def test_a_reader_without_a_session_is_sent_to_the_log_in(
    service: Service, client: TestClient
) -> None:
    add_token(service.database, "desk")
    page = {"Accept": "text/html"}
    answer = client.get("/models/reference?horizon=5", headers=page, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fmodels%2Freference%3Fhorizon%3D5"
