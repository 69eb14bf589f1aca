"""Limits of the body of a request: its size, and the time that it takes to arrive.

A request that reads has no body. One would hide from its answer that the reader has left.
"""

from __future__ import annotations

import time
from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.middleware.guard import path_of
from simgan.service.problems import Problem, refuse
from simgan.service.state import Service

BODY_TIMEOUT = 20.0  # seconds for a body to arrive, and more for each byte that has
SLOWEST = 10_000  # bytes a second, in the long run
_WITHOUT = ("GET", "HEAD")  # methods of requests that have no body
_CLOSE = {"Connection": "close"}  # the rest of the body is not read


class Bodies:
    """Refuse a body that is too large, by its header or by its bytes, or too slow, or not asked."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        limits = service.configuration
        self._sizes = {"/v1/uploads": limits.largest_upload, "/v1/jobs": limits.largest_order}
        self._of_others = limits.largest_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch its body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = path_of(scope)
        sizes = (size for prefix, size in self._sizes.items() if path.startswith(prefix))
        most = next(sizes, self._of_others)
        if (problem := _fault(scope, most)) is not None:
            await refuse(problem, scope, receive, send)
            return
        await self.app(scope, _Watched(receive, most), send)


class _Watched:
    """The messages of a body, until it is too large or too slow."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._begun, self._size, self._is_whole = time.monotonic(), 0, False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()  # which waits for the end of the connection
        last = self._begun + BODY_TIMEOUT + self._size / SLOWEST
        with anyio.move_on_after(max(last - time.monotonic(), 0)):
            message = await self._receive()
            self._is_whole = not message.get("more_body", False)
            self._size += len(message.get("body", b""))
            if self._size > self._most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _size(self._most), _CLOSE)
            return message
        detail = "the body of the request did not arrive in time"
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, detail, _CLOSE)


def _fault(scope: Scope, most: int) -> Problem | None:
    """Return the problem of a body that its header tells, or nothing."""
    headers, method = Headers(scope=scope), scope.get("method")
    length = headers.get("content-length", "0")
    if method in _WITHOUT and (length != "0" or "transfer-encoding" in headers):
        detail = f"a {method} has no body; send it without one"
        return Problem(HTTPStatus.BAD_REQUEST, detail, headers=_CLOSE)
    if length.isdecimal() and int(length) > most:
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _size(most), headers=_CLOSE)
    return None


def _size(most: int) -> str:
    return f"the body of this request may have {most:,} bytes"
