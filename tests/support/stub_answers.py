"""Answers of the API to a page, without the work behind them."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from playwright.sync_api import Page, Route

JOB = "0123456789abcdef0123456789abcdef"
_SHEET = {
    "name": "prices",
    "assets": [
        {
            "name": "prices",
            "rows": 731,
            "days": 731,
            "first": "2016-01-04",
            "last": "2018-12-28",
            "facts": {"column": "Close", "date column": "Date", "dates": "year, month, day"},
            "warnings": ["1 return of more than 20 %"],
            "repairs": ["rows put in the order of time"],
            "first_rows": [{"date": "2016-01-04", "open": None, "close": 24100.0}],
            "last_rows": [{"date": "2018-12-28", "open": 38250.0, "close": 38700.0}],
        }
    ],
}


class StubAnswers:
    """Answers to whatever a page asks under ``/v1``.

    Attributes
    ----------
    asked : dict
        The query of the newest outlook.
    """

    def __init__(self, page: Page) -> None:
        self.asked: dict[str, str] = {}
        self.jobs: dict[str, dict[str, object]] = {JOB: _job(JOB, "fit", "running", name="SP500")}
        page.route("**/v1/**", self._answer)

    def _answer(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        asked = f"{route.request.method} {parts.path}"
        for form, answer in _TABLE.items():
            if found := re.fullmatch(form, asked):
                answer(self, route, *found.groups())
                return
        raise AssertionError(asked)

    def outlook(self, route: Route) -> None:
        self.asked = dict(parse_qsl(urlsplit(route.request.url).query))
        horizon, position = int(self.asked["horizon"]), float(self.asked["position"])
        steps, levels = np.arange(horizon + 1), (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
        fan = [2500 + 40 * (level - 0.5) * np.sqrt(steps) for level in levels]
        _fulfil(
            route,
            {
                "scenarios": 10_000,
                "position": position,
                "horizon": horizon,
                "history": {
                    "days": [
                        f"2018-{month:02d}-{day:02d}"
                        for month in range(1, 13)
                        for day in range(1, 22)
                    ],
                    "values": np.linspace(2400, 2500, 252).tolist(),
                },
                "after": {"days": [], "values": []},
                "quantiles": {"levels": levels, "values": [line.tolist() for line in fan]},
                "paths": [fan[1].tolist()],
                "terminal": {"edges": [-3e5, -1e5, 0, 1e5, 3e5], "counts": [1, 4, 4, 1]},
                "risk": [_risk(level) for level in (0.95, 0.975, 0.99)],
            },
        )

    def round(self, route: Route) -> None:
        waves = [100 + 5 * np.sin(np.arange(60) / (k + 2)) for k in range(4)]
        _fulfil(route, {"charts": [wave.tolist() for wave in waves], "token": "t"})

    def guess(self, route: Route) -> None:
        _fulfil(route, {"right": route.request.post_data_json["guess"] == 2, "answer": 2})

    def upload(self, route: Route) -> None:
        _fulfil(route, {"id": "f" * 64, "name": "prices.csv"}, 201)

    def estimate(self, route: Route) -> None:
        _fulfil(route, {"seconds": 130, "memory": 2**30})

    def order(self, route: Route) -> None:
        wanted = route.request.post_data_json
        assert wanted["upload"] == "f" * 64
        id = ("a" if wanted["kind"] == "inspect" else "b") * 32
        state, result = ("done", _SHEET) if id[0] == "a" else ("queued", None)
        self.jobs[id] = _job(id, wanted.pop("kind"), state, **wanted) | {"result": result}
        _fulfil(route, self.jobs[id], 202)

    def listed(self, route: Route) -> None:
        _fulfil(route, {"jobs": list(self.jobs.values())})

    def job(self, route: Route, id: str) -> None:
        _fulfil(route, self.jobs[id])

    def cancel(self, route: Route, id: str) -> None:
        self.jobs[id] |= {"state": "cancelled", "ended": "2026-11-27T20:00:09.000+00:00"}
        _fulfil(route, self.jobs[id], 202)

    def events(self, route: Route, id: str) -> None:
        told = {"task": "SP500", "done": 40, "total": 100, "sentences": ["5,030 log returns"]}
        if "format=json" in route.request.url:
            _fulfil(route, {"events": []})
            return
        body = f"retry: 60000\n\nid: 1\nevent: progress\ndata: {json.dumps(told)}\n\n"
        route.fulfill(status=200, content_type="text/event-stream", body=body)


_TABLE = {
    "GET /v1/models/reference/outlook": StubAnswers.outlook,
    "GET /v1/models/reference/real-or-fake": StubAnswers.round,
    "POST /v1/models/reference/real-or-fake": StubAnswers.guess,
    "POST /v1/uploads": StubAnswers.upload,
    "POST /v1/jobs/estimate": StubAnswers.estimate,
    "POST /v1/jobs": StubAnswers.order,
    "GET /v1/jobs": StubAnswers.listed,
    "GET /v1/jobs/([0-9a-f]{32})": StubAnswers.job,
    "DELETE /v1/jobs/([0-9a-f]{32})": StubAnswers.cancel,
    "GET /v1/jobs/([0-9a-f]{32})/events": StubAnswers.events,
}


def _job(id: str, kind: str, state: str, **request: object) -> dict[str, object]:
    moment = "2026-11-27T20:00:00.000+00:00"
    return {
        "id": id,
        "kind": kind,
        "state": state,
        "cancelling": False,
        "request": request,
        "created": moment,
        "started": moment,
        "ended": None,
        "progress": None,
        "result": None,
        "problem": None,
    }


def _risk(level: float) -> dict[str, float]:
    return {
        "level": level,
        "value_at_risk": 1e5 * level,
        "value_at_risk_error": 900.0,
        "expected_shortfall": 1.3e5 * level,
        "expected_shortfall_error": 1200.0,
    }


def _fulfil(route: Route, content: object, status: int = 200) -> None:
    route.fulfill(status=status, content_type="application/json", body=json.dumps(content))
