"""The HTTP session that yfinance uses: bounded waiting, and Yahoo's hosts replaced by a mirror where one is set."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from simgan.errors import ConfigError


@contextmanager
def own_symbols_first() -> Iterator[None]:
    """Let libraries loaded meanwhile prefer their own symbols: TensorFlow offers a libcurl of its own to all that come after it."""
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | getattr(os, "RTLD_DEEPBIND", 0))
    try:
        yield
    finally:
        sys.setdlopenflags(flags)


with own_symbols_first():
    from curl_cffi import requests

URL_VARIABLE = "SIMGAN_YAHOO_URL"  # base URL that stands in for every host of Yahoo, such as a corporate mirror


class YahooSession(requests.Session[requests.Response]):
    """A browser-like session that remembers the last status and how long a refusing server asks to wait.

    Parameters
    ----------
    mirror : str
        Base URL that replaces scheme and host of every request; empty for Yahoo itself.
    timeout : float
        Seconds after which a request is given up, whatever yfinance asks for.
    """

    def __init__(self, mirror: str, timeout: float) -> None:
        super().__init__(impersonate="chrome")
        self.mirror, self.longest = mirror, timeout
        self.status, self.retry_after = 200, ""

    def request(self, method: Any, url: str, *args: Any, **settings: Any) -> Any:
        settings["timeout"] = self.longest
        response = super().request(method, self._rerouted(url), *args, **settings)
        self.status = response.status_code
        if self.status == 429:
            self.retry_after = response.headers.get("Retry-After", "") or ""
        return response

    def _rerouted(self, url: str) -> str:
        if not self.mirror:
            return url
        parts = urlsplit(url)
        return self.mirror.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")


def mirror_from_environment() -> str:
    """Return the base URL set in ``SIMGAN_YAHOO_URL``, or nothing.

    Raises
    ------
    ConfigError
        It is not an http or https URL.
    """
    mirror = os.environ.get(URL_VARIABLE, "").strip()
    if mirror and (urlsplit(mirror).scheme not in ("http", "https") or not urlsplit(mirror).netloc):
        raise ConfigError(
            "environment", URL_VARIABLE, mirror, "a URL such as https://mirror.example.com/yahoo"
        )
    return mirror
