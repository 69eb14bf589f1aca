"""Commands on a pseudo-terminal: everything that a user would see, and keys that they press."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple

CTRL_C = b"\x03"
_CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


class Seen(NamedTuple):
    """The text on the terminal without its codes, the exit code, and seconds after the key."""

    text: str
    code: int
    seconds: float

    @property
    def lines(self) -> list[str]:
        """Lines with something in them, in the order of their appearance."""
        return [line.rstrip() for line in self.text.split("\n") if line.strip()]


def on_terminal(
    *arguments: str, columns: int = 80, cwd: Path | None = None, ctrl_c_after: str = ""
) -> Seen:
    """Run Python with some arguments on a pseudo-terminal.

    Ctrl-C is pressed as soon as the text `ctrl_c_after` has appeared.
    """
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    running = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=slave, stdout=slave, stderr=slave, cwd=cwd, preexec_fn=_own_terminal,
        env=environment | {"TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(slave)
    seen, pressed = b"", 0.0
    try:
        while piece := _read(master):
            seen += piece
            if ctrl_c_after and not pressed and ctrl_c_after.encode() in seen:
                os.write(master, CTRL_C)
                pressed = time.monotonic()
        code = running.wait(timeout=60)
    finally:
        running.kill()
        os.close(master)
    seconds = time.monotonic() - pressed if pressed else 0.0
    return Seen(_CODES.sub("", seen.decode(errors="replace")), code, seconds)


def _own_terminal() -> None:
    """Begin a session, so that Ctrl-C on the terminal reaches this process and no other."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(master: int) -> bytes:
    """Return what appears next, or nothing where the program has ended or is silent for long."""
    ready, _, _ = select.select([master], [], [], 60.0)
    try:
        return os.read(master, 65536) if ready else b""
    except OSError:  # the other end is closed
        return b""
