"""Answers of Yahoo that are strange, late, short or about something else, through yfinance."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from yahoo_server import CONSENT, CONSENT_PAGE, Fault, Series, YahooServer

from simgan.errors import PriceError, SourceError
from simgan.market.price_cache import Download, PriceCache
from simgan.market.prices import Scope
from simgan.market.sources.yahoo import Yahoo
from simgan.workspace import Workspace

CLOSES = [100.0 + (7 * i) % 11 for i in range(300)]
QUICK = Yahoo(attempts=1, pause=0.0, timeout=5.0, patience=0.0)


def is_weekend(day: date) -> bool:
    return day.weekday() >= 5


def warnings_of(notes: tuple[Any, ...]) -> str:
    return "\n".join(str(note) for note in notes if str(note).startswith("warning"))


def adjusted_of(change: Callable[[list[Any]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda result: change(result["indicators"]["adjclose"][0]["adjclose"])


def test_null_adjusted_closes_are_told_apart_from_null_closes(yahoo_server: YahooServer) -> None:
    def change(adjusted: list[Any]) -> None:
        adjusted[4] = adjusted[5] = None

    closes = [10.0, None, *CLOSES]
    yahoo_server.series["X"] = Series(closes, change=adjusted_of(change))
    prices = QUICK.fetch("X")
    told = warnings_of(prices.notes)
    assert "1 day without a close was left out: 2018-01-03" in told
    assert "2 days without an adjusted close were left out: 2018-01-06, 2018-01-07" in told
    assert len(prices.dates) == 299
    assert warnings_of(QUICK.fetch("X", Scope("2018-01-08")).notes) == ""  # other days


def test_adjusted_closes_that_are_all_null_are_told(yahoo_server: YahooServer) -> None:
    def change(adjusted: list[Any]) -> None:
        adjusted[:] = [None] * len(adjusted)

    yahoo_server.series["X"] = Series(CLOSES, change=adjusted_of(change))
    with pytest.raises(SourceError, match="has 300 days of X, but none has an adjusted close"):
        QUICK.quotes("X")


def test_closes_without_adjusted_ones_are_told(yahoo_server: YahooServer) -> None:
    yahoo_server.series["X"] = Series(CLOSES, change=lambda r: r["indicators"].pop("adjclose"))
    quotes = QUICK.quotes("X")
    assert quotes.closes.tolist() == CLOSES
    assert "Yahoo gave closes only: they are adjusted for splits at most" in warnings_of(
        quotes.notes
    )


@pytest.mark.parametrize("on_a_row", [True, False])
def test_a_split_that_yahoo_did_not_apply_is_applied(
    on_a_row: bool, yahoo_server: YahooServer
) -> None:
    """A split on a day without a row takes effect on the next one."""
    raw = [close if i < 150 else close / 4 for i, close in enumerate(CLOSES)]
    day = Series(CLOSES).days()[150]
    series = Series(raw, splits={day: (4, 1)}, skipped=lambda d: not on_a_row and d == day)
    yahoo_server.series["X"] = series
    prices = QUICK.fetch("X")
    assert np.abs(np.diff(np.log(prices.values[:, 0]))).max() < 0.2
    assert "4-for-1" in warnings_of(prices.notes)


def test_a_lost_split_is_told(yahoo_server: YahooServer) -> None:
    raw = [close if i < 150 else close / 4 for i, close in enumerate(CLOSES)]
    yahoo_server.series["X"] = Series(raw)
    prices = QUICK.fetch("X")
    assert "check for a missing split" in warnings_of(prices.notes)
    assert str(Series(raw).days()[150]) in warnings_of(prices.notes)


def test_a_split_that_yahoo_applied_changes_nothing(yahoo_server: YahooServer) -> None:
    day = Series(CLOSES).days()[150]
    yahoo_server.series["X"] = Series(CLOSES, splits={day: (4, 1), date(2099, 1, 1): (2, 1)})
    quotes = QUICK.quotes("X")
    assert quotes.splits is not None and quotes.splits.tolist() == [1.0] * 150 + [4.0] + [1.0] * 149
    assert QUICK.fetch("X").values[:, 0].tolist() == [close / 2 for close in CLOSES]


def test_weekly_bars_are_refused_and_asked_for_again(yahoo_server: YahooServer) -> None:
    yahoo_server.series["X"] = Series(CLOSES, step=7)
    with pytest.raises(SourceError, match=r"a bar every 7 days for X, where daily bars were"):
        replace(QUICK, attempts=2).quotes("X")
    assert yahoo_server.chart_requests == 4


def test_bars_of_another_stated_distance_are_refused(yahoo_server: YahooServer) -> None:
    def change(result: dict[str, Any]) -> None:
        result["meta"]["dataGranularity"] = "1wk"

    yahoo_server.series["X"] = Series(CLOSES, change=change)
    with pytest.raises(SourceError, match="where daily bars were asked for"):
        QUICK.quotes("X")


def test_a_bar_on_a_weekend_is_told(yahoo_server: YahooServer) -> None:
    odd = date(2018, 6, 2)
    yahoo_server.series["X"] = Series(CLOSES, skipped=lambda d: is_weekend(d) and d != odd)
    told = warnings_of(QUICK.fetch("X").notes)
    assert "there are prices on a weekend" in told and str(odd) in told


def test_missing_sessions_are_told_and_weekends_are_not(yahoo_server: YahooServer) -> None:
    lost = {date(2018, 6, 5) + timedelta(days=i) for i in range(3)}
    yahoo_server.series["X"] = Series(CLOSES, skipped=is_weekend)
    assert warnings_of(QUICK.fetch("X").notes) == ""
    yahoo_server.series["X"] = Series(CLOSES, skipped=lambda d: is_weekend(d) or d in lost)
    told = warnings_of(QUICK.fetch("X").notes)
    assert "no session on 3 usual trading days: 2018-06-05 to 2018-06-07 (3 days)" in told
    for scope in (Scope("2018-06-08"), Scope(end="2018-06-04")):
        assert warnings_of(QUICK.fetch("X", scope).notes) == ""
    assert "no session on 3" in warnings_of(QUICK.fetch("X", Scope("2018-06-07")).notes)


@pytest.mark.parametrize("key", ["currency", "instrumentType", "validRanges", "firstTradeDate"])
def test_a_missing_fact_is_no_traceback(key: str, yahoo_server: YahooServer) -> None:
    yahoo_server.series["X"] = Series(CLOSES, change=lambda result: result["meta"].pop(key))
    assert len(QUICK.quotes("X")) == 300


def test_today_is_left_out_where_yahoo_does_not_say_when_it_ends(yahoo_server: YahooServer) -> None:
    def change(result: dict[str, Any]) -> None:
        result["meta"]["currentTradingPeriod"] = None

    first = date.fromtimestamp(time.time()) - timedelta(days=298)
    yahoo_server.series["X"] = Series(CLOSES, first=first, change=change, zone="Etc/UTC")
    quotes = QUICK.quotes("X")
    assert any("trading is not over" in note.text for note in quotes.notes)


@pytest.mark.parametrize("zone", ["Mars/Olympus", None])
def test_an_unknown_zone_is_told(zone: str | None, yahoo_server: YahooServer) -> None:
    def change(result: dict[str, Any]) -> None:
        result["meta"]["exchangeTimezoneName"] = zone

    yahoo_server.series["X"] = Series(CLOSES, change=change)
    with pytest.raises(SourceError, match=r"no known time zone for X.*update yfinance and pytz"):
        QUICK.quotes("X")


def test_an_answer_that_comes_too_late_is_told(yahoo_server: YahooServer) -> None:
    yahoo_server.faults = [Fault(200, "{}", delay=5.0)]
    with pytest.raises(SourceError, match=r"did not answer for AAPL within 0\.1 seconds; try"):
        replace(QUICK, timeout=0.1).quotes("AAPL")


@pytest.mark.parametrize(
    "fault", [Fault(200, CONSENT_PAGE), Fault(302, headers={"Location": CONSENT})]
)
def test_a_consent_page_is_told(fault: Fault, yahoo_server: YahooServer) -> None:
    yahoo_server.faults = [fault]
    with pytest.raises(SourceError, match=r"asks for consent to cookies .*SIMGAN_YAHOO_URL"):
        QUICK.quotes("AAPL")


def test_a_ticker_that_is_too_long_is_no_ticker(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no ticker"):
        PriceCache(Workspace(tmp_path)).quotes(QUICK, "A" * 300)
    assert list(tmp_path.iterdir()) == []


def test_eight_tickers_come_through_one_session(
    yahoo_server: YahooServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"T{i}" for i in range(8)]
    yahoo_server.series |= {name: Series([c + i for c in CLOSES]) for i, name in enumerate(names)}
    opened = list[Yahoo]()
    connected = Yahoo.connected
    monkeypatch.setattr(
        Yahoo, "connected", lambda self, *args: opened.append(self) or connected(self, *args)
    )
    found = PriceCache(Workspace(tmp_path)).each(QUICK, names)
    assert [quotes.closes[0] for quotes in found] == [(100 + i) / 2 for i in range(8)]
    assert len(opened) == 1


def test_eight_threads_ask_for_eight_tickers(yahoo_server: YahooServer, tmp_path: Path) -> None:
    """One of them is unknown, and none gets the prices or the failure of another."""
    names = [f"T{i}" for i in range(7)]
    yahoo_server.series |= {name: Series([c + i for c in CLOSES]) for i, name in enumerate(names)}
    cache = PriceCache(Workspace(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(cache.quotes, QUICK, name) for name in [*names, "NOPE"]]
        assert [run.result().closes[0] for run in runs[:7]] == [(100 + i) / 2 for i in range(7)]
        with pytest.raises(SourceError, match="ticker 'NOPE'"):
            runs[7].result()


def test_a_split_between_two_refreshes_that_is_half_applied_is_made_good(
    yahoo_server: YahooServer, tmp_path: Path
) -> None:
    """Yahoo names the split, and its older closes are not adjusted yet."""
    cache = PriceCache(Workspace(tmp_path))
    yahoo_server.series["X"] = Series(CLOSES)
    cache.fetch(QUICK, "X")
    day = Series([*CLOSES, 1.0]).days()[-1]
    yahoo_server.series["X"] = Series([*CLOSES, 26.0], splits={day: (4, 1)})
    prices = replace(cache, download=Download.ALWAYS).fetch(QUICK, "X")
    assert prices.values[:, 0].tolist() == [*(close / 8 for close in CLOSES), 13.0]


def test_prices_with_a_fault_are_kept_and_refused_only_where_they_are_used(
    yahoo_server: YahooServer, tmp_path: Path
) -> None:
    cache = PriceCache(Workspace(tmp_path))

    def change(adjusted: list[Any]) -> None:
        adjusted[5] = float("inf")

    yahoo_server.series["X"] = Series(CLOSES, change=adjusted_of(change))
    for _ in range(2):  # from the server, then from the file
        with pytest.raises(PriceError, match="2018-01-07: its adjusted close is infinite"):
            cache.fetch(QUICK, "X")
    assert yahoo_server.chart_requests == 2
