"""A reader of pages, under the policy that forbids everything inline."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.access import EVERYONE
from simgan.service.app import application
from simgan.service.state import Service

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class Guarded:
    """An application for everyone on this machine, whose answers have the policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["caller"] = EVERYONE

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = (b"content-security-policy", POLICY.encode())
                message["headers"] = [*message.get("headers", []), policy]
            await send(message)

        await self._app(scope, receive, sending)


@pytest.fixture
def visitor(service: Service) -> Iterator[TestClient]:
    app = Guarded(application(service))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client
