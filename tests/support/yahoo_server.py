"""A loopback server that speaks the part of Yahoo's protocol that yfinance 1.7 uses for daily
prices.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, islice
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

CHART = "/v8/finance/chart/"
NEW_YORK = "America/New_York"
LONG_AGO = int(datetime(2001, 1, 1).timestamp())
JSON, HTML = "application/json", "text/html"
CONSENT = "/v2/collectConsent"
CONSENT_PAGE = '<html><form><input name="csrfToken" value="x"/></form></html>'


@dataclass
class Series:
    """Closes of one ticker as the server tells them; None is a day without a price.

    Each close has a day. The first is `first`, and `step` days lie between two of them. `skipped`
    days have none. `splits` has new shares for one old share by day, which changes no close.
    """

    closes: Sequence[float | None]
    first: date = date(2018, 1, 2)
    adjust: float = 0.5  # adjusted close / close
    zone: str = NEW_YORK
    session_ends: int = LONG_AGO
    change: Callable[[dict[str, Any]], object] = id  # changes the answer before it is sent
    step: int = 1
    skipped: Callable[[date], bool] = lambda day: False
    splits: Mapping[date, tuple[int, int]] = field(default_factory=dict)

    def days(self) -> list[date]:
        days = (self.first + timedelta(days=i * self.step) for i in count())
        return list(islice((day for day in days if not self.skipped(day)), len(self.closes)))

    def chart(self) -> dict[str, Any]:
        """Return the answer of /v8/finance/chart for this series."""
        zone = ZoneInfo(self.zone)

        def opening(day: date) -> int:
            return int(datetime.combine(day, time(9, 30), zone).timestamp())

        stamps = [opening(day) for day in self.days()]
        adjusted = [None if close is None else close * self.adjust for close in self.closes]
        quote = {name: list(self.closes) for name in ("open", "high", "low", "close")}
        quote["volume"] = [0 if close is None else 1000 for close in self.closes]
        period = {
            "start": self.session_ends - 23400,
            "end": self.session_ends,
            "gmtoffset": 0,
            "timezone": "EST",
        }
        meta = {
            "currency": "USD",
            "instrumentType": "EQUITY",
            "exchangeTimezoneName": self.zone,
            "validRanges": ["1d", "5d", "max"],
            "currentTradingPeriod": {
                "pre": dict(period),
                "regular": dict(period),
                "post": dict(period),
            },
            "firstTradeDate": stamps[0],
            "regularMarketTime": stamps[-1],
            "regularMarketPrice": 1.0,
            "priceHint": 2,
        }
        indicators = {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}
        result = {"meta": meta, "timestamp": stamps, "indicators": indicators}
        if self.splits:
            events = {
                str(opening(day)): {"date": opening(day), "numerator": new, "denominator": old}
                for day, (new, old) in self.splits.items()
            }
            result["events"] = {"splits": events}
        self.change(result)
        return {"chart": {"result": [result], "error": None}}


@dataclass
class Fault:
    """An answer that replaces those of the chart for the next `times` requests.

    It comes after `delay` seconds.
    """

    status: int
    body: str = ""
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 10**9
    delay: float = 0.0


class YahooServer:
    """Serves `series` by ticker, remembers the paths asked in `paths`; use it in a ``with``
    statement.

    Point the environment variable SIMGAN_YAHOO_URL at `url`, in this process or a child.
    """

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self.faults: list[Fault] = []
        self.paths: list[str] = []
        self.closing = threading.Event()  # ends slow answers
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def chart_requests(self) -> int:
        """How often prices were asked for."""
        return sum(path.startswith(CHART) for path in self.paths)

    def __enter__(self) -> YahooServer:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> Fault:
        """Decide what to say to one request."""
        with self._lock:
            self.paths.append(path)
            fault = self._next_fault() if path.startswith(CHART) else None
        if fault:
            return fault
        if path.startswith(CHART):
            return self._chart(unquote(path.removeprefix(CHART)))
        if path == CONSENT:
            return Fault(200, CONSENT_PAGE)
        if path == "/v1/test/getcrumb":
            return Fault(200, "crumb", "text/plain")
        return Fault(
            404,
            json.dumps({"quoteSummary": {"result": None, "error": {"code": "Not Found"}}}),
            JSON,
        )

    def _next_fault(self) -> Fault | None:
        if not self.faults:
            return None
        fault = self.faults[0]
        fault.times -= 1
        if fault.times <= 0:
            self.faults.pop(0)
        return fault

    def _chart(self, ticker: str) -> Fault:
        if ticker in self.series:
            return Fault(200, json.dumps(self.series[ticker].chart()), JSON)
        error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
        return Fault(404, json.dumps({"chart": {"result": None, "error": error}}), JSON)


def _handler(server: YahooServer) -> type[BaseHTTPRequestHandler]:
    closing = server.closing

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = server.answer(urlsplit(self.path).path)
            body = answer.body.encode()
            closing.wait(answer.delay)
            self.send_response(answer.status)
            for name, value in {
                "Content-Type": answer.kind,
                "Content-Length": str(len(body)),
                **answer.headers,
            }.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # a client that gave up
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    return Handler
