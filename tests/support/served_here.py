"""A real server on loopback, in a thread of the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simgan.service.running import server_of
from simgan.service.state import Service

_WAIT = 20.0  # seconds, far more than any test needs


@contextmanager
def served_here(service: Service) -> Iterator[int]:
    """Serve, and give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = server_of(service)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until(lambda: server.started)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(_WAIT)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, and fail if it does not become so."""
    pause = threading.Event()
    for _ in range(int(_WAIT / 0.01)):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it did not become so")


def asking(port: int, path: str, *fields: str) -> socket.socket:
    """Send a request with more header fields, and leave its answer to be read from the socket."""
    connection = socket.create_connection(("127.0.0.1", port), _WAIT)
    head = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *fields)
    connection.sendall("".join(f"{line}\r\n" for line in (*head, "")).encode())
    return connection
