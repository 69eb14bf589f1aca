"""HEAD at every address that GET has: the headers of its answer, without its body."""

from __future__ import annotations

from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.state import Service

_ENDLESS = "/events"  # nothing but a body


class Heads:
    """Ask for GET where a route knows no HEAD of its own, and leave out the body."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if not _lacks_head(scope):
            await self.app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            if "route" in asked:  # the layers around this one name it
                scope["route"] = asked["route"]
            await send(message)

        await self.app(asked, receive, headed)


def _lacks_head(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].endswith(_ENDLESS):
        return False
    return not any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes)
