"""Yahoo is asked through yfinance itself;
a server on loopback answers as Yahoo does, or fails as Yahoo does.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from yahoo_server import HTML, JSON, Fault, Series, YahooServer

from simgan.errors import ConfigError, Interrupted, PriceError, SourceError
from simgan.market import history_of
from simgan.market.prices import Scope
from simgan.market.sources.yahoo import Yahoo
from simgan.market.yahoo_session import short as _short
from simgan.progress import Silent, Stop


class Heard(Silent):
    """A progress that keeps its sentences, and does something at each."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.then, self.said = then, list[str]()

    def say(self, sentence: str) -> None:
        self.said.append(sentence)
        self.then()


PATIENT = Yahoo(attempts=3, pause=0.0, timeout=5.0)
REQUESTS_PER_DOWNLOAD = 2  # yfinance asks the chart for the time zone, then for the prices
REQUESTS_PER_REFUSAL = 2  # it repeats a refused request with its other way of getting cookies


def test_the_adjusted_close_of_every_day_arrives(yahoo_server: YahooServer) -> None:
    series = yahoo_server.series["AAPL"]
    prices = PATIENT.fetch("AAPL")
    assert prices.values[:, 0].tolist() == [close * series.adjust for close in series.closes]
    assert [str(day) for day in prices.dates] == [str(day) for day in series.days()]
    assert prices.dates.dtype == np.dtype("datetime64[D]")
    assert prices.assets == ("AAPL",)
    assert any("adjusted close from Yahoo Finance" in note.text for note in prices.notes)
    assert yahoo_server.chart_requests == REQUESTS_PER_DOWNLOAD


@pytest.mark.parametrize(
    "zone", ["Asia/Seoul", "America/New_York", "Pacific/Auckland", "Europe/London"]
)
def test_dates_are_those_of_the_exchange(zone: str, yahoo_server: YahooServer) -> None:
    yahoo_server.series["X"] = Series(
        [10.0, 11.0, 12.0], first=date(2018, 3, 24), zone=zone
    )  # London changes its clock on the 25th
    assert [str(day) for day in PATIENT.fetch("X").dates] == [
        "2018-03-24",
        "2018-03-25",
        "2018-03-26",
    ]


def test_days_without_a_price_are_left_out(yahoo_server: YahooServer) -> None:
    yahoo_server.series["X"] = Series([10.0, None, 12.0])
    assert PATIENT.fetch("X").values[:, 0].tolist() == [5.0, 6.0]


def test_null_closes_are_left_out_and_told_and_infinite_ones_are_refused(
    yahoo_server: YahooServer,
) -> None:
    def infinite(result: dict[str, Any]) -> None:
        result["indicators"]["adjclose"][0]["adjclose"][2] = float("inf")
        result["indicators"]["quote"][0]["close"][1] = None

    yahoo_server.series["X"] = Series([10.0, 11.0, 12.0, 13.0], change=infinite)
    told = PATIENT.fetch("X", Scope(end="2018-01-03")).notes
    assert any("1 day without a close was left out: 2018-01-03" in n.text for n in told)
    with pytest.raises(PriceError, match="2018-01-04: its adjusted close is infinite"):
        PATIENT.fetch("X")


def test_missing_facts_are_no_traceback(yahoo_server: YahooServer) -> None:
    def change(result: dict[str, Any]) -> None:
        result["meta"] = {"exchangeTimezoneName": "Asia/Seoul", "currentTradingPeriod": None}

    yahoo_server.series["X"] = Series([10.0, 11.0], change=change)
    prices = PATIENT.fetch("X")
    assert len(prices.dates) == 2
    assert any("unknown currency" in note.text for note in prices.notes)


def test_closes_come_with_bars_and_splits_and_facts(yahoo_server: YahooServer) -> None:
    quotes = PATIENT.quotes("AAPL")
    closes = list(yahoo_server.series["AAPL"].closes)
    assert quotes.raw_closes is not None and quotes.raw_closes.tolist() == closes
    assert quotes.bars is not None and quotes.bars.high.tolist() == closes
    assert set(quotes.bars.volume) == {1000.0}
    assert quotes.splits is not None and set(quotes.splits) == {1.0}
    assert quotes.facts["currency"] == "USD" and quotes.facts["zone"] == "America/New_York"


@pytest.mark.parametrize(("seconds_to_close", "days"), [(60, 2), (-60, 3)])
def test_a_day_that_is_not_over_is_left_out_and_told(
    seconds_to_close: int, days: int, yahoo_server: YahooServer
) -> None:
    # where it is between 12 and 13 o'clock, with POSIX's inverted sign
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    first = datetime.now(ZoneInfo(zone)).date() - timedelta(days=2)
    yahoo_server.series["X"] = Series(
        [10.0, 11.0, 12.0], first=first, zone=zone, session_ends=int(time.time()) + seconds_to_close
    )
    prices = PATIENT.fetch("X")
    assert prices.values[:, 0].tolist() == [5.0, 5.5, 6.0][:days]
    assert any("trading is not over" in note.text for note in prices.notes) == (days == 2)


def test_a_short_history_is_told_by_the_number_of_returns(yahoo_server: YahooServer) -> None:
    yahoo_server.series["NEW"] = Series([10.0, 11.0, 12.0])
    with pytest.raises(
        PriceError, match="NEW: 3 prices give 2 log returns, but at least 250 are needed"
    ):
        history_of(PATIENT.fetch("NEW"), least_days=250)


def test_an_unknown_ticker_is_told_and_not_tried_again(yahoo_server: YahooServer) -> None:
    for _ in range(4):  # yfinance raises another error from the third time on
        yahoo_server.paths.clear()
        with pytest.raises(
            SourceError, match=r"no daily prices under the ticker 'NOPE'; .* or use --prices FILE"
        ):
            PATIENT.fetch("NOPE")
        assert yahoo_server.chart_requests == REQUESTS_PER_REFUSAL


@pytest.mark.parametrize("name", ["", "A B", "../AAPL", "AAPL?x=1", "A%41"])
def test_what_is_no_ticker_is_never_sent(name: str, yahoo_server: YahooServer) -> None:
    with pytest.raises(SourceError, match="is no ticker"):
        PATIENT.fetch(name)
    assert yahoo_server.paths == []


def test_a_rate_limit_that_passes_is_waited_out(
    yahoo_server: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    yahoo_server.faults = [Fault(429, "Too Many Requests", times=2 * REQUESTS_PER_REFUSAL)]
    assert len(Yahoo(attempts=3, pause=2.0).fetch("AAPL").dates) == 300
    assert pauses == [2.0, 4.0]
    assert yahoo_server.chart_requests == 2 * REQUESTS_PER_REFUSAL + REQUESTS_PER_DOWNLOAD


def test_a_wait_that_yahoo_asks_for_is_kept_and_told(
    yahoo_server: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    too_many = {"Retry-After": "30"}
    yahoo_server.faults = [Fault(429, "Too Many", headers=too_many, times=REQUESTS_PER_REFUSAL)]
    heard = Heard()
    with Yahoo(patience=30.0).connected(heard) as ask:
        assert len(ask("AAPL")) == 300
    assert waits == [30.0]
    assert heard.said == [
        "AAPL: Yahoo limits the requests and asks for a wait of 30 seconds, waiting"
    ]


@pytest.mark.parametrize("form", ["number", "date"])
def test_a_wait_beyond_the_patience_is_told_at_once(form: str, yahoo_server: YahooServer) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=77.5), usegmt=True)
    header = {"Retry-After": "77" if form == "number" else later}
    yahoo_server.faults = [Fault(429, "Too Many Requests", headers=header)]
    with pytest.raises(
        SourceError,
        match=r"\(HTTP 429\) .*; simgan waits 60 seconds at most; wait 7[67] seconds and try again",
    ):
        Yahoo(patience=60.0).fetch("AAPL")
    assert yahoo_server.chart_requests == REQUESTS_PER_REFUSAL


def test_a_wait_can_be_stopped(yahoo_server: YahooServer) -> None:
    yahoo_server.faults = [Fault(429, "Too Many Requests", headers={"Retry-After": "100"})]
    stop = Stop()
    with (
        pytest.raises(Interrupted, match="a download was stopped"),
        Yahoo().connected(Heard(stop.ask), stop) as ask,
    ):
        ask("AAPL")


def test_a_rate_limit_without_a_stated_wait_says_some_minutes(yahoo_server: YahooServer) -> None:
    yahoo_server.faults = [Fault(429, "Too Many Requests")]
    with pytest.raises(SourceError, match="wait some minutes, at worst an hour"):
        PATIENT.fetch("AAPL")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(500, "<html>oops</html>", HTML), r"cannot be read \(HTTP 500, JSONDecodeError"),
        (Fault(200, "<html>Will be right back</html>", HTML), "cannot be read"),
        (Fault(200, "{}", JSON), "cannot be read"),
        (
            Fault(200, json.dumps({"chart": {"result": [{"meta": {}}], "error": None}}), JSON),
            "cannot be read",
        ),
        (Fault(401, '{"finance": {"error": "Unauthorized"}}', JSON), r"cannot be read \(HTTP 401"),
    ],
)
def test_a_bad_answer_is_tried_again_and_then_told(
    fault: Fault, told: str, yahoo_server: YahooServer
) -> None:
    yahoo_server.faults = [fault]
    with pytest.raises(SourceError, match=told + ".*--prices FILE") as caught:
        PATIENT.fetch("AAPL")
    assert "\n" not in str(caught.value)


def test_a_bad_answer_that_passes_is_forgotten(yahoo_server: YahooServer) -> None:
    yahoo_server.faults = [Fault(500, "<html>oops</html>", times=2)]
    assert len(PATIENT.fetch("AAPL").dates) == 300


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (
            "Failed to perform, curl: (6) Could not resolve host: query2.finance.yahoo.com. "
            "See https://curl.se/libcurl/c/libcurl-errors.html first for more details.",
            "could not resolve host: query2.finance.yahoo.com",
        ),
        ("broken pipe", "OSError: broken pipe"),
    ],
)
def test_of_the_texts_of_curl_only_the_reason_is_told(text: str, short: str) -> None:
    assert _short(OSError(text)) == short


def test_no_network_is_told_with_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMGAN_YAHOO_URL", "http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(
        SourceError,
        match=r"http://127\.0\.0\.1:9 cannot be reached for AAPL .*check the network or SIMGAN_YAHOO_URL",  # noqa: E501
    ):
        PATIENT.fetch("AAPL")


def test_implausible_prices_of_yahoo_are_refused_with_their_date(yahoo_server: YahooServer) -> None:
    yahoo_server.series["CL=F"] = Series([18.0, -37.63, 10.0])
    with pytest.raises(PriceError, match=r"1 price below zero: -18\.815 at 2018-01-03"):
        PATIENT.fetch("CL=F")


@pytest.mark.parametrize("mirror", ["mirror.example.com", "ftp://mirror.example.com", "http://"])
def test_a_mirror_that_is_no_url_is_refused(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMGAN_YAHOO_URL", mirror)
    with pytest.raises(ConfigError, match="SIMGAN_YAHOO_URL"):
        PATIENT.fetch("AAPL")


def test_a_mirror_may_live_under_a_path(
    yahoo_server: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMGAN_YAHOO_URL", yahoo_server.url + "/yahoo/")
    with pytest.raises(SourceError):
        PATIENT.fetch("AAPL")
    assert {path.split("/")[1] for path in yahoo_server.paths} == {"yahoo"}


@pytest.mark.parametrize(
    "setting", [{"attempts": 0}, {"pause": -1.0}, {"pause": float("nan")}, {"timeout": 0.0}]
)
def test_impossible_settings_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(setting))):
        Yahoo(**setting)


def test_yfinance_says_nothing_and_leaves_nothing_even_without_a_home(
    yahoo_server: YahooServer, tmp_path: Path
) -> None:
    """A child process whose HOME is a file, so that nothing can be made there."""
    home = tmp_path / "home"
    home.touch()
    script = (
        "from simgan.market.sources.yahoo import Yahoo\nfrom simgan.errors import SourceError\n"
        "print(len(Yahoo(pause=0).fetch('AAPL').dates))\n"
        "try:\n    Yahoo(pause=0).fetch('NOPE')\nexcept SourceError:\n    print('refused')\n"
    )
    environment = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    environment.pop("XDG_CACHE_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("300\nrefused\n", "", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


# The shared libraries of TensorFlow as it loads them itself, without its Python: half a second.
LOAD_TENSORFLOW = """
import importlib.util, os, sys, types
folder = importlib.util.find_spec("tensorflow").submodule_search_locations[0]
for name in ("tensorflow", "tensorflow.python", "tensorflow.python.platform"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [os.path.join(folder, *name.split(".")[1:])]
import tensorflow.python.pywrap_tensorflow
"""


@pytest.mark.tensorflow
def test_a_download_works_after_tensorflow_was_loaded(yahoo_server: YahooServer) -> None:
    """TensorFlow brings a libcurl of its own;
    whichever is loaded first must not take the place of the other.

    Without `own_symbols_first` the download ends with "Impersonating … is not supported".
    """
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    code = (
        f"{LOAD_TENSORFLOW}\nfrom simgan.market.sources.yahoo import "
        "Yahoo\nprint(len(Yahoo().fetch('AAPL').dates))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "300", done.stderr[-500:]
