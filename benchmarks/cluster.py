"""Scenario files and a backtest on a Dask cluster of this machine, beside the plain runs.

    python benchmarks/cluster.py | tee benchmarks/cluster.txt        a minute on two idle cores

Two workers of one thread stand for two machines. The plain run has one process, and the pool two.
Each is timed once after a short run that loads the libraries. The bytes must be the same.

Seconds of the clock depend on what else the machine does. Seconds of the processors, of all
processes together, hardly do. Their excess over the plain run is what sharing out costs.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil
from distributed import LocalCluster

from simgan.provenance import library_versions
from simgan.workflows.backtest import BacktestRequest, backtest
from simgan.workflows.sample import SampleRequest, order
from simgan.workspace import Workspace

N, HORIZON, ROWS = 1_000_000, 21, 102_400


def processor_seconds() -> float:
    """Seconds that this process and all its children have computed, those that ended included."""
    here = psutil.Process()
    running = sum(sum(child.cpu_times()[:2]) for child in here.children(recursive=True))
    return running + sum(here.cpu_times()[:4])


def timed(action: Callable[[], Path]) -> tuple[float, float, dict[str, bytes]]:
    """Seconds of clock and processors of an action, and the files of the folder it returns."""
    started, computed = time.perf_counter(), processor_seconds()
    folder = action()
    clock, processors = time.perf_counter() - started, processor_seconds() - computed
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    return clock, processors, files


def files(folder: Path, scheduler: str = "", workers: int = 1, n: int = N) -> Path:
    """Write a folder of scenario files."""
    request = SampleRequest(
        workspace=Workspace(folder),
        name="reference",
        n=n,
        horizon=HORIZON,
        shard_rows=ROWS,
        scheduler=scheduler,
        workers=workers,
    )
    path = folder / "scenarios.parquet"
    order(request).to_file(path, "replace")
    return path


def walked(folder: Path, scheduler: str = "", jobs: int = 1, first: str = "2017-01-01") -> Path:
    """Backtest two baselines on two assets: four chains."""
    request = BacktestRequest.of(
        ["SP500", "NASDAQ"],
        Workspace(folder),
        source="sample",
        first=first,
        models=("gjr-fhs", "garch-t"),
        horizons=(1,),
        jobs=jobs,
        scheduler=scheduler,
    )
    backtest(request)
    return folder / "reports"


def table(name: str, runs: dict[str, Callable[[Path], Path]]) -> None:
    """Print the seconds of each run, the plain one first. All must write the same bytes."""
    plain, expected = 0.0, dict[str, bytes]()
    for run, action in runs.items():
        with tempfile.TemporaryDirectory() as folder:
            clock, processors, found = timed(partial(action, Path(folder)))
        plain, expected = plain or processors, expected or found
        assert found == expected, f"{name}, {run}: other bytes"
        more = f"{processors / plain:>8.2f} ×"
        print(f"{name:<34}{run:<14}{clock:>8.1f} s{processors:>8.1f} s{more}", flush=True)


def main() -> None:
    """Print the table."""
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(", ".join(f"{name} {version}" for name, version in library_versions().items()))
    print(
        "same bytes in every row; seconds of the clock, of the processors, and those beside plain"
    )
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.ERROR
    ) as cluster:
        address = str(cluster.scheduler_address)
        with tempfile.TemporaryDirectory() as folder:  # loads the libraries
            files(Path(folder), address, n=2 * ROWS)
            walked(Path(folder), address, first="2018-06-01")
            files(Path(folder), n=ROWS)
        table(
            f"{N:,} × {HORIZON} in {-(-N // ROWS)} files",
            {
                "plain": files,
                "--workers 2": lambda folder: files(folder, workers=2),
                "cluster": lambda folder: files(folder, address),
            },
        )
        table(
            "backtest, 4 chains of 2 years",
            {
                "plain": walked,
                "--jobs 2": lambda folder: walked(folder, jobs=2),
                "cluster": lambda folder: walked(folder, address),
            },
        )


if __name__ == "__main__":
    main()
