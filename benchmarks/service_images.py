"""Build both container images of ``docs/deploy``, measure them, and use them as Docker does.

``python benchmarks/service_images.py --base IMAGE`` passes other options to ``buildah build``.

It needs Linux, root, ``buildah``, ``crun``, ``curl`` and ``pstree``. A container has its own
processes and network, no capabilities, and the user, variables, entry point and check of health of
its image. So `simgan` is process 1 there, and signals come from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
IMAGES = {"simgan": "Dockerfile", "simgan-sampling": "Dockerfile.sampling"}
USER = 10001
ADDRESS = "http://127.0.0.1:8000"
FIT = {"kind": "fit", "tickers": ["SP500"], "source": "sample", "preset": "quick"}
BACKTEST = {"kind": "backtest", "tickers": ["SP500"], "source": "sample", "first": "2016-01-04"}
PAGES = ("/", "/models/reference", "/docs")
MB = 1e6
LONGEST = 1800.0  # seconds of a job on a busy machine
# crun refuses a machine that has cgroups of both versions, and needs none here.
NO_CGROUPS = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup; exec "$@"', "sh"]


def output(*command: str) -> str:
    """Run a command, and return what it prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@dataclass
class Image:
    """An image that was built, mounted for its containers."""

    name: str
    facts: Mapping[str, Any] = field(init=False)
    mounted: str = field(init=False)
    root: str = field(init=False)

    def __post_init__(self) -> None:
        self.facts = json.loads(output("buildah", "inspect", "--type", "image", self.name))
        self.mounted = output("buildah", "from", "--pull-never", self.name)
        self.root = output("buildah", "mount", self.mounted)

    def layers(self) -> list[int]:
        """Return the bytes of the layers, as Docker tells them."""
        return [layer["size"] for layer in json.loads(self.facts["Manifest"])["layers"]]

    def settings(self) -> Mapping[str, Any]:
        """Return the user, variables, commands and check of health."""
        settings: Mapping[str, Any] = self.facts["Docker"]["config"]
        return settings


@dataclass
class Container:
    """A container that runs. Its files `out` and `err` are in a folder."""

    image: Image
    process: subprocess.Popen[bytes]
    pid: int
    folder: Path
    token: str = ""

    def printed(self) -> list[str]:
        """Wait for its end, and return the lines of its output and of its errors."""
        self.process.wait(300)
        return [line for name in ("out", "err") for line in (self.folder / name).open()]

    def ask(self, path: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        """Ask by curl from inside of its network."""
        header = ["-H", f"Authorization: Bearer {self.token}"] if self.token else []
        command = ["nsenter", "-t", str(self.pid), "-n", "curl", "-sf", *header, *options]
        return subprocess.run([*command, ADDRESS + path], capture_output=True, check=False)

    def order(self, words: Mapping[str, object]) -> str:
        """Order a job and return its number."""
        kind = "Content-Type: application/json"
        answer = self.ask("/v1/jobs", "-X", "POST", "-H", kind, "-d", json.dumps(words))
        return str(json.loads(answer.stdout)["id"])

    def job(self, name: str) -> dict[str, Any]:
        """Return the facts of a job."""
        found: dict[str, Any] = json.loads(self.ask(f"/v1/jobs/{name}").stdout)
        return found

    def is_healthy(self) -> bool:
        """Run the check of health of the image, as its user, with a proxy that is not there."""
        settings = self.image.settings()
        inside = ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-r", "-w", "-S", str(USER)]
        variables = ["env", "-i", *settings["Env"], "http_proxy=http://nowhere:1"]
        test = settings["Healthcheck"]["Test"][1:]
        return subprocess.run([*inside, *variables, *test], check=False).returncode == 0

    def zombies(self) -> int:
        """Count processes below process 1 that nobody awaits."""
        lines = output("ps", "-e", "-o", "ppid=,stat=").splitlines()
        return sum(line.split()[0] == str(self.pid) and " Z" in line for line in lines)

    def end(self) -> tuple[float, int]:
        """Send SIGTERM to process 1. Return the seconds to its end, and the exit code."""
        begun = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        code = self.process.wait(60)
        return time.monotonic() - begun, code


@contextmanager
def running(
    image: Image, volume: Path, *words: str, read_only: bool = False
) -> Iterator[Container]:
    """Run an image on a volume."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        described = specification(image, volume, words, read_only)
        (folder / "config.json").write_text(json.dumps(described))
        number, options = folder / "pid", ["--root", f"{name}/state", "--cgroup-manager=disabled"]
        command = [*NO_CGROUPS, "crun", *options, "run", "--bundle", name, f"--pid-file={number}"]
        with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
            process = subprocess.Popen([*command, folder.name], stdout=out, stderr=err)
        until(lambda: number.exists() or process.poll() is not None)
        pid = int(number.read_text())
        try:
            yield Container(image, process, pid, folder)
        finally:
            if process.poll() is None:
                os.kill(pid, signal.SIGKILL)
            process.wait()


def specification(
    image: Image, volume: Path, words: tuple[str, ...], read_only: bool
) -> dict[str, Any]:
    """Return the container as OCI describes it."""
    settings = image.settings()
    with tempfile.TemporaryDirectory() as folder:
        output("crun", "spec", "-f", f"{folder}/config.json")
        made: dict[str, Any] = json.loads(Path(folder, "config.json").read_text())
    made["process"] |= {
        "terminal": False,
        "user": {"uid": USER, "gid": USER},
        "args": [*settings["Entrypoint"], *(words or settings["Cmd"])],
        "env": settings["Env"],
        "cwd": settings["WorkingDir"],
        "capabilities": {},
        "rlimits": [],
    }
    made["root"] = {"path": image.root, "readonly": read_only}
    mounts = [mount for mount in made["mounts"] if not mount["destination"].startswith("/sys")]
    made["mounts"] = [
        *mounts,
        {"destination": "/workspace", "source": str(volume), "options": ["bind", "rw"]},
    ]
    kinds = ("pid", "network", "ipc", "uts", "mount")
    made["linux"] = {"namespaces": [{"type": kind} for kind in kinds]}
    return made


def until(holds: Callable[[], bool], seconds: float = 300.0, pause: float = 0.1) -> float:
    """Wait until something is true, and return the seconds."""
    begun = time.monotonic()
    while not holds() and time.monotonic() < begun + seconds:
        time.sleep(pause)
    return time.monotonic() - begun


def said(image: Image, volume: Path, *words: str) -> str:
    """Run a command in a container, and return its exit code and the last line that it prints."""
    with running(image, volume, *words) as container:
        line = container.printed()[-1].strip()
        return f"{container.process.returncode}: {line}"


def tell(subject: str, *facts: object) -> None:
    """Print a row."""
    print(f"  {subject:<38}", *facts, flush=True)


def show_size(image: Image) -> None:
    """Print the bytes of the layers."""
    base, *others = image.layers()
    on_it = sum(others) / MB
    tell("MB", f"{base / MB + on_it:,.1f}: {base / MB:,.1f} of the base and {on_it:,.1f} on it")


def use(image: Image, folder: Path) -> None:
    """Make a token, serve, draw, order jobs and end."""
    volume, empty, of_root = folder / "volume", folder / "empty", folder / "root"
    for place in (volume, empty, of_root):
        place.mkdir()
    os.chown(volume, USER, USER)
    os.chown(empty, USER, USER)
    tell("without a token", said(image, empty))
    tell("on a folder of root", said(image, of_root, "serve", "token", "add", "all"))
    with running(image, volume, "serve", "token", "add", "all") as container:
        token = container.printed()[0].strip()
    for read_only in (False, True):
        print("  read-only root:" if read_only else "  writable root:")
        with running(image, volume, read_only=read_only) as container:
            container.token = token
            show_service(container, folder)
            if not read_only:
                show_jobs(container)
            seconds, code = container.end()
            tell("SIGTERM", f"{seconds:.1f} s, exit code {code}")


def show_service(container: Container, folder: Path) -> None:
    """Print the answers of a service."""
    tell("ready", f"after {until(lambda: container.ask('/readyz').returncode == 0):.1f} s")
    tell("check of health, beside a proxy", "passes" if container.is_healthy() else "fails")
    readers = {"csv": pl.read_csv, "parquet": pl.read_parquet, "arrows": pl.read_ipc_stream}
    shapes = set()
    for kind, read in readers.items():
        path = f"/v1/models/reference/scenarios?n=1000&format={kind}"
        container.ask(path, "-o", str(folder / kind))
        shapes.add(read(folder / kind).shape)
    tell("1,000 scenarios, csv, parquet, arrows", *shapes)
    body = ["-X", "POST", "-H", "Content-Type: application/json", "-d", '{"position": 250000}']
    [first, *_] = json.loads(container.ask("/v1/models/reference/risk", *body).stdout)["risk"]
    tell(
        "risk", f"VaR {first['value_at_risk']:.4f} over {first['horizon']} day at {first['level']}"
    )
    found = [container.ask(path, "-H", "Accept: text/html").stdout for path in PAGES]
    tell("bytes of pages", *map(len, found))


def show_jobs(container: Container) -> None:
    """Order a fit, and a backtest that is cancelled."""
    name = container.order(FIT)
    ends = ("done", "failed", "cancelled")
    seconds = until(lambda: container.job(name)["state"] in ends, LONGEST, pause=1.0)
    job = container.job(name)
    reason = (job["problem"] or {}).get("detail", "")
    tell("a quick fit", job["state"], f"after {seconds:.0f} s {reason}".rstrip())
    if job["state"] != "done":
        return
    name = container.order(BACKTEST)
    until(lambda: "spawn_main" in output("pstree", "-a", str(container.pid)))
    container.ask(f"/v1/jobs/{name}", "-X", "DELETE")
    seconds = until(lambda: container.job(name)["state"] in ends)
    tell("a backtest", container.job(name)["state"], f"after {seconds:.1f} s")
    time.sleep(1.0)
    tell("zombies", container.zombies())


def main() -> None:
    """Build, measure and use both images."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="python:3.12-slim")
    given, others = parser.parse_known_args()
    base = output("buildah", "from", given.base)
    python = output("buildah", "run", base, "python", "--version")
    output("buildah", "rm", base)
    print(f"{datetime.now(UTC).date()}, base {given.base}: {python}")
    for name, file in IMAGES.items():
        begun = time.monotonic()
        words = ["--format", "docker", "--build-arg", f"BASE={given.base}", *others]
        subprocess.run(
            ["buildah", "build", *words, "-f", f"docs/deploy/{file}", "-t", name, "."],
            cwd=ROOT,
            stdout=sys.stderr,
            check=True,
        )
        print(f"{file}, built in {time.monotonic() - begun:.0f} s")
        image = Image(name)
        show_size(image)
        folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
        folder.chmod(0o755)
        try:
            use(image, folder)
        finally:
            shutil.rmtree(folder)
            output("buildah", "rm", image.mounted)


if __name__ == "__main__":
    main()
