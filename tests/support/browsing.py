"""A headless Chromium, and the windows in which pages are looked at."""

from __future__ import annotations

import shutil
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Page, Request, ViewportSize

from simgan.service.state import Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WAIT = 30_000  # milliseconds, far more than an idle machine needs
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


class Site(NamedTuple):
    """A served workspace and a browser."""

    address: str
    browser: Browser
    service: Service


def width(page: Page) -> int:
    """Return the width of a page, which is larger than that of the window where it scrolls."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def outlooks_of(page: Page) -> list[dict[str, str]]:
    """Return a list that gets the query of each outlook that a page asks for."""
    asked: list[dict[str, str]] = []

    def heard(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path.endswith("/outlook"):
            asked.append(dict(parse_qsl(parts.query)))

    page.on("request", heard)
    return asked
