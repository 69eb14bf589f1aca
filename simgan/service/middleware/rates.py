"""Limits of the rate of requests: a bucket of tokens for each caller."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.problems import Problem, refuse
from simgan.service.state import Service

_FREE = ("/healthz", "/readyz")
_MANY = 10_000  # buckets, after which those that are full again are forgotten


@dataclass
class Bucket:
    """Requests that a caller may send at once, which fill up again with time."""

    left: float
    moment: float

    def wait(self, now: float, rate: float, burst: int) -> float:
        """Take one request at a moment. Return the seconds to wait first, or 0 if it was there."""
        self.left = min(self.left + (now - self.moment) * rate, burst)
        self.moment = now
        if self.left < 1:
            return (1 - self.left) / rate
        self.left -= 1
        return 0.0


class Rates:
    """Refuse a caller that sends too many requests. Callers without a name are addresses."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._rate, self._burst = service.configuration.rate, service.configuration.burst
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if its caller may send one now."""
        if scope["type"] == "http" and scope["path"] not in _FREE and (wait := self._wait(scope)):
            detail = f"too many requests: at most {self._rate:g} a second in the long run"
            headers = {"Retry-After": str(math.ceil(wait))}
            problem = Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers)
            await refuse(problem, scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _wait(self, scope: Scope) -> float:
        caller, client = scope["state"]["caller"], scope.get("client") or ("",)
        key = f"caller {caller.name}" if caller else f"address {client[0]}"
        now = time.monotonic()
        if key not in self._buckets:
            self._forget(now)
            self._buckets[key] = Bucket(self._burst, now)
        return self._buckets[key].wait(now, self._rate, self._burst)

    def _forget(self, now: float) -> None:
        if len(self._buckets) >= _MANY:
            filled = self._burst / self._rate
            self._buckets = {k: b for k, b in self._buckets.items() if now - b.moment < filled}
