"""Daily adjusted closes from Yahoo Finance, through yfinance."""

from __future__ import annotations

import logging
import os
import re
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from simgan.errors import ConfigError, SourceError
from simgan.market.history import Prices
from simgan.market.plausibility import plausible
from simgan.market.sources.base import RemoteSource
from simgan.market.sources.yahoo_session import (
    URL_VARIABLE,
    YahooSession,
    mirror_from_environment,
    own_symbols_first,
)

with own_symbols_first():  # yfinance loads curl_cffi, too
    import yfinance
    from yfinance import exceptions as refusals
    from yfinance.data import YfData

if TYPE_CHECKING:
    import pandas as pd

OTHERWISE = "or use --prices FILE or --source sample"
TICKER = re.compile(r"[A-Za-z0-9^=&.!_\-]+")  # anything else would change the address that is asked
OHLC = ["Open", "High", "Low", "Close"]


class PassingFailure(SourceError):
    """A download failed for a reason that may pass: it is worth another attempt."""


@dataclass(frozen=True, kw_only=True)
class Yahoo(RemoteSource):
    """All daily prices of a ticker, adjusted for splits and dividends.

    Attributes
    ----------
    attempts : int
        Downloads tried before giving up; an unknown ticker is never tried twice.
    pause : float
        Seconds before the second attempt; every further pause is twice the one before.
    timeout : float
        Seconds that one request may take.
    """

    kind: ClassVar[str] = "yahoo"
    package: ClassVar[str] = "yfinance"
    column: ClassVar[str] = "Adj Close"
    attempts: int = field(default=3, metadata={"help": "downloads tried before giving up"})
    pause: float = field(
        default=2.0, metadata={"help": "seconds before the second attempt, doubled each time"}
    )
    timeout: float = field(default=20.0, metadata={"help": "seconds that one request may take"})

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ConfigError("Yahoo", "attempts", self.attempts, "at least 1")
        if not self.pause >= 0:
            raise ConfigError("Yahoo", "pause", self.pause, "≥ 0 seconds")
        if not self.timeout > 0:
            raise ConfigError("Yahoo", "timeout", self.timeout, "> 0 seconds")

    def fetch(self, name: str) -> Prices:
        """Download a ticker; passing failures (rate limit, network, bad answers) are tried again after a growing pause.

        Raises
        ------
        SourceError
            Unknown ticker, rate limit, no network, or an answer that cannot be read.
        PriceError
            Yahoo's prices are not plausible.
        """
        if not TICKER.fullmatch(name):
            raise SourceError(
                f"{name!r} is no ticker; write it as Yahoo does (AAPL, ^GSPC, EURUSD=X), {OTHERWISE}"
            )
        with YahooSession(mirror_from_environment(), self.timeout) as session:
            return plausible(_prices(name, *self._patiently(name, session)))

    def _patiently(
        self, name: str, session: YahooSession
    ) -> tuple[pd.DataFrame, Mapping[str, Any]]:
        for attempt in range(self.attempts - 1):
            try:
                return _download(name, session)
            except PassingFailure:
                time.sleep(self.pause * 2**attempt)
        return _download(name, session)


def _download(name: str, session: YahooSession) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    """Return yfinance's daily table and Yahoo's facts about the ticker."""
    with _tamed_yfinance():
        YfData.cache_get.cache_clear()  # yfinance would answer a retry with the failure it remembers
        try:
            ticker = yfinance.Ticker(name, session=session)
            table = ticker.history(
                period="max", auto_adjust=False, actions=False, timeout=session.longest
            )
            return table, ticker.get_history_metadata()
        except Exception as error:  # yfinance raises anything from KeyError to curl errors when an answer is unexpected
            raise _in_words(name, error, session) from error


@contextmanager
def _tamed_yfinance() -> Iterator[None]:
    """Let yfinance raise instead of print, and write no caches of its own."""
    yfinance.set_tz_cache_location(
        os.path.join(os.devnull, "none")
    )  # a folder that cannot be: yfinance does without
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


def _in_words(name: str, error: Exception, session: YahooSession) -> SourceError:
    """Say what a failure of yfinance means and what to do."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, refusals.YFRateLimitError) or status == 429:
        wait = (
            f"wait {session.retry_after} seconds"
            if session.retry_after.isdigit()
            else "wait some minutes, at worst an hour,"
        )
        return PassingFailure(
            f"Yahoo limits how often this address may ask (HTTP 429) and refuses {name}; {wait} and try again, {OTHERWISE}"
        )
    if isinstance(error, refusals.YFTickerMissingError) or status == 404:
        return _unknown(name)
    if (
        isinstance(error, OSError) and not status and not isinstance(error, ValueError)
    ):  # curl's errors carry an empty response
        place = session.mirror or "Yahoo"
        return PassingFailure(
            f"{place} cannot be reached for {name} ({_short(error)}); check the network or {URL_VARIABLE}, {OTHERWISE}"
        )
    code = f"HTTP {session.status}, " if session.status != 200 else ""
    return PassingFailure(
        f"Yahoo's answer for {name} cannot be read ({code}{_short(error)}); try again later or update yfinance, {OTHERWISE}"
    )


def _unknown(name: str) -> SourceError:
    return SourceError(
        f"Yahoo has no daily prices under the ticker {name!r}; look up its spelling on finance.yahoo.com, {OTHERWISE}"
    )


def _short(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {text[:80]}".rstrip(": ")


def _prices(name: str, table: pd.DataFrame, facts: Mapping[str, Any]) -> Prices:
    """Take the adjusted close; days without any price, and a day that is not over, are left out and told."""
    if table.empty:
        raise _unknown(name)
    notes = [
        f"{name}: adjusted close from Yahoo Finance, yfinance {yfinance.__version__}, {facts.get('currency') or 'unknown currency'}"
    ]
    has_price = table[[*OHLC, Yahoo.column]].notna().any(axis=1)
    if not has_price.all():
        notes.append(f"{int((~has_price).sum())} days without any price were left out")
    table = table[has_price]
    if _is_unfinished(table, facts):
        notes.append(f"{table.index[-1].date()} was left out: trading is not over")
        table = table.iloc[:-1]
    return Prices(
        dates=np.array(
            [stamp.date() for stamp in table.index], "datetime64[D]"
        ),  # the exchange's own calendar
        values=table[Yahoo.column].to_numpy(np.float64)[:, np.newaxis],  # (days, 1)
        assets=(name,),
        notes=tuple(notes),
    )


def _is_unfinished(table: pd.DataFrame, facts: Mapping[str, Any]) -> bool:
    """Whether the last row is the running day, whose price is no close yet."""
    end = (
        facts.get("currentTradingPeriod", {}).get("regular", {}).get("end")
    )  # a time in the exchange's zone
    if table.empty or not isinstance(end, datetime):
        return False
    return end.timestamp() > time.time() and table.index[-1].date() == end.date()
