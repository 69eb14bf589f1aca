"""The process of the supervisor of jobs, which is started again when it ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from simgan.service.configuration import Configuration
from simgan.workspace import Workspace

LOGGER = logging.getLogger("simgan.service")
PAUSE = 1.0  # seconds between two starts of a supervisor that ends at once
LONGEST_PAUSE = 60.0  # seconds, after doubled ones; a supervisor that lives longer is in order
_MORE = 5.0  # seconds beyond the grace of its jobs


def supervisor_of(workspace: Workspace) -> list[str]:
    """Return the command of the supervisor of jobs. No module comes from the current folder."""
    return [sys.executable, "-P", "-m", "simgan.service.jobs", "--workspace", str(workspace.root)]


@contextmanager
def restarting(
    command: Sequence[str], configuration: Configuration
) -> Iterator[Callable[[], None]]:
    """Run a command now, and again whenever it ends. At the end it gets the end of its stdin.

    The given function says so earlier, so that it ends while other work does.

    It runs in a session of its own, because Ctrl-C in a terminal is for the server alone.
    """
    restarter = _Restarter(command, configuration.environment())
    thread = threading.Thread(target=restarter.run, daemon=True)
    thread.start()
    try:
        yield restarter.end
    finally:
        restarter.end()
        thread.join(restarter.left(configuration.grace + _MORE))
        restarter.kill()


class _Restarter:
    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._command, self._environment = command, {**os.environ, **environment}
        self._over, self._lock = threading.Event(), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0.0

    def run(self) -> None:
        """Start the command whenever it does not run, until `end`.

        It waits longer and longer, unless it was killed.
        """
        pause = PAUSE
        while not self._over.is_set():
            begun = time.monotonic()
            was_killed = self._run_once()
            life = time.monotonic() - begun
            fails = not was_killed and life < LONGEST_PAUSE
            pause = min(2 * pause, LONGEST_PAUSE) if fails else PAUSE
            self._over.wait(max(pause - life, 0.0))

    def _run_once(self) -> bool:
        """Run the command to its end. Tell whether it was killed."""
        try:
            process = self._started()
        except OSError as error:  # no memory, process or file is left, for now
            LOGGER.error("the supervisor of jobs cannot start: %s; it is tried again", error)
            return False
        if process is None:
            return False
        code = process.wait()
        if not self._over.is_set():
            LOGGER.warning("the supervisor of jobs ended with code %d; it starts again", code)
        return code == -signal.SIGKILL

    def end(self) -> None:
        """Start it no more, and close its stdin."""
        with self._lock:
            if self._over.is_set():
                return
            self._over.set()
            self._asked = time.monotonic()
            if self._process is not None and self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.close()

    def left(self, seconds: float) -> float:
        """Return how much of a time since `end` is left."""
        return max(self._asked + seconds - time.monotonic(), 0.0)

    def kill(self) -> None:
        """End it at once, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._over.is_set():
                return None
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                start_new_session=True,
                env=self._environment,
            )
            return self._process
