"""Pages in headless Chromium: their main paths, no error on the console, and no fault for axe.

A test follows the path in a wide window. Then the page is looked at in a wide and a narrow one,
light and dark. Tests are skipped where there is no Chromium.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import CHROMIUM, PHONE, Site, width
from playwright.sync_api import (
    Page,
    expect,
)
from served_here import served_here

from simgan.service.jobs.job import Job, Lease
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.store import JobStore
from simgan.service.state import Service
from simgan.service.tokens import add_token

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
SHEET = {
    "name": "prices",
    "assets": [
        {
            "name": "prices",
            "rows": 731,
            "days": 731,
            "first": "2016-01-04",
            "last": "2018-12-28",
            "facts": {"column": "Close", "date column": "Date", "dates": "year, month, day"},
            "warnings": ["1 return of more than 20 %"],
            "repairs": ["rows put in the order of time"],
            "first_rows": [
                {
                    "date": "2016-01-04",
                    "open": None,
                    "low": 24000.0,
                    "close": 22000.0,
                    "raw close": 24100.0,
                }
            ],
            "last_rows": [{"date": "2018-12-28", "open": 38250.25, "low": 38000.25}],
        }
    ],
}
REFUSED = {
    "name": "bars",
    "assets": [
        {
            "name": "bars",
            "rows": 0,
            "days": 0,
            "first": None,
            "last": None,
            "facts": {"date column": "Datetime"},
            "first_rows": [],
            "last_rows": [],
            "refused": (
                "bars.csv: line 2 and line 3 are bars of the same day ('14/09/2017'); "
                "use end=2017-09-13, or leave them out with on_bad_rows=drop"
            ),
        }
    ],
}
PANEL = {
    "name": "rates",
    "facts": {"columns": "USD, JPY, CYP"},
    "refused": "1 of 3 tickers cannot be used (CYP); CYP: no prices; choose another with column",
    "assets": [
        {
            **{"name": name, "rows": 731, "days": 731, "facts": {}},
            **{"first": "2016-01-04", "last": "2018-12-28"},
            "refused": "there are no prices" if name == "CYP" else None,
        }
        for name in ("USD", "JPY", "CYP")
    ],
}


def test_the_form_of_the_log_in_is_accessible(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_label("Token")).to_be_visible()


def test_the_models_lead_to_one_in_either_language(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    page.get_by_role("link", name="한국어").click()
    expect(page.get_by_role("heading", name="모형", exact=True)).to_be_visible()
    page.get_by_role("link", name="작업").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")  # the choice stays


def test_a_file_is_shown_as_it_was_understood_before_a_fit(
    page: Page, site: Site, tmp_path: Path
) -> None:
    prices, jobs = tmp_path / "prices.csv", site.service.jobs.store
    prices.write_text("Date,Close\n2020-01-02,1.5\n", encoding="utf-8")
    page.goto("/fit")
    expect(page.get_by_role("button", name="Start the fit")).to_be_disabled()
    page.get_by_label("Price file").first.check()
    page.locator("#file").set_input_files(prices)
    expect(page.locator("#reading")).to_contain_text("Reading the file")
    jobs.finish(claimed(jobs), SHEET, {})
    expect(page.get_by_role("heading", name="prices")).to_be_visible()
    expect(page.get_by_text("731 days, Jan 4, 2016 – Dec 28, 2018")).to_be_visible()
    expect(page.locator(".sheet th[scope=col]")).to_have_text(
        ["Day", "Open", "Low", "Close", "Adjusted close"]
    )
    page.set_viewport_size(PHONE)
    assert width(page) == PHONE["width"]
    expect(page.get_by_text(re.compile("^about [0-9.]+ (second|minute)"))).to_be_visible()
    page.get_by_role("button", name="Start the fit").click()
    expect(page.get_by_role("heading", name="Fit: prices")).to_be_visible()
    job = claimed(jobs)
    assert job.request["tickers"] == ["prices"] and "upload" in job.request
    jobs.fail(job, {"detail": "2 days are too few"})
    expect(page.get_by_role("alert")).to_have_text("The job failed: 2 days are too few")


def test_a_refused_file_is_shown_with_its_reason_in_either_language(
    page: Page, site: Site, tmp_path: Path
) -> None:
    prices, jobs = tmp_path / "bars.csv", site.service.jobs.store
    prices.write_text("Datetime,Close\n", encoding="utf-8")
    page.set_viewport_size(PHONE)
    page.goto("/fit?lang=ko")
    page.locator("input[value=file]").check()
    page.locator("#file").set_input_files(prices)
    expect(page.locator("#reading")).to_contain_text("파일 읽는 중")
    jobs.finish(claimed(jobs), REFUSED, {})
    reason = (
        "bars.csv: line 2 and line 3 are bars of the same day ('14/09/2017'); "
        "use “마지막 날” 2017-09-13, or leave them out with “잘못된 행 제외”"
    )
    expect(page.get_by_role("alert")).to_have_text(
        f"이 파일은 사용할 수 없습니다. 이유(영어): {reason}"
    )
    expect(page.get_by_role("alert").locator("[lang=en]")).to_have_text(reason)
    expect(page.locator(".sheet")).to_have_text("bars날짜 형식Datetime")
    expect(page.locator("#send")).to_be_disabled()
    page.get_by_label("마지막 날").fill("2017-09-13")
    expect(page.locator("#reading")).to_contain_text("파일 읽는 중")
    job = claimed(jobs)
    assert job.request["end"] == "2017-09-13"
    page.goto("/jobs?lang=ko")
    looks = page.get_by_role("link", name="가격 살펴보기: bars.csv")
    expect(page.locator("#table:visible, #none:visible")).to_have_count(1)
    expect(looks).to_have_count(0)
    page.get_by_label("가격 살펴보기도 표시").check()
    expect(looks).to_have_count(2)
    jobs.finish(job, REFUSED, {})


@pytest.mark.parametrize(
    ("days", "kind", "sentence"),
    [
        (1, "problem", "short has 0 days of returns. This training needs at least 60 days."),
        (61, "told warned", "short has 60 days of returns. The model will be mostly prior, and"),
        (101, "told warned", "short has 100 days of returns. Below 250 days a model is mostly"),
    ],
)
def test_a_short_history_is_refused_or_told(
    days: int, kind: str, sentence: str, page: Page, site: Site, tmp_path: Path
) -> None:
    prices, jobs = tmp_path / "short.csv", site.service.jobs.store
    prices.write_text(f"Date,Close\n{days}", encoding="utf-8")
    page.goto("/fit")
    page.get_by_label("Price file").first.check()
    page.locator("#file").set_input_files(prices)
    expect(page.locator("#reading")).to_contain_text("Reading the file")
    asset = {
        "name": "short",
        "rows": days,
        "days": days,
        "first": "2020-01-02",
        "last": "2020-06-30",
    }
    jobs.finish(claimed(jobs), {"name": "short", "assets": [{**asset, "refused": None}]}, {})
    expect(page.locator("#short")).to_contain_text(sentence)
    expect(page.locator("#short")).to_have_class(kind)
    expect(page.locator("#send")).to_be_enabled(enabled=days > 60)


def test_assets_and_the_column_of_a_file_are_chosen(page: Page, site: Site, tmp_path: Path) -> None:
    prices, jobs = tmp_path / "rates.csv", site.service.jobs.store
    prices.write_text("Date,USD,JPY,CYP\n", encoding="utf-8")
    page.goto("/fit")
    page.get_by_label("Price file").first.check()
    page.locator("#file").set_input_files(prices)
    expect(page.locator("#reading")).to_contain_text("Reading the file")
    jobs.finish(claimed(jobs), PANEL, {})
    expect(page.get_by_role("alert")).to_contain_text("choose another with “Price column”")
    expect(page.get_by_label("CYP")).to_be_disabled()
    expect(page.get_by_text("USD 731 days, Jan 4, 2016")).to_be_visible()
    page.get_by_label("JPY").uncheck()
    page.get_by_label("Price column").fill("Mid")
    page.get_by_label("Last day").focus()
    expect(page.locator("#reading")).to_contain_text("Reading the file")
    look = claimed(jobs)
    assert look.request["column"] == "Mid"
    jobs.finish(look, PANEL, {})
    expect(page.get_by_label("JPY")).not_to_be_checked()
    page.get_by_role("button", name="Start the fit").click()
    expect(page.get_by_role("heading", name="Fit: USD")).to_be_visible()
    job = claimed(jobs)
    assert (job.request["tickers"], job.request["column"]) == (["USD"], "Mid")
    jobs.cancelled(job)


def test_older_jobs_are_on_later_pages(page: Page, site: Site) -> None:
    order = {"kind": "fit", "tickers": ["SP500"], "source": "sample"}
    for number in range(26):
        wanted = ORDERS.validate_python({**order, "name": f"old-{number}"})
        site.service.jobs.cancel(site.service.jobs.submit(wanted, "local"))
    page.goto("/jobs")
    expect(page.get_by_role("link", name="Fit: old-25")).to_be_visible()
    expect(page.locator("#jobs tr")).to_have_count(25)
    page.get_by_role("link", name="Older jobs").click()
    expect(page.get_by_role("link", name="Fit: old-0")).to_be_visible()
    page.get_by_role("link", name="Newest jobs").click()
    expect(page.get_by_role("link", name="Fit: old-25")).to_be_visible()


def test_a_job_tells_its_progress_and_can_be_cancelled(page: Page, site: Site) -> None:
    jobs, name = site.service.jobs.store, "SP500"
    order = {"kind": "fit", "tickers": ["SP500"], "source": "sample", "name": name}
    site.service.jobs.submit(ORDERS.validate_python(order), "local")
    job = claimed(jobs)
    jobs.keep_progress(job, {"task": "SP500", "done": 40, "total": 100}, ["5,030 log returns"])
    page.goto("/jobs")
    page.get_by_role("link", name=f"Fit: {name}").click()
    expect(page.locator("#step")).to_have_text("SP500 · this stage 40 %")
    expect(page.get_by_text("5,030 log returns")).to_be_visible()
    jobs.put_back(job, killed=True)
    job = claimed(jobs)
    jobs.keep_progress(job, {"task": "SP500", "done": 50, "total": 100}, ["5,030 log returns"])
    expect(page.locator("#log li")).to_have_text(
        ["5,030 log returns", "Attempt 2", "5,030 log returns"]
    )
    step = {"task": "training", "place": "asset 2 of 3, stage 1 of 2", "done": 6, "total": 10}
    jobs.keep_progress(job, step)
    told = "training · asset 2 of 3, stage 1 of 2 · this stage 60 %"
    expect(page.locator("#step")).to_have_text(told)
    page.goto("/jobs?lang=ko")
    row = page.locator("#jobs tr").first
    expect(row).to_contain_text("training · 자산 3개 중 2번째, 2단계 중 1단계 · 이 단계 60 %")
    expect(row.locator("[lang=en]")).to_have_text("training")
    jobs.keep_progress(job, {**step, "task": "warm start, selection"})
    expect(row).to_contain_text("사전 학습, 단계 수 선택 · 자산 3개 중 2번째")
    jobs.keep_progress(job, step)
    page.goto(f"/jobs/{job.id}?lang=en")
    expect(page.locator("#step")).to_have_text(told)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#state")).to_have_text("cancelling")
    jobs.cancelled(job)
    expect(page.locator("#state")).to_have_text("cancelled")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()


def claimed(jobs: JobStore) -> Job:
    """Take the job that waits, as the supervisor does."""
    job = jobs.claim(Lease(1, "0"))
    assert job is not None
    return job


def test_a_job_is_asked_for_where_no_events_come(site: Site) -> None:
    jobs = site.service.jobs.store
    order = {"kind": "report", "name": "reference"}
    job = site.service.jobs.submit(ORDERS.validate_python(order), "local")
    page = site.browser.new_page(base_url=site.address)
    page.route("**/events", lambda route: route.fulfill(status=503))
    page.goto(f"/jobs/{job.id}")
    expect(page.locator("#state")).to_have_text("waiting")
    jobs.finish(claimed(jobs), {"model": "reference", "links": {"report": "/v1/x"}}, {})
    expect(page.get_by_role("link", name="Open the page")).to_have_attribute("href", "/v1/x")
    page.close()


def test_a_guess_by_key_counts_with_its_interval(page: Page) -> None:
    page.goto("/models/reference/real-or-fake")
    expect(page.locator(".window canvas")).to_have_count(4)
    expect(page.get_by_role("heading", name="Charts of SP500")).to_be_in_viewport()
    page.keyboard.press("3")
    expect(page.get_by_text(re.compile("^(Right|No): chart [1-4] is real"))).to_be_visible()
    right = page.get_by_text("Right: chart 3 is real.").count()
    page.get_by_role("button", name="Next round").press("Enter")
    expect(page.locator(".window:disabled")).to_have_count(0)
    page.get_by_role("button", name="Chart 1").click()
    expect(page.locator("#score")).to_contain_text("of 2 right")
    right += page.get_by_text("Right: chart 1 is real.").count()
    # Wilson's interval of 0, 1 and 2 right answers of 2 from statsmodels' proportion_confint
    shares = (
        "0 %, interval 0 % to 66 %",
        "50 %, interval 9 % to 91 %",
        "100 %, interval 34 % to 100 %",
    )
    expect(page.locator("#score")).to_have_text(f"{right} of 2 right: {shares[right]}")
    page.reload()
    expect(page.locator("#score")).to_contain_text(f"{right} of 2 right")


def test_a_refused_round_leaves_no_empty_charts(site: Site) -> None:
    page = site.browser.new_page(base_url=site.address)
    page.route(
        "**/real-or-fake?round=*",
        lambda route: route.fulfill(status=403, json={"detail": "no scope"}),
    )
    page.goto("/models/reference/real-or-fake")
    expect(page.get_by_role("alert")).to_contain_text("no scope")
    expect(page.locator(".windows")).to_be_hidden()
    page.unroute_all()
    page.reload()
    expect(page.locator(".window canvas")).to_have_count(4)
    page.close()


def test_the_log_in_leads_back_and_a_session_can_end(site: Site, service: Service) -> None:
    token = add_token(service.database, "desk", ["read"])
    with served_here(service) as port:
        page = site.browser.new_page(base_url=f"http://127.0.0.1:{port}")
        page.goto("/models/reference/real-or-fake?round=1")
        assert "next=" in page.url
        page.get_by_label("Token").fill(f"not {token}")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("This token is unknown")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/models/reference/real-or-fake?round=1")
        page.goto("/models/reference")
        line = 'curl --fail --header "Authorization: Bearer $SIMGAN_TOKEN" --output reference-'
        expect(page.locator("#curl")).to_contain_text(line)
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        page.goto("/login?next=/x/..//elsewhere.example/")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"http://127.0.0.1:{port}/elsewhere.example/")  # and no other host
        page.close()
