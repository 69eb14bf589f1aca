"""Cost of the commands behind jobs: processor seconds and peak memory, by assets, days and preset.

``python benchmarks/job_rates.py [CASE …]`` prints a row for each case as soon as it is done.
`simgan/service/jobs/rates.py` holds the rates that follow from the rows. Processor seconds of a
busy machine are a few percent more than those of an idle one, where wall seconds may double.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

from simgan.service.jobs.processes import MARK, marked, memory_of

FIRST = {1250: "2014-01-13", 2500: "2009-01-23", 5030: "1999-01-05"}  # of SP500, until 2018-12-31
ASSETS = ("SP500", "NASDAQ", "WTI", "VIX")
POLL = 0.2  # seconds between two looks at the memory


def fit(assets: int, days: int, preset: str) -> list[str]:
    """Return the words of a fit of the newest days of some assets."""
    chosen = ASSETS[:assets]
    common = ["--source=sample", f"--start={FIRST[days]}", f"--preset={preset}", "--name=made"]
    return ["fit", *common, *chosen]


def backtest(days: int, models: str) -> list[str]:
    """Return the words of a backtest of one asset."""
    common = ["--source=sample", f"--start={FIRST[days]}", f"--models={models}", "--jobs=2"]
    return ["backtest", *common, ASSETS[0]]


# Each case is a command, and perhaps one before it that is not measured.
CASES: dict[str, tuple[list[str], ...]] = {
    **{
        f"fit, {preset}, {assets} assets, {days} days": (fit(assets, days, preset),)
        for preset, assets, days in (
            ("quick", 1, 1250),
            ("quick", 1, 5030),
            ("standard", 1, 1250),
            ("standard", 1, 5030),
            ("quick", 2, 5030),
            ("quick", 4, 2500),
            ("thorough", 1, 1250),
            ("thorough", 1, 5030),
        )
    },
    "report, 1 asset, 1250 days": (fit(1, 1250, "quick"), ["report", "made"]),
    "report, 1 asset, 5030 days": (["report", "reference"],),
    "report, 2 assets, 5030 days": (fit(2, 5030, "quick"), ["report", "made"]),
    "backtest, gjr-fhs, 2500 days": (backtest(2500, "gjr-fhs"),),
    "backtest, simgan and gjr-fhs, 1250 days": (backtest(1250, "simgan,gjr-fhs"),),
    "backtest, simgan and gjr-fhs, 2500 days": (backtest(2500, "simgan,gjr-fhs"),),
}


def run(command: list[str], workspace: str, mark: str) -> None:
    """Run a command, whose processes have a mark."""
    words = [sys.executable, "-m", "simgan", *command, "--workspace", workspace, "--quiet"]
    environment = {**os.environ, MARK: mark}
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)


def highest_memory(mark: str, over: threading.Event) -> Callable[[], float]:
    """Look at the memory of marked processes, and return a function that gives its peak in MiB."""
    peak = [0]

    def look() -> None:
        while not over.wait(POLL):
            peak[0] = max(peak[0], memory_of(marked(mark)))

    thread = threading.Thread(target=look)
    thread.start()
    return lambda: (thread.join(), peak[0] / 2**20)[1]


def measured(commands: tuple[list[str], ...], mark: str) -> tuple[float, float, float]:
    """Return processor seconds, wall seconds and peak memory of the last command."""
    with tempfile.TemporaryDirectory() as folder:
        for before in commands[:-1]:
            run(before, folder, "")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun, over = time.monotonic(), threading.Event()
        peak = highest_memory(mark, over)
        run(commands[-1], folder, mark)
        seconds = time.monotonic() - begun
        over.set()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
        return processor, seconds, peak()


def main(names: list[str]) -> None:
    """Print the rows of some cases, or of all."""
    print(f"{'':44}  {'processor s':>11}  {'wall s':>7}  {'MiB':>6}")
    for name in names or CASES:
        processor, seconds, memory = measured(CASES[name], f"rates:{os.getpid()}")
        print(f"{name:44}  {processor:11.1f}  {seconds:7.1f}  {memory:6.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
