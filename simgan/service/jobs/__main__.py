"""The process of the supervisor: ``python -m simgan.service.jobs --workspace DIR``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType

from simgan.errors import SimganError
from simgan.progress import Stop
from simgan.service.configuration import configuration
from simgan.service.jobs.supervisor import supervise
from simgan.service.logs import log_to_stderr
from simgan.workspace import Workspace


def main(arguments: list[str]) -> int:
    """Supervise until SIGTERM, Ctrl-C or the end of stdin. The environment has the settings."""
    parser = ArgumentParser(prog="python -m simgan.service.jobs", description=main.__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    workspace = Workspace(parser.parse_args(arguments).workspace)
    stop = Stop()

    def end(number: int, frame: FrameType | None) -> None:
        stop.ask()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    threading.Thread(target=_end_with_stdin, args=(stop,), daemon=True).start()
    try:
        settings = configuration(None, {})
        log_to_stderr(settings.log_level)
        supervise(workspace, settings, stop)
    except SimganError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


def _end_with_stdin(stop: Stop) -> None:
    while os.read(sys.stdin.fileno(), 1024):  # a thread in a buffered read breaks the exit
        pass
    stop.ask()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
