"""Seconds to write 100,000 scenarios of 250 days, for each file format, beside the raw bytes of the array.

Run: ``python benchmarks/write_formats.py [FOLDER]``; drawing is left out, the sync of the disk is in.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from simgan.scenarios.formats import FORMATS
from simgan.scenarios.product import Scenarios
from simgan.scenarios.sheet import Sheet
from simgan.scenarios.writing import write_file

N, HORIZON, BLOCK = 100_000, 250, 4096


def main(folder: Path) -> None:
    """Print a row per format: seconds, megabytes, megabytes per second of float32, and the ratio to raw bytes."""
    rng = np.random.default_rng(0)
    log_returns = (0.01 * rng.standard_t(4, size=(N, HORIZON, 1))).astype(np.float32)
    sheet = Sheet(0, N, HORIZON, ("asset",))

    def source(first: int, n: int) -> Iterator[Scenarios]:
        for start in range(first, first + n, BLOCK):
            yield Scenarios(log_returns[start : min(start + BLOCK, first + n)], start)

    raw = _seconds(partial((folder / "raw").write_bytes, log_returns.data))
    print(f"{'format':8} {'seconds':>8} {'MB':>6} {'MB/s':>6} {'× raw':>6}")
    print(f"{'raw':8} {raw:8.2f} {log_returns.nbytes / 1e6:6.0f} {log_returns.nbytes / 1e6 / raw:6.0f} {1:6.1f}")
    for kind in FORMATS:
        path = folder / f"scenarios.{kind}"
        seconds = _seconds(partial(write_file, source, sheet, path))
        size = path.stat().st_size / 1e6
        print(f"{kind:8} {seconds:8.2f} {size:6.0f} {log_returns.nbytes / 1e6 / seconds:6.0f} {seconds / raw:6.1f}")
        path.unlink()


def _seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        main(Path(folder))
