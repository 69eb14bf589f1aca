"""The cost of sampling, as ratios measured side by side in one run on an idle machine.

    python benchmarks/sampling.py | tee benchmarks/sampling.txt        about five minutes

The kernel stands beside a vectorised GJR-GARCH-t in NumPy. The writers stand beside the fastest
library for the same finished array, and beside raw bytes. Memory, start and workers are those of
the command.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow.csv import write_csv

import simgan
from simgan.provenance import library_versions
from simgan.sampling.latent import Drawing, normals
from simgan.sampling.runtimes import runtime_of
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import write_file
from simgan.seeds import Seed
from simgan.workflows.sample import SampleRequest, order
from simgan.workspace import Workspace

PATHS, STEPS = 2048, 250
N, HORIZON = 100_000, 250
MODEL = simgan.load("reference")


def best(action: Callable[[], object], times: int = 3) -> float:
    """Least seconds of some runs."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return min(found)


def line(name: str, value: float, unit: str, ratio: float | None = None, against: str = "") -> None:
    """Print a measurement, and how many times something else it is."""
    print(
        f"{name:<52}{value:>10.3f} {unit:<10}"
        + (f"{ratio:>8.2f} × {against}" if ratio is not None else ""),
        flush=True,
    )


def kernels() -> None:
    """Nanoseconds per path and step, noise included."""
    blueprint, weights = MODEL.bundle.manifest.blueprint, MODEL.bundle.weights
    memory = np.tile(MODEL.bundle.latest, (PATHS, 1, 1))

    def rolled(kind: str) -> Callable[[], object]:
        runtime = runtime_of(kind, blueprint, weights)
        return lambda: runtime.roll(
            memory, normals(Seed(0), "latent", 0, slice(0, PATHS), STEPS, 1)
        )

    garch = best(gjr_garch_t) / (PATHS * STEPS) * 1e9
    line("GJR-GARCH-t, vectorised NumPy", garch, "ns/step")
    noise = (
        best(lambda: normals(Seed(0), "latent", 0, slice(0, PATHS), STEPS, 1))
        / (PATHS * STEPS)
        * 1e9
    )
    line("noise of the kernels alone", noise, "ns/step")
    for kind in ("cpu", "numpy"):
        found = best(rolled(kind)) / (PATHS * STEPS) * 1e9
        line(
            f"kernel {kind}",
            found,
            "ns/step",
            garch / found,
            "the steps a second of GJR-GARCH-t (target .1)",
        )


def gjr_garch_t() -> np.ndarray:
    """Simulate as a user would without simgan."""
    noise = np.random.Generator(np.random.Philox(0)).standard_t(5, (STEPS, PATHS)) * np.sqrt(0.6)
    variance, paths = np.ones(PATHS), np.empty((STEPS, PATHS))
    for step in range(STEPS):
        paths[step] = np.sqrt(variance) * noise[step]
        variance = 0.02 + 0.9 * variance + (0.03 + 0.1 * (paths[step] < 0)) * paths[step] ** 2
    return paths


def writers(folder: Path) -> None:
    """Seconds to write 100,000 scenarios of 250 days that are there already."""
    log_returns = (0.01 * np.random.default_rng(0).standard_t(4, (N, HORIZON, 1))).astype(
        np.float32
    )
    sheet = Sheet(0, N, HORIZON, ("asset",))

    def source(first: int, n: int) -> Iterator[Scenarios]:
        for start in range(first, first + n, PATHS):
            yield Scenarios(log_returns[start : min(start + PATHS, first + n)], start)

    def written(ending: str) -> float:
        def write() -> None:
            write_file(source, sheet, folder / f"s.{ending}", "replace")

        return best(write)

    names = ["scenario", *map(str, range(1, HORIZON + 1))]
    columns = [np.arange(N), *np.ascontiguousarray(log_returns[:, :, 0].T)]
    frame, table = pl.DataFrame(dict(zip(names, columns, strict=True))), pa.table(columns, names)
    libraries = {
        "polars": best(lambda: _synced_file(folder / "p.csv", frame.write_csv)),
        "pyarrow": best(
            lambda: _synced_file(folder / "p.csv", lambda path: write_csv(table, path))
        ),
    }
    for name, seconds in libraries.items():
        line(f"CSV by {name}, a table in memory, synced", seconds, "s")
    seconds = written("csv")
    line(
        "CSV by simgan",
        seconds,
        "s",
        seconds / min(libraries.values()),
        "the faster library (target 1.25)",
    )
    raw = best(lambda: _synced(folder / "raw", log_returns))
    line("the bytes alone, synced", raw, "s")
    for ending in ("npy", "parquet", "arrow", "csv.gz", "csv.zst"):
        seconds = written(ending)
        line(f"{ending} by simgan", seconds, "s", seconds / raw, "the bytes")
    drawn_and_written(folder, raw)


def drawn_and_written(folder: Path, raw: float) -> None:
    """Seconds to draw as many scenarios and to write them, in this process and by the command."""
    drawn = best(lambda: [None for _ in MODEL.draw(Drawing(N, HORIZON), MODEL.start())], 2)
    line("drawing as many", drawn, "s")
    for ending in ("npy", "parquet", "csv"):
        order_of_it = order(
            SampleRequest(workspace=Workspace(folder), name="reference", n=N, horizon=HORIZON)
        )
        seconds = best(
            lambda ending=ending, it=order_of_it: it.to_file(folder / f"d.{ending}", "replace"), 2
        )
        line(
            f"{ending}, drawn and written",
            seconds,
            "s",
            seconds / (raw + drawn),
            "drawing and the bytes (target 1.25)",
        )
    for ending in ("npy", "parquet", "csv"):
        command = [*_sample(N, HORIZON), "-o", str(folder / f"c.{ending}"), "--force"]
        seconds = best(
            lambda command=command: subprocess.run(command, check=True, capture_output=True), 2
        )
        line(
            f"simgan sample -o c.{ending}, whole command",
            seconds,
            "s",
            seconds / (raw + drawn),
            "drawing and the bytes",
        )


def _synced_file(path: Path, write: Callable[[Path], object]) -> None:
    write(path)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _synced(path: Path, values: np.ndarray) -> None:
    with path.open("wb") as file:
        file.write(values.data)
        file.flush()
        os.fsync(file.fileno())


def memory(folder: Path) -> None:
    """Peak memory of the command."""
    peaks = {}
    for n in (100_000, 10_000_000):
        code = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
            "capture_output=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [
            sys.executable,
            "-c",
            code,
            *_sample(n, 21),
            "-o",
            str(folder / "m.parquet"),
            "--force",
        ]
        peaks[n] = (
            int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024
        )
    (few, many) = peaks.values()
    line("peak memory, 10⁵ × 21 to Parquet", few, "MiB")
    line(
        "peak memory, 10⁷ × 21 to Parquet",
        many,
        "MiB",
        many / few,
        "that (target 1.1, and 477 MiB)",
    )


def start() -> None:
    """Seconds of a cold process that draws one number."""
    whole = best(
        lambda: subprocess.run([*_sample(1, 1), "-o", "-"], check=True, capture_output=True), 5
    )
    imports = [
        sys.executable,
        "-c",
        "import numpy, scipy.special, polars, click, safetensors.numpy",
    ]
    libraries = best(lambda: subprocess.run(imports, check=True), 5)
    line("Python and its libraries alone", libraries, "s")
    line(
        "simgan sample --n 1 --horizon 1 -o -", whole, "s", whole / libraries, "that (target 1.2 s)"
    )


def workers() -> None:
    """Seconds to draw with one worker and with two, processes started, in a process that has
    imported simgan only.
    """
    code = (
        "import sys, time, simgan; from simgan.sampling.latent import Drawing; model = "
        "simgan.load('reference'); model.runtime; begun = time.perf_counter(); [None for _ in "
        "model.draw(Drawing(400_000, 250), model.start(), int(sys.argv[1]))]; "
        "print(time.perf_counter() - begun)"
    )
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):  # in turn: what else the machine does is the same for both
        for count, seconds in found.items():
            run = subprocess.run(
                [sys.executable, "-c", code, str(count)], check=True, capture_output=True, text=True
            )
            seconds.append(float(run.stdout))
    one, two = (min(seconds) for seconds in found.values())
    line("400,000 × 250, one worker", one, "s")
    line("400,000 × 250, two workers", two, "s", one / two, "as fast (target 1.7)")


def _sample(n: int, horizon: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "simgan",
        "sample",
        "reference",
        "--n",
        str(n),
        "--horizon",
        str(horizon),
    ]


def main() -> None:
    """Print all."""
    versions = ", ".join(
        f"{name} {version}"
        for name, version in library_versions().items()
        if name in ("simgan", "numpy", "pyarrow")
    )
    print(f"sampling, {datetime.now(UTC):%Y-%m-%d}, {versions}, polars {pl.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        kernels()
        writers(Path(folder))
        memory(Path(folder))
        start()
        workers()


if __name__ == "__main__":
    main()
