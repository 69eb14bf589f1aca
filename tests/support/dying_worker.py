"""Work for another process that is killed while it sends its result."""

from __future__ import annotations

import os
import signal
from multiprocessing import connection, parent_process


def half_sent(number: int) -> bytes:
    """Die in a worker when half of the result is sent."""
    if parent_process() is not None:
        send_half()
    return b"." * 1000


def send_half() -> None:
    """Let this process die in the middle of the next message that it sends."""

    def send(self: connection.Connection, buffer: bytes) -> None:
        os.write(self.fileno(), bytes(buffer)[: len(buffer) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    connection.Connection._send = send  # type: ignore[attr-defined]
