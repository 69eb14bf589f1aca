"""Answers of the API to a page, without the work behind them."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from playwright.sync_api import Page, Route


class StubAnswers:
    """Answers to whatever a page asks under ``/v1``.

    Attributes
    ----------
    asked : dict
        The query of the newest outlook.
    """

    def __init__(self, page: Page) -> None:
        self.asked: dict[str, str] = {}
        for address in ("**/outlook?*", "**/v1/**/real-or-fake*", "**/estimate"):
            page.route(address, self._answer)

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
        _fulfil(
            route, {"charts": [wave.tolist() for wave in waves], "token": "t", "asset": "SP500"}
        )

    def guess(self, route: Route) -> None:
        _fulfil(route, {"right": route.request.post_data_json["guess"] == 2, "answer": 2})

    def estimate(self, route: Route) -> None:
        _fulfil(route, {"seconds": 130, "memory": 2**30})


_TABLE = {
    "GET /v1/models/.*/outlook": StubAnswers.outlook,
    "GET /v1/models/reference/real-or-fake": StubAnswers.round,
    "POST /v1/models/reference/real-or-fake": StubAnswers.guess,
    "POST /v1/jobs/estimate": StubAnswers.estimate,
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
