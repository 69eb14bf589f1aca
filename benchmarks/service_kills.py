"""Kill −9 of the server, its supervisor and its worker at random moments, over real jobs.

``python benchmarks/service_kills.py --kills 300 --mean 8`` serves an empty workspace, orders fits,
backtests, reports and looks at price files, and kills a process every `mean` seconds or so. A
server that was killed is started again, as systemd does it. After the last kill the jobs end
undisturbed. The script then does each of them once more by the command line, without a kill.

It checks that no job is lost, that none has two commands at the same time, that none stays
`running` for more than 30 seconds without a process, that a job that is done stays done, and that
the results are those of the undisturbed runs, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simgan.provenance import library_versions
from simgan.service.jobs.command import SIMGAN
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.orders.order import Place
from simgan.service.jobs.processes import MARK, mark_of, marked
from simgan.workspace import Workspace

KINDS = ("server", "supervisor", "worker")
LONGEST = 30.0  # seconds that a job may be `running` without a process
UNFINISHED = 3  # jobs that are kept in the queue
VOLATILE = ("created", "seconds", "libraries", "name", "model", "commands", "path", "page", "links")
PRICES = "date,close\n" + "".join(f"2020-01-{day:02},{100 + day}\n" for day in range(1, 29))
SHORT = {"source": "sample", "start": "2017-06-01"}
FIT = {**SHORT, "kind": "fit", "preset": "quick", "settings": {"warm_steps": 60}}
WALK = {
    **{"kind": "backtest", "source": "sample", "start": "2016-01-04", "first": "2018-07-02"},
    **{"models": ["historical-100", "ewma-normal"], "scenarios": 500},
}


def orders(upload: str) -> Iterator[dict[str, object]]:
    """Yield orders without an end. Those of the same kind have the same result."""
    number = 0
    while True:
        number += 1
        yield {**WALK, "tickers": ["SP500", "NASDAQ"], "name": f"walk{number}"}
        yield {"kind": "inspect", "upload": upload, "start": f"2020-01-{number % 9 + 1:02}"}
        yield {**FIT, "tickers": ["SP500"], "name": f"one{number}"}
        yield {"kind": "report", "name": "reference", "n": 20 + number % 4}
        if number % 3 == 0:
            yield {**FIT, "tickers": ["SP500", "NASDAQ"], "name": f"two{number}"}


@dataclass
class Served:
    """A server that is started again whenever it was killed."""

    root: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    starts: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.root.with_name("server.log")

    def start(self) -> None:
        """Start the server, if it does not run, and wait until it listens."""
        if self.process is not None and self.process.poll() is None:
            return
        words = ["serve", "--workspace", str(self.root), "--port", str(self.port)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "simgan", *words],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "SIMGAN_SERVE_RATE": "1000", "SIMGAN_SERVE_BURST": "1000"},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.starts += 1
        if " at http://" in line:
            self.port = int(line.split()[-1].rstrip("/").rpartition(":")[2])

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Any:
        """Ask until the server answers, and start it where it was killed."""
        while True:
            self.start()
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.port}{path}", body, headers, method=method
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                raise AssertionError(f"{method} {path}: {error.read().decode()}") from None
            except (OSError, ValueError):  # it was killed during the answer
                time.sleep(0.2)

    def order(self, wanted: Mapping[str, object]) -> str:
        """Order a job, and return its identity."""
        return str(self.ask("/v1/jobs", "POST", json.dumps(wanted).encode())["id"])


@dataclass
class Record:
    """The course of a run, and whatever was wrong with it."""

    orders: dict[str, dict[str, object]] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    done: dict[str, str] = field(default_factory=dict)  # hash of the result by job
    faults: list[str] = field(default_factory=list)
    alone: dict[str, float] = field(default_factory=dict)  # moment since when without a process
    longest: float = 0.0

    def watch(self, served: Served) -> list[dict[str, Any]]:
        """Look at all jobs, and return them."""
        workspace = Workspace(served.root)
        jobs = []
        for id in self.orders:
            if id in self.done:
                continue
            job = served.ask(f"/v1/jobs/{id}")
            jobs.append(job)
            leaders = [pid for pid in marked(mark_of(workspace, id)) if _leads(pid)]
            if len(leaders) > 1:
                self.faults.append(f"{id}: {len(leaders)} commands at the same time")
            self._expect_process(job, bool(leaders))
            if job["state"] == "done":
                self.done[id] = _hash(job["result"])
            if job["state"] == "failed":
                self.faults.append(f"{id} failed: {job['problem']} {job['request']}")
                self.done[id] = ""
        return jobs

    def expect_kept(self, served: Served) -> None:
        """Look whether jobs that were done are done still, with the same results."""
        for id, known in self.done.items():
            job = served.ask(f"/v1/jobs/{id}")
            if known and (job["state"] != "done" or _hash(job["result"]) != known):
                self.faults.append(f"{id}: was done, and is {job['state']} with another result")

    def _expect_process(self, job: Mapping[str, Any], is_there: bool) -> None:
        if job["state"] != "running" or is_there:
            self.alone.pop(job["id"], None)
            return
        since = time.monotonic() - self.alone.setdefault(job["id"], time.monotonic())
        self.longest = max(self.longest, since)
        if since > LONGEST:
            self.faults.append(f"{job['id']}: running for {since:.0f} s without a process")
            self.alone[job["id"]] = time.monotonic()


@dataclass
class Killer:
    """Kills processes in a thread of its own, whatever the server is doing."""

    served: Served
    record: Record
    most: int
    mean: float
    seed: int

    @property
    def kills(self) -> int:
        """Number of processes that were killed."""
        return sum(self.record.kills[what] for what in KINDS)

    def work(self) -> None:
        """Kill one process after the other, with random pauses."""
        rng = random.Random(self.seed)
        while self.kills < self.most:
            time.sleep(rng.expovariate(1 / self.mean))
            what = rng.choice(KINDS)
            pids = self._victims(what)
            if pids:
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(pids), signal.SIGKILL)
                    self.record.kills[what] += 1

    def _victims(self, what: str) -> list[int]:
        """Return processes of a kind. A command that was killed twice lives."""
        if what == "worker":
            return self._workers()
        sought = {"server": b"serve", "supervisor": b"simgan.service.jobs"}[what]
        return running(sought, self.served.root)

    def _workers(self) -> list[int]:
        mark = mark_of(Workspace(self.served.root))
        leaders = {pid: job_of(pid, mark) for pid in marked(mark) if _leads(pid)}
        alive = [pid for pid, job in leaders.items() if self.record.kills[job] < 2]
        self.record.kills.update(leaders[pid] for pid in alive)
        return alive[:1]


def running(word: bytes, root: Path) -> list[int]:
    """Return the processes about a workspace whose command has a word."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            words = Path("/proc", name, "cmdline").read_bytes().split(b"\0")
            if word in words and os.fsencode(root) in words:
                found.append(int(name))
    return found


def job_of(pid: int, mark: str) -> str:
    """Return the job of a process."""
    with suppress(OSError):
        variables = Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
        for variable in variables:
            if variable.startswith(f"{MARK}={mark}".encode()):
                return variable.decode().rpartition(":")[2]
    return ""


def disturbed(served: Served, record: Record, killer: Killer) -> None:
    """Order jobs until so many processes were killed. Then wait for the jobs."""
    upload = served.ask("/v1/uploads?name=prices.csv", "POST", PRICES.encode())["id"]
    coming, told = orders(upload), time.monotonic()
    thread = threading.Thread(target=killer.work, daemon=True)
    thread.start()
    while thread.is_alive() or len(record.done) < len(record.orders):
        while thread.is_alive() and len(record.orders) - len(record.done) < UNFINISHED:
            wanted = next(coming)
            record.orders.setdefault(served.order(wanted), wanted)
        record.watch(served)
        time.sleep(0.5)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            line = f"{killer.kills} kills, {len(record.done)} jobs done"
            print(line, file=sys.stderr, flush=True)


def compared(served: Served, record: Record) -> int:
    """Do each kind of order once more without a kill, and compare. Return the number of results."""
    with tempfile.TemporaryDirectory() as folder:
        undisturbed, once, count = Path(folder), dict[str, dict[str, str]](), 0
        (undisturbed / "prices.csv").write_text(PRICES)
        for id, wanted in record.orders.items():
            if not record.done[id]:
                continue
            kind = json.dumps({**wanted, "name": "reference"})
            if kind not in once:
                once[kind] = _by_hand(undisturbed, wanted)
            result = served.ask(f"/v1/jobs/{id}")["result"]
            found = {"result": _hash(_plain(result)), **_files(served.root, wanted)}
            count += 1
            if found != once[kind]:
                differ = [name for name in found if found[name] != once[kind].get(name)]
                record.faults.append(f"{id}: {differ} differ from the undisturbed run: {wanted}")
        return count


def _by_hand(root: Path, wanted: Mapping[str, object]) -> dict[str, str]:
    """Run the command of an order, and return the hashes of its results."""
    order, folder = ORDERS.validate_python(dict(wanted)), Path("job")
    (root / folder).mkdir(exist_ok=True)
    for name, text in order.files().items():
        (root / folder / name).write_text(text)
    place = Place(Workspace(root), folder, Path("prices.csv"), 2, False)
    if wanted["kind"] != "inspect":
        place = place._replace(upload=None)
    done = subprocess.run(
        [*SIMGAN, *order.words(place)], cwd=root, check=False, capture_output=True
    )
    assert order.answers(done.returncode), done.stderr.decode()
    result = order.outcome(place, json.loads(done.stdout)).result
    return {"result": _hash(_plain(dict(result))), **_files(root, wanted)}


def _files(root: Path, wanted: Mapping[str, object]) -> dict[str, str]:
    """Return the hashes of the files of a result, without times and names.

    Reports of one model replace each other. Their numbers are in the result.
    """
    name, kind = str(wanted.get("name")), wanted["kind"]
    if kind == "fit":
        files = sorted((root / "models" / name).iterdir())
    elif kind == "backtest":
        files = sorted((root / "reports").glob(f"{name}-backtest.*"))
    else:
        files = []
    return {
        file.name.replace(name, "NAME"): _hash_of_file(file)
        for file in files
        if file.suffix != ".html"  # with the time at which it was made
    }


def _hash_of_file(file: Path) -> str:
    if file.suffix == ".json":
        return _hash(_plain(json.loads(file.read_text())))
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _plain(data: Any) -> Any:
    """Return JSON without whatever differs between two runs of the same."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items() if key not in VOLATILE}
    return [_plain(each) for each in data] if isinstance(data, list) else data


def _hash(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _leads(pid: int) -> bool:
    with suppress(OSError):
        return os.getsid(pid) == pid
    return False


def main() -> None:
    """Kill, compare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--mean", type=float, default=8.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    begun, record, load = time.monotonic(), Record(), os.getloadavg()[0]
    settings = f"--kills {given.kills} --mean {given.mean:g} --seed {given.seed}"
    print(
        f"{datetime.now(UTC).date()}, service_kills.py {settings}, load {load:.1f} before the start"
    )
    print(
        ", ".join(f"{name} {version}" for name, version in library_versions().items()), flush=True
    )
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder, "workspace"))
        served.root.mkdir()
        try:
            killer = Killer(served, record, given.kills, given.mean, given.seed)
            disturbed(served, record, killer)
            record.expect_kept(served)
            minutes = (time.monotonic() - begun) / 60
            count = compared(served, record)
        finally:
            if served.process is not None:
                served.process.terminate()
                served.process.wait()
    kinds = Counter(str(wanted["kind"]) for wanted in record.orders.values())
    killed = ", ".join(f"{record.kills[what]} × {what}" for what in KINDS)
    print(f"killed: {killed}, in {minutes:.0f} minutes; load {os.getloadavg()[0]:.1f}")
    print(f"jobs: {', '.join(f'{n} × {kind}' for kind, n in kinds.items())}")
    print(f"done: {sum(map(bool, record.done.values()))} of {len(record.orders)}")
    print(f"results compared with undisturbed runs: {count}")
    print(f"longest time of a running job without a process: {record.longest:.1f} s")
    print("\n".join(["faults: none"] if not record.faults else ["faults:", *record.faults]))
    sys.exit(bool(record.faults))


if __name__ == "__main__":
    main()
