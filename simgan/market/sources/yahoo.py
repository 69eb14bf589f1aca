"""Daily adjusted closes from Yahoo Finance, through yfinance."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import SourceError
from simgan.market.prices import Bars, Dates, Fault, Quotes, read_as, repaired, warned
from simgan.market.sessions import Flags, counted
from simgan.market.sources import RemoteSource
from simgan.market.yahoo_session import (
    OTHERWISE,
    Answer,
    PassingFailure,
    RateLimited,
    YahooSession,
    explained,
    mirror_from_environment,
    own_symbols_first,
    tamed_yfinance,
    unknown,
)
from simgan.progress import SILENT, Progress, Stop
from simgan.settings import Settings, setting

with own_symbols_first():
    import yfinance
    from yfinance.data import YfData

if TYPE_CHECKING:
    import pandas as pd

TICKER = re.compile(r"[A-Za-z0-9^=&.!_\-]{1,64}")  # others would change the address that is asked
LOOK = 0.1  # seconds between two looks at the stop token
COARSE = 0.9  # share of steps of a week or month that are no coincidence
FEW = 5  # steps that show the frequency
PRICES = ["Open", "High", "Low", "Close"]
_FACTS = {  # topics of `Quotes.facts`, and the names that Yahoo gives them
    "currency": "currency",
    "exchange": "exchangeName",
    "zone": "exchangeTimezoneName",
    "instrument": "instrumentType",
}
_ONE_AT_A_TIME = threading.RLock()  # yfinance has one session for all threads
Facts = Mapping[str, Any]  # Yahoo's answer beside the prices; its nested parts are not typed


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
    patience : float
        Seconds that one connection waits in all where Yahoo asks for a wait.
    """

    kind: ClassVar[str] = "yahoo"
    package: ClassVar[str] = "yfinance"
    column: ClassVar[str] = "Adj Close"
    attempts: int = setting(3, "downloads tried before giving up", low=1)
    pause: float = setting(2.0, "seconds before the second attempt, doubled each time", low=0)
    timeout: float = setting(20.0, "seconds that one request may take", above=0)
    patience: float = setting(120.0, "seconds to wait in all where Yahoo asks for it", low=0)

    def quotes(self, name: str) -> Quotes:
        """Download the prices of a ticker.

        A failure that may pass (rate limit, network, unreadable answer) is tried again after a
        growing pause, or after the wait that Yahoo asks for.

        Raises
        ------
        SourceError
            Unknown ticker or time zone, rate limit, no network, or no answer in time. Or an answer
            that asks for consent, has no daily bars, or cannot be read.
        """
        with self.connected() as ask:
            return ask(name)

    @contextmanager
    def connected(
        self, progress: Progress = SILENT, stop: Stop | None = None
    ) -> Iterator[Callable[[str], Quotes]]:
        """Give a function like `quotes` that asks for several tickers in one session."""
        with YahooSession(mirror_from_environment(), self.timeout) as session:
            waits = _Waits(self.pause, self.patience, progress, stop)
            yield lambda name: self._quotes(name, session, waits)

    def _quotes(self, name: str, session: YahooSession, waits: _Waits) -> Quotes:
        if not TICKER.fullmatch(name):
            raise SourceError(
                f"{name!r} is no ticker; write it as Yahoo does (AAPL, ^GSPC, EURUSD=X), "
                f"{OTHERWISE}"
            )
        for attempt in range(self.attempts - 1):
            try:
                return _download(name, session)
            except PassingFailure as failure:
                waits.after(failure, attempt)
        return _download(name, session)


@dataclass
class _Waits:
    """Waits between attempts of one connection."""

    pause: float
    patience: float  # seconds that are left
    progress: Progress
    stop: Stop | None

    def __post_init__(self) -> None:
        self.stated = self.patience

    def after(self, failure: PassingFailure, attempt: int) -> None:
        """Wait before the next attempt, or raise the failure where it asks for a longer wait."""
        seconds = self.pause * 2**attempt
        if isinstance(failure, RateLimited) and failure.wait is not None:
            seconds = failure.wait
            if seconds > self.patience:
                raise failure.beyond(self.stated)
            self.patience -= seconds
            self.progress.say(
                f"{failure.name}: Yahoo limits the requests and asks for a wait of "
                f"{seconds:g} seconds, waiting"
            )
        if self.stop is None:
            time.sleep(seconds)
            return
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.stop.check("a download was stopped; the same command downloads it again")
            time.sleep(min(left, LOOK))


def _download(name: str, session: YahooSession) -> Quotes:
    """Ask yfinance for all days of one ticker."""
    with _ONE_AT_A_TIME, tamed_yfinance():
        YfData.cache_get.cache_clear()  # it remembers failures, too
        try:
            ticker = yfinance.Ticker(name, session=session)
            table = ticker.history(
                period="max",
                auto_adjust=False,
                actions=True,
                keepna=True,
                timeout=session.longest,
            )
            metadata = ticker.get_history_metadata()
            facts = {key: metadata.get(key) for key in (*_FACTS.values(), "currentTradingPeriod")}
        except Exception as error:  # for an unexpected answer yfinance raises any kind of error
            raise explained(name, error, session) from error
    return _quotes_of(name, table, facts, session.answer)


def _quotes_of(name: str, table: pd.DataFrame, facts: Facts, answer: Answer) -> Quotes:
    """Take closes, bars and splits of all days but the running one."""
    # yfinance adds rows for dividends on other days
    table = table[table[PRICES].notna().any(axis=1) | (table["Dividends"] == 0)].copy()
    if table.empty:
        raise unknown(name)
    days = np.array([stamp.date() for stamp in table.index], "datetime64[D]")
    _expect_daily(name, days, answer)
    adjusted, close = (table[c].to_numpy(np.float64) for c in (Yahoo.column, "Close"))
    notes = [
        read_as(
            f"{name}: adjusted close from Yahoo Finance, yfinance {yfinance.__version__}, "
            f"{facts.get('currency') or 'unknown currency'}"
        )
    ]
    if not answer.has_adjusted:
        notes.append(warned("Yahoo gave closes only: they are adjusted for splits at most"))
    zone: tzinfo = table.index[-1].tzinfo  # the exchange's
    running = _is_running(days, facts, zone)
    if running[-1]:
        notes.append(repaired(f"{days[-1]} was left out: trading is not over"))
    empty = (np.nan_to_num(table[PRICES].to_numpy(np.float64)) == 0).all(axis=1)
    priced = ~(np.isnan(close) | np.isnan(adjusted) | empty | running)
    if not priced.any():
        raise SourceError(
            f"Yahoo has {counted(len(days), 'day')} of {name}, but none has an adjusted close; "
            f"try again later, {OTHERWISE}"
        )
    table.loc[empty, PRICES] = np.nan
    table.loc[~priced, Yahoo.column] = np.nan
    table, days = table[~running], days[~running]
    columns = {label: table[label].to_numpy(np.float64) for label in table.columns}
    return Quotes(
        name,
        days,
        columns[Yahoo.column],
        place=lambda row: str(days[row]),
        raw_closes=columns["Close"],
        bars=Bars(columns["Open"], columns["High"], columns["Low"], columns["Volume"]),
        splits=_splits(days, answer, zone),
        faults=tuple(
            Fault(int(row), "its adjusted close is infinite")
            for row in np.flatnonzero(np.isinf(columns[Yahoo.column]))
        ),
        notes=tuple(notes),
        facts={topic: str(facts[key]) for topic, key in _FACTS.items() if facts.get(key)},
    )


def _expect_daily(name: str, days: Dates, answer: Answer) -> None:
    """Refuse weekly or monthly bars where daily ones were asked for."""
    steps = np.diff(days).astype(np.int64)
    is_coarse = ((steps >= 6) & (steps <= 8)) | ((steps >= 28) & (steps <= 31))
    is_stated = answer.granularity not in ("", "1d")
    if is_stated or (len(steps) >= FEW and is_coarse.mean() >= COARSE):
        found = f"a bar every {np.median(steps):g} days" if len(steps) else answer.granularity
        raise PassingFailure(
            f"Yahoo gave {found} for {name}, where daily bars were asked for; "
            f"try again later, {OTHERWISE}"
        )


def _splits(days: Dates, answer: Answer, zone: tzinfo) -> FloatArray:
    """Return the new shares for one old share. A split takes effect on the next kept day."""
    ratios = np.ones(len(days))
    for stamp, ratio in answer.splits:
        day = np.datetime64(datetime.fromtimestamp(stamp, zone).date(), "D")
        row = int(np.searchsorted(days, day))
        if row < len(days):
            ratios[row] *= ratio
    return ratios


def _is_running(days: Dates, facts: Facts, zone: tzinfo) -> Flags:
    """Mark the running day, whose price is no close yet.

    Where Yahoo does not say when trading ends, today counts as running.
    """
    period = facts.get("currentTradingPeriod") or {}
    end = (period.get("regular") or {}).get("end")
    running = np.zeros(len(days), bool)
    if isinstance(end, datetime):
        is_today = days[-1] == np.datetime64(end.date(), "D")
        running[-1] = is_today and end.timestamp() > time.time()
    else:
        running[-1] = days[-1] >= np.datetime64(datetime.now(zone).date(), "D")
    return running
