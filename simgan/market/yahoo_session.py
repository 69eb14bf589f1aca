"""Connection to Yahoo for yfinance: its last answer, and the meaning of a failure.

`SIMGAN_YAHOO_URL` names a base URL that stands in for every host of Yahoo, such as a corporate
mirror.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from simgan.errors import ConfigError, SourceError


@contextmanager
def own_symbols_first() -> Iterator[None]:
    """Let libraries that are loaded in the block prefer their own symbols.

    TensorFlow exports a libcurl of its own, which curl_cffi would use instead of the right one.
    """
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | getattr(os, "RTLD_DEEPBIND", 0))
    try:
        yield
    finally:
        sys.setdlopenflags(flags)


with own_symbols_first():  # yfinance loads curl_cffi, too
    import yfinance
    from curl_cffi import requests
    from yfinance import exceptions as refusals

URL_VARIABLE = "SIMGAN_YAHOO_URL"
OTHERWISE = "or use --prices FILE or --source sample"
CHART = "/v8/finance/chart/"
# "Failed to perform, curl: (6) Could not resolve host: x. See https://curl.se/… first."
_OF_CURL = re.compile(r"curl: \(\d+\) (.+?)\.?(?: See https?://.*)?$")
_CONSENT = (b"consent.yahoo", b"collectConsent", b'name="csrfToken"')


class PassingFailure(SourceError):
    """A download failed for a reason that may pass, so that another attempt is worthwhile."""


class RateLimited(PassingFailure):
    """Yahoo refuses an address that has asked too often.

    Attributes
    ----------
    wait : float or None
        Seconds to wait, where Yahoo says so.
    patience : float or None
        Seconds that simgan waits at most, where the wait is longer.
    """

    def __init__(self, name: str, wait: float | None, patience: float | None = None) -> None:
        self.name, self.wait, self.patience = name, wait, patience
        super().__init__(name, wait, patience)

    def beyond(self, patience: float) -> RateLimited:
        """Return the same error for a wait that is longer than the patience."""
        return RateLimited(self.name, self.wait, patience)

    def __str__(self) -> str:
        wait = "wait some minutes, at worst an hour,"
        if self.wait is not None:
            wait = f"wait {self.wait:g} seconds"
            if self.patience is not None:
                wait = f"simgan waits {self.patience:g} seconds at most; {wait}"
        return (
            f"Yahoo limits the requests of this address (HTTP 429) and refuses {self.name}; "
            f"{wait} and try again, {OTHERWISE}"
        )


@dataclass(frozen=True)
class Answer:
    """The parts of the last answer to a question for prices that yfinance hides.

    Attributes
    ----------
    status : int
        HTTP status, or 0 where there is no answer.
    has_facts, has_zone : bool
        Whether there are facts beside the prices, and a time zone among them.
    granularity : str
        Distance of the bars, such as ``1d``. Empty where it is not stated.
    has_adjusted : bool
        Whether there are adjusted closes. yfinance uses the closes otherwise.
    splits : tuple of (int, float)
        Time in seconds since 1970, and new shares for one old share.
    is_consent : bool
        Yahoo asks for consent to cookies instead.
    """

    status: int = 0
    has_facts: bool = False
    has_zone: bool = False
    granularity: str = ""
    has_adjusted: bool = True
    splits: tuple[tuple[int, float], ...] = ()
    is_consent: bool = False


class YahooSession(requests.Session[requests.Response]):
    """A browser-like session that remembers the last answer and the wait that a server asked for.

    Parameters
    ----------
    mirror : str
        Base URL that replaces scheme and host of every request. Empty means Yahoo itself.
    timeout : float
        Seconds after which a request is given up, whatever yfinance asks for.
    """

    def __init__(self, mirror: str, timeout: float) -> None:
        super().__init__(impersonate="chrome")
        self.mirror, self.longest = mirror, timeout
        self.answer, self.retry_after = Answer(), ""

    def request(self, method: Any, url: str, *args: Any, **settings: Any) -> requests.Response:
        settings["timeout"] = self.longest
        is_chart = CHART in url
        if is_chart:
            self.answer, self.retry_after = Answer(), ""
        response = super().request(method, self._rerouted(url), *args, **settings)
        if response.status_code == 429:
            self.retry_after = response.headers.get("Retry-After", "") or ""
        if is_chart:
            self.answer, response.content = _understood(response)
        return response

    def _rerouted(self, url: str) -> str:
        if not self.mirror:
            return url
        parts = urlsplit(url)
        return self.mirror.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")


def _understood(response: requests.Response) -> tuple[Answer, bytes]:
    """Return facts of an answer, and its content with the facts that yfinance cannot do without."""
    status, content = response.status_code, response.content
    if content.lstrip().startswith(b"<"):
        is_consent = "consent" in response.url or any(mark in content for mark in _CONSENT)
        return Answer(status, is_consent=is_consent), content
    try:
        answer = json.loads(content)
        result = answer["chart"]["result"][0]
        facts = result["meta"]
        has_facts = bool(facts)
        if not facts.get("currentTradingPeriod"):
            facts.pop("currentTradingPeriod", None)
        for key in ("currency", "instrumentType"):
            facts.setdefault(key, None)
        facts.setdefault("validRanges", ["max"])
        understood = Answer(
            status,
            has_facts,
            bool(facts.get("exchangeTimezoneName")),
            str(facts.get("dataGranularity") or ""),
            bool(result.get("indicators", {}).get("adjclose")),
            tuple(_split_events(result)),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return Answer(status), content  # another kind of answer, which yfinance judges
    return understood, json.dumps(answer).encode()


def _split_events(result: dict[str, Any]) -> Iterator[tuple[int, float]]:
    """Read the split events, and remove them: yfinance moves some to an earlier day."""
    for event in ((result.get("events") or {}).pop("splits", None) or {}).values():
        new, old = float(event["numerator"]), float(event["denominator"])
        if new > 0 and old > 0:
            yield int(event["date"]), new / old


def mirror_from_environment() -> str:
    """Return the base URL in ``SIMGAN_YAHOO_URL``, or an empty text.

    Raises
    ------
    ConfigError
        The variable holds no http or https URL.
    """
    mirror = os.environ.get(URL_VARIABLE, "").strip()
    if mirror and (urlsplit(mirror).scheme not in ("http", "https") or not urlsplit(mirror).netloc):
        raise ConfigError(
            "environment", URL_VARIABLE, mirror, "a URL such as https://mirror.example.com/yahoo"
        )
    return mirror


@contextmanager
def tamed_yfinance() -> Iterator[None]:
    """Let yfinance raise instead of print, and write no caches of its own."""
    # A folder that cannot exist, so that yfinance does without its cache.
    yfinance.set_tz_cache_location(os.path.join(os.devnull, "none"))
    logger = logging.getLogger("yfinance")
    level, hides = logger.level, yfinance.config.debug.hide_exceptions
    logger.setLevel(logging.CRITICAL + 1)
    yfinance.config.debug.hide_exceptions = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        yfinance.config.debug.hide_exceptions = hides


def explained(name: str, error: Exception, session: YahooSession) -> SourceError:
    """Turn a failure of yfinance into an error that names its meaning and the remedy."""
    answer = session.answer
    if isinstance(error, refusals.YFRateLimitError) or answer.status == 429:
        return RateLimited(name, _seconds(session.retry_after))
    if answer.is_consent:
        return SourceError(
            f"Yahoo asks for consent to cookies before it answers for {name}, as it does in "
            f"Europe; use another network or a mirror in {URL_VARIABLE}, {OTHERWISE}"
        )
    if isinstance(error, (requests.exceptions.Timeout, TimeoutError)):
        return PassingFailure(
            f"{session.mirror or 'Yahoo'} did not answer for {name} within "
            f"{session.longest:g} seconds; try again later or check the proxy, {OTHERWISE}"
        )
    is_unknown = answer.has_facts and isinstance(error, refusals.YFTzMissingError)
    if is_unknown or (answer.has_facts and not answer.has_zone):
        return SourceError(
            f"Yahoo gives no known time zone for {name}, and so the days of its prices are not "
            f"known; update yfinance and pytz, {OTHERWISE}"
        )
    if isinstance(error, refusals.YFTickerMissingError) or answer.status == 404:
        return unknown(name)
    # curl's errors are OSErrors without an answer
    if isinstance(error, OSError) and not answer.status and not isinstance(error, ValueError):
        place = session.mirror or "Yahoo"
        return PassingFailure(
            f"{place} cannot be reached for {name} ({short(error)}); "
            f"check the network or {URL_VARIABLE}, {OTHERWISE}"
        )
    code = f"HTTP {answer.status}, " if answer.status != 200 else ""
    return PassingFailure(
        f"Yahoo's answer for {name} cannot be read ({code}{short(error)}); "
        f"try again later or update yfinance, {OTHERWISE}"
    )


def unknown(name: str) -> SourceError:
    """Make the error of a ticker without daily prices."""
    return SourceError(
        f"Yahoo has no daily prices under the ticker {name!r}; "
        f"look up its spelling on finance.yahoo.com, {OTHERWISE}"
    )


def _seconds(retry_after: str) -> float | None:
    """Read a Retry-After header, which is a number of seconds or a date."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return float(max(round(parsedate_to_datetime(retry_after).timestamp() - time.time()), 0))
    except (TypeError, ValueError, OverflowError):
        return None


def short(error: Exception) -> str:
    """Return an error on one short line. Of curl's texts, only the reason is kept."""
    text = str(error).splitlines()[0] if str(error) else ""
    if reason := _OF_CURL.search(text):
        return reason[1][:1].lower() + reason[1][1:]
    return f"{type(error).__name__}: {text[:80]}".rstrip(": ")
