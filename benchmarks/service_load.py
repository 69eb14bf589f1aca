"""The service under load, on loopback: small requests beside long streams, slow and idle readers.

    python benchmarks/service_load.py | tee benchmarks/service_load.txt    six minutes, idle machine
    python benchmarks/service_load.py --seconds 20                         a look

The server is `simgan serve` with one worker and its default limits. Readers are processes of their
own on the same cores, as in any use of one machine.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from simgan.provenance import library_versions

SMALL = "/v1/models/reference/scenarios?n=100&seed={}&first={}"
LONG = "/v1/models/reference/scenarios?n=400000000&seed={}&format={}"  # 21 days, 110 GB of CSV
BURST, STREAMS, IDLE = 200, 8, 50
EACH = 10.0  # seconds between two bursts: the limit of requests allows it
_PIECE = 2**20


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    process: subprocess.Popen[str]
    port: int

    @property
    def memory(self) -> float:
        """Resident memory of the server in MB, without the supervisor of jobs."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    @property
    def spent(self) -> float:
        """Milliseconds of processor time that the server has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """Return the JSON of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        found: dict[str, object] = json.loads(answer.read())
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {found}")
        return found

    def reader(self, path: str) -> socket.socket:
        """Ask for a path, and leave the answer to be read."""
        connection = socket.create_connection(("127.0.0.1", self.port), 60)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        return connection


@contextmanager
def served(workspace: Path) -> Iterator[Server]:
    """Serve a workspace at a free port."""
    command = [sys.executable, "-m", "simgan", "serve", "--port", "0", "--workspace"]
    process = subprocess.Popen(
        [*command, str(workspace)],
        stdout=subprocess.PIPE,
        stderr=(workspace / "log").open("w"),
        text=True,
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().split()[-1]
        yield Server(process, int(address.rstrip("/").rpartition(":")[2]))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def burst(port: int, paths: list[str]) -> list[float]:
    """Return the milliseconds of requests that are sent at once, each by a new connection."""

    async def one(path: str) -> float:
        started = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        writer.write(f"{request}Connection: close\r\n\r\n".encode())
        answer = await reader.read(-1)
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200") or answer.count(b"\n") < 101:
            raise SystemExit(f"a small request was answered by {answer[:300]!r}")
        return 1000 * (time.perf_counter() - started)

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*map(one, paths))

    return asyncio.run(all_of_them())


def of_seeds(first: int, count: int = BURST) -> list[str]:
    """Return small requests of different seeds: nothing that is kept helps with them."""
    return [SMALL.format(seed, 0) for seed in range(first, first + count)]


def pages(seed: int) -> list[str]:
    """Return small requests that follow each other to 20,000 scenarios."""
    return [SMALL.format(seed, 100 * page) for page in range(BURST)]


def one_by_one(port: int, count: int, first: int) -> list[float]:
    """Return the milliseconds of small requests that follow each other."""
    return [burst(port, [path])[0] for path in of_seeds(10**9 + first, count)]


def take(port: int, paths: list[str], seconds: float, taken: object) -> None:
    """Read streams for some seconds, and count their bytes."""
    server = Server(None, port)  # type: ignore[arg-type]
    chosen, room, sizes = selectors.DefaultSelector(), bytearray(_PIECE), [0] * len(paths)
    for number, path in enumerate(paths):
        chosen.register(server.reader(path), selectors.EVENT_READ, number)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in chosen.select(1.0):
            size = key.fileobj.recv_into(room)  # type: ignore[union-attr]
            if not size:
                raise SystemExit("a stream ended early")
            sizes[key.data] += size
    with taken.get_lock():  # type: ignore[attr-defined]
        taken.value = sum(sizes)  # type: ignore[attr-defined]
    print("streams, MB of each".ljust(52) + ", ".join(f"{s / 1e6:,.0f}" for s in sizes), flush=True)


def of_command(kind: str, seconds: float) -> float:
    """Return the MB a second that `simgan sample` writes to a pipe."""
    command = [sys.executable, "-m", "simgan", "sample", "reference", "--n", "400000000"]
    process = subprocess.Popen(
        [*command, "-o", "-", "--format", kind], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    room = bytearray(_PIECE)
    process.stdout.readinto(room)  # the start is no part of the rate
    started, size = time.perf_counter(), 0
    while (spent := time.perf_counter() - started) < seconds:
        size += process.stdout.readinto(room)  # type: ignore[attr-defined]
    process.kill()
    process.wait()
    return size / spent / 1e6


def loaded(server: Server, kind: str, seconds: float) -> tuple[float, list[float]]:
    """Return the MB a second of eight streams, and the milliseconds of bursts beside them."""
    taken = multiprocessing.Value("q", 0)
    paths = [LONG.format(seed, kind) for seed in range(STREAMS)]
    reader = multiprocessing.Process(target=take, args=(server.port, paths, seconds, taken))
    reader.start()
    end, found = time.perf_counter() + seconds, []
    time.sleep(2.0)  # until all streams run
    while time.perf_counter() < end - EACH / 2:
        first = 10**6 * (1 + len(kind)) + len(found)
        found += burst(server.port, of_seeds(first))
        time.sleep(max(0.0, min(EACH, end - time.perf_counter())))
    reader.join()
    if reader.exitcode:
        raise SystemExit("the reader of the streams failed")
    return taken.value / seconds / 1e6, found


def settled(server: Server) -> float:
    """Return the memory of the server when it grows no more."""
    seen = [server.memory]
    while len(seen) < 4 or max(seen[-4:]) - min(seen[-4:]) > 0.1:
        time.sleep(0.5)
        seen.append(server.memory)
    return seen[-1]


def slow_readers(server: Server, kind: str) -> tuple[float, float]:
    """Return the MB that the server holds for a reader that does not read.

    With them come the MB by which the process stays larger after all have left.
    """
    before = settled(server)
    with ExitStack() as stack:
        for seed in range(STREAMS):
            stack.enter_context(server.reader(LONG.format(seed, kind)))
        during = settled(server)
    after = settled(server)
    return (during - after) / STREAMS, after - before


def idle_events(server: Server) -> tuple[float, float, float]:
    """Return the MB of fifty idle streams of events, and ms until a first event and a cancel."""
    order = {"kind": "fit", "tickers": ["SP500"], "source": "sample", "preset": "thorough"}
    job = server.ask("POST", "/v1/jobs", order)["id"]
    before, first = settled(server), []
    with ExitStack() as stack:
        for _ in range(IDLE):
            started = time.perf_counter()
            reader = stack.enter_context(server.reader(f"/v1/jobs/{job}/events"))
            received = b""
            while b"event:" not in received:
                received += reader.recv(_PIECE)
            first.append(1000 * (time.perf_counter() - started))
        memory = settled(server) - before
        started = time.perf_counter()
        server.ask("DELETE", f"/v1/jobs/{job}")
        while server.ask("GET", f"/v1/jobs/{job}")["state"] != "cancelled":
            time.sleep(0.05)
    return memory, max(first), 1000 * (time.perf_counter() - started)


def line(name: str, *told: str) -> None:
    """Print a measurement."""
    print(f"{name:<52}{'; '.join(told)}", flush=True)


def percentiles(name: str, found: list[float]) -> tuple[float, float]:
    """Print the median and the 99th percentile of some times, and return them."""
    half, most = np.percentile(found, [50, 99])
    line(name, f"p50 {half:,.1f} ms", f"p99 {most:,.1f} ms", f"{len(found):,} requests, no error")
    return float(half), float(most)


def bursts(server: Server, alone: float) -> float:
    """Print bursts of three kinds, and return the median of the first: that of different seeds."""
    kinds = {
        f"small, {BURST} seeds at once, nothing else": of_seeds(0),
        f"the same {BURST} at once again": of_seeds(0),
        f"{BURST} pages of one seed at once": pages(10**8),
    }
    halves, cores = [], len(os.sched_getaffinity(0))
    for name, paths in kinds.items():
        time.sleep(EACH)  # the limit of requests fills up again
        before = server.spent
        half, most = percentiles(name, burst(server.port, paths))
        each = (server.spent - before) / BURST
        floor = f"{BURST * each / cores:,.0f} ms for all at least"
        line("", f"p99 is {most / alone:.1f} × p50 of one", f"{each:.1f} ms of CPU each: {floor}")
        halves.append(half)
    return halves[0]


def main(seconds: float, kinds: list[str]) -> None:
    """Measure, and print."""
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    print(f"{datetime.now(UTC).date()}, {cores} cores, load {load:.1f} before the start")
    print(", ".join(f"{name} {version}" for name, version in library_versions().items()))
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        one_by_one(server.port, 20, 0)  # a warm-up
        alone, _ = percentiles("small, one after the other", one_by_one(server.port, 80, 20))
        for kind in kinds:
            held, stays = slow_readers(server, kind)
            name = f"each of {STREAMS} readers that do not read, {kind}"
            line(name, f"{held:.1f} MB", f"{stays:.0f} MB of work space stay with the process")
        memory, first, cancelled = idle_events(server)
        line(
            f"{IDLE} idle streams of events",
            f"{memory:.1f} MB",
            f"first event {first:,.0f} ms at most",
        )
        line("a fit is cancelled", f"after {cancelled / 1000:.1f} s")
        time.sleep(EACH)  # the limit of requests fills up again
        half = bursts(server, alone)
        for kind in kinds:
            rate, found = loaded(server, kind, seconds)
            _, most = percentiles(f"small, {BURST} at once, {STREAMS} streams of {kind}", found)
            line(
                "",
                f"p99 is {most / half:.1f} × p50 of {BURST} at once, {most / alone:.1f} × of one",
            )
            command = of_command(kind, min(seconds, 20.0))
            share = f"{100 * rate / command:.0f} % of the command's {command:,.0f} MB/s"
            line(f"{STREAMS} streams of {kind}, together", f"{rate:,.0f} MB/s", share)
            line("memory of the server after them", f"{server.memory:,.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="of the long streams")
    parser.add_argument("--formats", default="csv,arrows")
    asked = parser.parse_args()
    main(asked.seconds, asked.formats.split(","))
