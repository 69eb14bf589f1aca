"""The first process of a container waits for orphans, passes signals on, and ends as its child."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# A subreaper gets the orphans below it, as the first process of a container does.
WORK = """
import ctypes, signal, subprocess, sys, time
from simgan.service.first_process import fork_and_wait
ctypes.CDLL(None).prctl({subreaper}, 1)
fork_and_wait()
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it, also for its children
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
orphan = subprocess.run(["sh", "-c", "sleep 0.01 >&2 & echo $!"], stdout=subprocess.PIPE)
print(orphan.stdout.decode(), flush=True)
time.sleep(100)
"""
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a container has a Linux")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 7), (signal.SIGHUP, 128 + 1)])
def test_orphans_are_awaited_and_signals_reach_the_work(number: signal.Signals, code: int) -> None:
    """A cancelled backtest left a zombie, which stayed until the container ended."""
    work = [sys.executable, "-c", WORK.format(subreaper=SUBREAPER)]
    with subprocess.Popen(work, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        orphan = Path("/proc", first.stdout.readline().strip())
        last = time.monotonic() + 100
        while orphan.exists() and time.monotonic() < last:
            time.sleep(0.02)
        is_gone = not orphan.exists()
        first.send_signal(number)
        assert (first.wait(100), is_gone) == (code, True)
