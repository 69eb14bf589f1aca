"""Daily adjusted closes from Yahoo Finance, through yfinance.

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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import numpy as np

from simgan.errors import ConfigError, SourceError
from simgan.market.judgement import first_few
from simgan.market.prices import Bars, Fault, Quotes, read_as, repaired, warned
from simgan.market.sources import RemoteSource
from simgan.settings import Settings, setting


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
    from yfinance.data import YfData

if TYPE_CHECKING:
    import pandas as pd

URL_VARIABLE = "SIMGAN_YAHOO_URL"
OTHERWISE = "or use --prices FILE or --source sample"
TICKER = re.compile(r"[A-Za-z0-9^=&.!_\-]+")  # anything else would change the address that is asked
_OF_CURL = re.compile(r"curl: \(\d+\) (.+?)\.?(?: See https?://.*)?$")
_FACTS = {  # topics of `Quotes.facts`, and the names that Yahoo gives them
    "currency": "currency",
    "exchange": "exchangeName",
    "zone": "exchangeTimezoneName",
    "instrument": "instrumentType",
}
Facts = Mapping[str, Any]  # Yahoo's answer beside the prices; its nested parts are not typed


class PassingFailure(SourceError):
    """A download failed for a reason that may pass, so that another attempt is worthwhile."""


@dataclass(frozen=True, kw_only=True)
class Yahoo(Settings, RemoteSource):
    """All daily prices of a ticker, adjusted for splits and dividends.

    Attributes
    ----------
    attempts : int
        Downloads tried before giving up. An unknown ticker is never tried twice.
    pause : float
        Seconds before the second attempt. Every further pause is twice as long.
    timeout : float
        Seconds that one request may take.
    """

    kind: ClassVar[str] = "yahoo"
    package: ClassVar[str] = "yfinance"
    column: ClassVar[str] = "Adj Close"
    attempts: int = setting(3, "downloads tried before giving up", low=1)
    pause: float = setting(2.0, "seconds before the second attempt, doubled each time", low=0)
    timeout: float = setting(20.0, "seconds that one request may take", above=0)

    def quotes(self, name: str) -> Quotes:
        """Download the prices of a ticker.

        A failure that may pass (rate limit, network, unreadable answer) is tried again after a
        growing pause.

        Raises
        ------
        SourceError
            Unknown ticker, rate limit, no network, or an answer that cannot be read.
        """
        if not TICKER.fullmatch(name):
            raise SourceError(
                f"{name!r} is no ticker; write it as Yahoo does (AAPL, ^GSPC, EURUSD=X), "
                f"{OTHERWISE}"
            )
        with YahooSession(mirror_from_environment(), self.timeout) as session:
            return _quotes(name, *self._patiently(name, session))

    def _patiently(self, name: str, session: YahooSession) -> tuple[pd.DataFrame, Facts]:
        for attempt in range(self.attempts - 1):
            try:
                return _download(name, session)
            except PassingFailure:
                time.sleep(self.pause * 2**attempt)
        return _download(name, session)


class YahooSession(requests.Session[requests.Response]):
    """A browser-like session that remembers the last status and the wait that a server asked for.

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
        self.status, self.retry_after = 200, ""

    def request(self, method: Any, url: str, *args: Any, **settings: Any) -> requests.Response:
        settings["timeout"] = self.longest
        response = super().request(method, self._rerouted(url), *args, **settings)
        self.status = response.status_code
        if self.status == 429:
            self.retry_after = response.headers.get("Retry-After", "") or ""
        if "/v8/finance/chart/" in url and self.status == 200:
            response.content = _completed(response.content)
        return response

    def _rerouted(self, url: str) -> str:
        if not self.mirror:
            return url
        parts = urlsplit(url)
        return self.mirror.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")


def _completed(answer: bytes) -> bytes:
    """Fill in facts that Yahoo leaves out at times and yfinance cannot do without."""
    try:
        content = json.loads(answer)
        for result in content["chart"]["result"]:
            facts = result["meta"]
            if not facts.get("currentTradingPeriod"):
                facts.pop("currentTradingPeriod", None)
            for key in ("currency", "instrumentType"):
                facts.setdefault(key, None)
            facts.setdefault("validRanges", ["max"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return answer  # another kind of answer, which yfinance judges
    return json.dumps(content).encode()


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


def _download(name: str, session: YahooSession) -> tuple[pd.DataFrame, Facts]:
    """Return yfinance's daily table and Yahoo's facts about the ticker."""
    with _tamed_yfinance():
        YfData.cache_get.cache_clear()  # it remembers failures, too
        try:
            ticker = yfinance.Ticker(name, session=session)
            table = ticker.history(
                period="max", auto_adjust=False, actions=True, timeout=session.longest
            )
            return table, ticker.get_history_metadata()
        except Exception as error:  # for an unexpected answer yfinance raises any kind of error
            raise _explained(name, error, session) from error


@contextmanager
def _tamed_yfinance() -> Iterator[None]:
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


def _explained(name: str, error: Exception, session: YahooSession) -> SourceError:
    """Turn a failure of yfinance into an error that names its meaning and the remedy."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, refusals.YFRateLimitError) or status == 429:
        wait = (
            f"wait {session.retry_after} seconds"
            if session.retry_after.isdigit()
            else "wait some minutes, at worst an hour,"
        )
        return PassingFailure(
            f"Yahoo limits the requests of this address (HTTP 429) and refuses {name}; "
            f"{wait} and try again, {OTHERWISE}"
        )
    if isinstance(error, refusals.YFTickerMissingError) or status == 404:
        return _unknown(name)
    # curl's errors are OSErrors with an empty response
    if isinstance(error, OSError) and not status and not isinstance(error, ValueError):
        place = session.mirror or "Yahoo"
        return PassingFailure(
            f"{place} cannot be reached for {name} ({_short(error)}); "
            f"check the network or {URL_VARIABLE}, {OTHERWISE}"
        )
    code = f"HTTP {session.status}, " if session.status != 200 else ""
    return PassingFailure(
        f"Yahoo's answer for {name} cannot be read ({code}{_short(error)}); "
        f"try again later or update yfinance, {OTHERWISE}"
    )


def _unknown(name: str) -> SourceError:
    return SourceError(
        f"Yahoo has no daily prices under the ticker {name!r}; "
        f"look up its spelling on finance.yahoo.com, {OTHERWISE}"
    )


def _short(error: Exception) -> str:
    """Return an error on one short line. Of curl's texts, only the reason is kept."""
    text = str(error).splitlines()[0] if str(error) else ""
    if reason := _OF_CURL.search(text):
        return reason[1][:1].lower() + reason[1][1:]
    return f"{type(error).__name__}: {text[:80]}".rstrip(": ")


def _quotes(name: str, table: pd.DataFrame, facts: Facts) -> Quotes:
    """Take closes, bars and splits. Days without a close and the running day are left out."""
    if table.empty:
        raise _unknown(name)
    notes = [
        read_as(
            f"{name}: adjusted close from Yahoo Finance, yfinance {yfinance.__version__}, "
            f"{facts.get('currency') or 'unknown currency'}"
        )
    ]
    closed = table["Close"].notna() & table[Yahoo.column].notna()
    if not closed.all():
        days = [str(stamp.date()) for stamp in table.index[~closed]]
        notes.append(warned(f"{len(days)} days without a close were left out: {first_few(days)}"))
    table = table[closed]
    if _is_unfinished(table, facts):
        notes.append(repaired(f"{table.index[-1].date()} was left out: trading is not over"))
        table = table.iloc[:-1]
    # the exchange's own calendar
    dates = np.array([stamp.date() for stamp in table.index], "datetime64[D]")
    columns = {label: table[label].to_numpy(np.float64) for label in table.columns}
    ratios = columns["Stock Splits"]  # 0 on days without a split
    return Quotes(
        name,
        dates,
        columns[Yahoo.column],
        place=lambda row: str(dates[row]),
        raw_closes=columns["Close"],
        bars=Bars(columns["Open"], columns["High"], columns["Low"], columns["Volume"]),
        splits=np.where(ratios > 0, ratios, 1.0),
        faults=tuple(
            Fault(int(row), "its adjusted close is infinite")
            for row in np.flatnonzero(np.isinf(columns[Yahoo.column]))
        ),
        notes=tuple(notes),
        facts={topic: str(facts[key]) for topic, key in _FACTS.items() if facts.get(key)},
    )


def _is_unfinished(table: pd.DataFrame, facts: Facts) -> bool:
    """Tell whether the last row is the running day, whose price is no close yet."""
    # a time in the exchange's zone
    period = facts.get("currentTradingPeriod") or {}
    end = (period.get("regular") or {}).get("end")
    if table.empty or not isinstance(end, datetime):
        return False
    return end.timestamp() > time.time() and table.index[-1].date() == end.date()
