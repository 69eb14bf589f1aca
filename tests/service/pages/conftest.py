"""A reader of pages, and a browser that finds faults of each page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import CHROMIUM, PHONE, SCHEMES, WAIT, WIDE, Site, width
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright
from served_here import served_here
from starlette.testclient import TestClient

from simgan.service.configuration import Configuration
from simgan.service.state import Service
from simgan.workspace import Workspace


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    return client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    workspace = Workspace(tmp_path_factory.mktemp("served"))
    service = Service.over(workspace, Configuration())
    with served_here(service) as port, sync_playwright() as playwright:
        expect.set_options(timeout=WAIT)
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield Site(f"http://127.0.0.1:{port}", browser, service)
        browser.close()


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """A page that is looked at in all windows and colours when the test has ended."""
    context = site.browser.new_context(
        base_url=site.address, viewport=WIDE, reduced_motion="reduce", locale="en-US"
    )
    context.set_default_timeout(WAIT)
    page, faults = context.new_page(), []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"{message.text} {message.location}")

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    for size, scheme in product((WIDE, PHONE), SCHEMES):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        assert width(page) <= size["width"]
        found = Axe().run(page)
        assert found.violations_count == 0, (size, scheme, found.generate_report())
    assert faults == []
    context.close()
