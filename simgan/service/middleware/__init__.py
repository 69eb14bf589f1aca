"""Layers around the routes: raw ASGI, a file for each, from the outermost to the innermost."""

from __future__ import annotations

from typing import Protocol

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.middleware.bodies import Bodies
from simgan.service.middleware.bugs import Bugs
from simgan.service.middleware.callers import Callers
from simgan.service.middleware.guard import Guard
from simgan.service.middleware.headers import SecurityHeaders
from simgan.service.middleware.heads import Heads
from simgan.service.middleware.hosts import Hosts
from simgan.service.middleware.measures import Measures
from simgan.service.middleware.rates import Rates
from simgan.service.middleware.request_ids import RequestIds
from simgan.service.middleware.request_lines import RequestLines
from simgan.service.middleware.traces import Traces
from simgan.service.middleware.versions import Versions
from simgan.service.state import Service


class Layer(Protocol):
    """An application around another one."""

    def __init__(self, app: ASGIApp, service: Service) -> None: ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


LAYERS: tuple[type[Layer], ...] = (
    RequestIds,
    Traces,
    RequestLines,
    Measures,
    SecurityHeaders,
    Bugs,
    Hosts,
    Callers,
    Rates,
    Guard,
    Bodies,
    Versions,
    Heads,
)


def install(app: FastAPI, service: Service) -> None:
    """Put the layers around the routes of an application."""
    for layer in reversed(LAYERS):
        app.add_middleware(layer, service=service)
