"""The end of a process, which endless streams hear of, and of answers that are not complete."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

from fastapi import FastAPI
from starlette.types import Scope

from simgan.service.state import Service

BREAK_OFF = "simgan.break_off"  # an extension of ASGI, by `simgan.service.connections`
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Set `Service.ending` at the signal to end, and then let the server do its own part.

    A server waits for open streams before it tells the application to end. A stream of events
    would hold it for as long as the reader likes.
    """
    service: Service = app.state.service
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            _tell_before(number, service.ending)
    with service.database.kept():
        yield
    service.ending.set()


def break_off(scope: Scope, reason: str) -> None:
    """Break the connection of a request off, where the server can. The log has the reason."""
    if offered := scope.get("extensions", {}).get(BREAK_OFF):
        offered["call"](reason)


def _tell_before(number: signal.Signals, ending: threading.Event) -> None:
    """Set an event before the handler of a signal runs."""
    handler = signal.getsignal(number)
    if not callable(handler):
        return

    def set_first(received: int, frame: FrameType | None) -> None:
        ending.set()
        handler(received, frame)

    signal.signal(number, set_first)
