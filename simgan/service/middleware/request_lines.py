"""A line in the log for each request, without secrets."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.logs import FACTS, SHOWN, Sparse
from simgan.service.middleware.guard import path_of
from simgan.service.middleware.rates import address_of
from simgan.service.state import Service
from simgan.service.tokens import BEGINNING

LOGGER = logging.getLogger("simgan.service")
_UNTOLD = ("/healthz", "/readyz", "/metrics")  # asked for every few seconds
_SECRET = ("token", "secret", "password", "key", "session")  # in the name of a parameter
_CLOSED = 499  # the client went away before an answer, in the manner of nginx
_SERVER_ERROR = 500
# Refusals before the limit of the rate, and by it. So are failures before the caller is known.
_UNLIMITED = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
)


class RequestLines:
    """Log method, path, status, bytes and seconds of each request, and who asked.

    Of refusals that no rate limits, an address has one line a second for each status.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self._refusals = app, Sparse()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and write its line when its answer has ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, size = time.monotonic(), _CLOSED, 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counted)
        finally:
            self._log(scope, status, {"bytes": size, "seconds": round(time.monotonic() - begun, 4)})

    def _log(self, scope: Scope, status: int, measures: dict[str, float]) -> None:
        is_failed = status >= _SERVER_ERROR
        if path_of(scope) in _UNTOLD and not is_failed:
            return
        more: dict[str, int] | None = {}
        if status in _UNLIMITED or (is_failed and not scope.get("state", {}).get("caller")):
            more = self._refusals.facts(f"{status} {address_of(scope)}", time.monotonic())
        if more is not None:
            level = logging.WARNING if is_failed else logging.INFO
            facts = _facts(scope) | {"status": status} | measures | more
            LOGGER.log(level, "request", extra={FACTS: facts})


def without_secrets(query: bytes) -> str:
    """Return a query string in which an ellipsis stands for each secret."""
    parts = [part.partition("=") for part in query.decode("latin-1").split("&")]
    return "&".join(
        f"{name}=…" if _is_secret(unquote(name), unquote(value)) else f"{name}{sign}{value}"
        for name, sign, value in parts
    )


def _is_secret(name: str, value: str) -> bool:
    return BEGINNING in name + value or any(word in name.lower() for word in _SECRET)


def _facts(scope: Scope) -> dict[str, object]:
    state = scope.get("state", {})
    caller = state.get("caller")
    return {
        "request_id": state.get("request_id"),
        "caller": caller.name if caller else None,
        "client": scope["client"][0] if scope.get("client") else None,
        "method": scope["method"],
        "path": scope["path"][:SHOWN],
        "query": without_secrets(scope.get("query_string", b""))[:SHOWN],
    }
