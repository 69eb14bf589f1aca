"""A connection that gives a client some time and some bytes for the head of a request, not more.

A process has so many connections, and an address so many of them. Others are refused at once.
uvicorn waits for a head as long as a client likes, and keeps as much of it as comes. It also waits
without end for a client that does not read its answer. It answers nobody who has closed the own
side of a connection, as `nc -N` does. Such a client may read or may have left, which looks alike.
At its end uvicorn waits for open answers, and then cancels them with a traceback. A connection
breaks off shortly before.

A request that does not wait for the answer before it is not answered. uvicorn would keep such
requests without end, and would not notice that their client has left.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection
from http import HTTPStatus

from httptools import HttpParserError, HttpParserUpgrade
from prometheus_client import Counter
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from simgan.service.addresses import Network, is_within, subnet_of
from simgan.service.ending import BREAK_OFF
from simgan.service.logs import FACTS, SHOWN, Sparse

LOGGER = logging.getLogger("simgan.service")
MOST_CONNECTIONS = 900  # connections of a process, below the usual limit of open files
MOST_OF_ADDRESS = 400  # of them, unless it is a reverse proxy
LARGEST_HEAD = 64 * 1024  # bytes of the first line and the headers of a request
MOST_HEADERS = 100
HEAD_TIMEOUT = 20.0  # seconds for a head to arrive
BUSY_HEAD_TIMEOUT = 5.0  # where more than half of the connections are open
STALL_TIMEOUT = 120.0  # for a reader that takes nothing. The kernel holds megabytes for a slow one
HALF_CLOSED_TIMEOUT = 3.0  # for the answer to a client that has closed its side
EARLIER = 4  # seconds between the break-off of answers and the end of the server
_SIGNS = 4  # bytes of a header beside its name and value
_PAUSE = 10  # seconds after which a client may come again
_COME_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_DETAILS = {
    HTTPStatus.BAD_REQUEST: "these bytes are no request of HTTP/1.1",
    HTTPStatus.REQUEST_TIMEOUT: "the head of the request did not arrive in time",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"the head of a request may have {LARGEST_HEAD:,} bytes and {MOST_HEADERS} headers"
    ),
    HTTPStatus.TOO_MANY_REQUESTS: "too many connections of your address are open; come again",
    HTTPStatus.SERVICE_UNAVAILABLE: "too many connections are open; come again",
}


class _TooEarly(Exception):
    """A request begins before the answer to the one before it has ended. It ends the parsing."""


class Refusals:
    """Refusals of connections: counted, and logged once a second for each address and status."""

    def __init__(self, counter: Counter) -> None:
        self._counter, self._lines = counter, Sparse()

    def note(self, status: HTTPStatus, address: str, path: str) -> None:
        """Count a refusal, and log it if its line is due."""
        self._counter.labels(int(status)).inc()
        more = self._lines.facts(f"{int(status)} {address}", time.monotonic())
        if more is not None:
            facts = {"client": address, "path": path, "status": status} | more
            level = logging.WARNING if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
            LOGGER.log(level, "refused before the request was read", extra={FACTS: facts})


class Connection(HttpToolsProtocol):
    """A connection of uvicorn with limits of the head of a request.

    Parameters
    ----------
    refusals : Refusals
    proxies : collection of IPv4Network and IPv6Network
        Those of reverse proxies, which may have more connections than other clients.
    config, server_state, app_state, _loop
        Those of uvicorn.
    """

    _ignores = False  # all further bytes, since a request came too early
    _head = 0  # bytes since the last whole head
    _waits = True  # for the rest of a head
    _timer: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _rest: asyncio.TimerHandle | None = None
    _end: asyncio.TimerHandle | None = None

    def __init__(
        self,
        refusals: Refusals,
        proxies: Collection[Network],
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._refusals, self._proxies, self._address = refusals, proxies, ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head, or refuse a connection that is too many."""
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        self._address = subnet_of(host)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        elif self._of_address() > MOST_OF_ADDRESS and not is_within(host, self._proxies):
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS)
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        self._stop_stall()
        for timer in (self._rest, self._end):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep a connection for the rest of an answer whose client sends no more."""
        if self.cycle is None or self.cycle.more_body:  # not even a whole request
            return False
        super().shutdown()  # now, or after an answer that is not complete
        self._rest = self._rest or self.loop.call_later(HALF_CLOSED_TIMEOUT, self.transport.abort)
        return True

    def shutdown(self) -> None:
        """Close the connection after its answer, and before the server would cancel it."""
        super().shutdown()
        grace = self.config.timeout_graceful_shutdown
        if grace is not None and not self.transport.is_closing():
            pause = grace - EARLIER
            self._end = self.loop.call_later(pause, self.break_off, "the service ends")

    def break_off(self, reason: str) -> None:
        """Break the connection off, so that no reader takes a part for the whole."""
        if not self.transport.is_closing():
            facts = {"client": self._address, "path": self._path()}
            LOGGER.info("broke an answer off: %s", reason, extra={FACTS: facts})
            self.transport.abort()

    def pause_writing(self) -> None:
        """Begin to wait for the reader, and break the connection where it takes nothing."""
        super().pause_writing()
        self._stop_stall()
        self._stall = self.loop.call_later(STALL_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no more for the reader."""
        self._stop_stall()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head, and refuse one that is too large."""
        if self.transport.is_closing() or self._ignores:
            return
        self._head += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade:
            pass  # a server may go on with HTTP (RFC 9110, 7.8)
        except HttpParserError:
            if not self._ignores:
                self._refuse(HTTPStatus.BAD_REQUEST)
        if self._waits and self._head > LARGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin to wait for the head of the next request, too, unless it comes too early.

        The connection then closes after the answer, as a server may at any time (RFC 9112, 9.3.2).

        Raises
        ------
        _TooEarly
            The answer before it is open, or the connection closes.
        """
        if self._is_answering():
            self.cycle.keep_alive, self._ignores = False, True
        if self._ignores or self.transport.is_closing():
            raise _TooEarly
        super().on_message_begin()
        self.scope["extensions"] = {BREAK_OFF: {"call": self.break_off}}
        self._wait()

    def on_headers_complete(self) -> None:
        """Wait no more, and answer the request if its head is small enough."""
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) + _SIGNS for name, value in self.headers)
        if size > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, unless the request was refused."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Count the bytes of the next head from here."""
        self._head = 0
        if not self.transport.is_closing():
            super().on_message_complete()

    def _is_answering(self) -> bool:
        """Whether bytes of an answer are missing. An answer may have all of them before its end."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return False
        is_whole = cycle.scope["method"] == "HEAD" or not (
            cycle.chunked_encoding or cycle.expected_content_length
        )
        return not (cycle.response_started and is_whole)

    def _of_address(self) -> int:
        """Return the number of connections from the address of this one."""
        return sum(getattr(other, "_address", "") == self._address for other in self.connections)

    def _wait(self) -> None:
        self._stop_waiting()
        self._waits = True
        self._timer = self.loop.call_later(
            self._head_timeout(), self._refuse, HTTPStatus.REQUEST_TIMEOUT
        )

    def _head_timeout(self) -> float:
        """Return the seconds for a head, which are few where connections are scarce."""
        is_busy = len(self.connections) > MOST_CONNECTIONS // 2
        return min(HEAD_TIMEOUT, BUSY_HEAD_TIMEOUT) if is_busy else HEAD_TIMEOUT

    def _stop_waiting(self) -> None:
        self._waits = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _path(self) -> str:
        """Return the path that the client asked for, as far as it came."""
        url: bytes = getattr(self, "url", b"")
        return url.partition(b"?")[0].decode("latin-1")[:SHOWN]

    def _stop_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer a client without the application, and close the connection.

        An answer that has not ended breaks off instead, because nothing may be written into it.
        """
        self._stop_waiting()
        if self.transport.is_closing():
            return
        self._refusals.note(status, self._address, self._path())
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()
            return
        content = json.dumps(
            {
                "type": "about:blank",
                "title": status.phrase,
                "status": status,
                "detail": _DETAILS[status],
                "instance": self._path(),
            }
        )
        pause = f"retry-after: {_PAUSE}\r\n" * (status in _COME_AGAIN)
        head = (
            f"content-type: application/problem+json\r\n{pause}"
            f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + (head + content).encode("ascii"))
        self.transport.close()
