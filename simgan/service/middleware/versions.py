"""No stream for a client of HTTP/1.0, which knows no chunks (RFC 9112, section 6.1).

The end of the connection would end its answer, so it would take a part for the whole.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.problems import Problem, refuse
from simgan.service.state import Service

_BARE = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)  # answers without a body


class _Stream(Exception):
    """An answer without a length begins."""


class Versions:
    """Refuse a stream to a client of HTTP/1.0. Answers with a length are the same for all."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and look at the head of its answer."""
        if scope.get("http_version") != "1.0" or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_stream(message):
                raise _Stream
            await send(message)

        try:
            await self.app(scope, receive, seen)
        except _Stream:
            detail = "HTTP/1.0 does not show the end of a stream; ask by HTTP/1.1"
            problem = Problem(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, detail)
            await refuse(problem, scope, receive, send)


def _is_stream(start: Message) -> bool:
    has_length = "content-length" in Headers(raw=list(start["headers"]))
    return start["status"] not in _BARE and not has_length
