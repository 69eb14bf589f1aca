"""Limits of the rate of requests: a bucket of tokens for each caller."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.addresses import subnet_of
from simgan.service.middleware.guard import path_of
from simgan.service.problems import Problem, refuse
from simgan.service.state import Service

_FREE = ("/healthz", "/readyz")
_MANY = 10_000  # buckets: beyond them, those that nobody used for the longest time are forgotten


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


class Buckets:
    """A bucket for each key: those that were used last, and not more than fit into memory."""

    def __init__(self, rate: float, burst: int, most: int = _MANY) -> None:
        self._rate, self._burst, self._most = rate, burst, most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, key: str) -> float:
        """Take one request of a key. Return the seconds to wait first, or 0 if it was there."""
        now = time.monotonic()
        bucket = self._buckets.setdefault(key, Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket.wait(now, self._rate, self._burst)


def address_of(scope: Scope) -> str:
    """Return the address of a client, and of IPv6 the network that belongs to one house."""
    return subnet_of(str((scope.get("client") or ("",))[0]))


def too_many(things: str, rate: float, wait: float) -> Problem:
    """Return the answer to a client that sends too many things, and must wait some seconds."""
    detail = f"too many {things}: at most {rate:g} a second in the long run"
    headers = {"Retry-After": str(math.ceil(wait))}
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers=headers)


class Rates:
    """Refuse a caller that sends too many requests. Callers without a name are addresses."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._rate = service.configuration.rate
        self._buckets = Buckets(self._rate, service.configuration.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if its caller may send one now."""
        if scope["type"] == "http" and (wait := self._wait(scope)):
            await refuse(too_many("requests", self._rate, wait), scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _wait(self, scope: Scope) -> float:
        """Return the seconds that a request must wait. Those about health never do."""
        if path_of(scope) in _FREE:
            return 0.0
        caller = scope["state"]["caller"]
        return self._buckets.wait(
            f"caller {caller.name}" if caller else f"address {address_of(scope)}"
        )
