"""A service that takes each caller for everyone on this machine."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.access import EVERYONE


class AsEveryone:
    """An application around another one. A caller that is known stays."""

    def __init__(self, inner: ASGIApp) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {}).setdefault("caller", EVERYONE)
        await self.inner(scope, receive, send)
