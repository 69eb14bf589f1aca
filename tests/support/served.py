"""A server of simgan in a process of its own, at a free port of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Served:
    """A server that runs, and its address."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rstrip("/").rpartition(":")[2])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(100)


@contextmanager
def served(workspace: Path, *options: str, **environment: str) -> Iterator[Served]:
    """Serve a workspace by the command, until the end of the block."""
    command = [sys.executable, "-m", "simgan", "serve", "--port", "0", "--workspace"]
    log = workspace.with_name(f"{workspace.name}.log").open("w")
    process = subprocess.Popen(
        [*command, str(workspace), *options],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert " at http://" in line, Path(log.name).read_text()
        yield Served(process, line.split()[-1])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()
