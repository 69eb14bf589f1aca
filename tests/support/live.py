"""A server in a thread of the tests, at a free port of this machine, and raw requests to it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from simgan.service.running import server_of
from simgan.service.state import Service

CLOSED = 0  # status where the server has closed a connection without an answer


class Answer(NamedTuple):
    """A status, a head and a body."""

    status: int
    head: str
    body: bytes

    def json(self) -> dict[str, object]:
        return dict(json.loads(self.body))


@dataclass(frozen=True)
class Live:
    """A server that runs."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connection(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, line: str, *fields: str, body: bytes = b"") -> Answer:
        """Send a request as it stands: its first line without the version, and fields."""
        with self.connection() as connection:
            connection.sendall(self.head(line, *fields, "Connection: close") + body)
            return answer_from(connection)

    def head(self, line: str, *fields: str) -> bytes:
        lines = [f"{line} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *fields, "", ""]
        return "\r\n".join(lines).encode()


def answer_from(connection: socket.socket) -> Answer:
    """Read a connection to its end."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionError:  # the server closed it while bytes were on their way
        pass
    head, _, body = received.partition(b"\r\n\r\n")
    return Answer(int(head.split()[1]) if head else CLOSED, head.decode(), body)


@contextmanager
def live(service: Service) -> Iterator[Live]:
    """Serve until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = server_of(service)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Live(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()
        assert not thread.is_alive()
