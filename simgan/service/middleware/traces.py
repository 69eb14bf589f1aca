"""A span of OpenTelemetry for each request."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.state import Service
from simgan.service.tracing import span


class Traces:
    """Record each request, as a part of the trace that its headers name."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within a span."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, headers = scope["method"], Headers(scope=scope)
        facts = {"http.request.method": method, "url.path": scope["path"]}
        with span(method, facts, headers, serves=True) as found:

            async def recorded(message: Message) -> None:
                if found is not None and message["type"] == "http.response.start":
                    found.set_attribute("http.response.status_code", message["status"])
                    if route := getattr(scope.get("route"), "path", None):
                        found.set_attribute("http.route", route)
                        found.update_name(f"{method} {route}")
                await send(message)

            await self.app(scope, receive, recorded)
