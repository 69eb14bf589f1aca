"""Numbers of each request: its answer, its time and its bytes."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.state import Service

_NONE = "none"  # where no route matches; the paths of strangers would be names without end


class Measures:
    """Count answers, the seconds until they begin, and their bytes, by route."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self._metrics = app, service.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and measure its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, route, size, metrics = time.monotonic(), None, 0, self._metrics

        async def measured(message: Message) -> None:
            nonlocal route, size
            if message["type"] == "http.response.start":
                route = str(getattr(scope.get("route"), "path", _NONE))
                metrics.seconds.labels(route).observe(time.monotonic() - begun)
                metrics.requests.labels(scope["method"], route, message["status"]).inc()
                metrics.answering.labels(route).inc()
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, measured)
        finally:
            if route is not None:
                metrics.answering.labels(route).dec()
                metrics.sent.labels(route).inc(size)
