"""The name by which a client reaches the service. A foreign page may not give it another one."""

from __future__ import annotations

import re
from http import HTTPStatus
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.problems import Problem, refuse
from simgan.service.state import Service

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:\d*)?")


class Hosts:
    """Refuse requests for other names than those of the service.

    A page of evil.com can let the name evil.com lead to 127.0.0.1. The browser then takes the
    service for a part of that page. At a loopback address, the names of this machine and those of
    the configuration are answered. At another address, every name is, unless the configuration has
    some.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        configuration = service.configuration
        self._names = frozenset(configuration.names)
        self._asks = configuration.is_loopback or bool(self._names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if its Host header is a name of the service."""
        if scope["type"] == "http" and self._asks:
            host = Headers(scope=scope).get("host", "")
            if not self._is_own(host):
                detail = f"the service has another name than {host!r}; see its setting `hosts`"
                problem = Problem(HTTPStatus.MISDIRECTED_REQUEST, detail)
                await refuse(problem, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_own(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        name = found[1].lower().strip("[]").rstrip(".") if found else ""
        return name in self._names or name == "localhost" or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
