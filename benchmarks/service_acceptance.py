"""Ask a service for all of a new user's work over HTTP, and compare it with the commands.

    python benchmarks/service_acceptance.py
    python benchmarks/service_acceptance.py --preset default

An empty workspace is served. A fit of the sample S&P 500 and one of a book of three assets are
ordered, and their events are read. 100,000 scenarios of 21 days then come in every format. The
files must be those of `simgan sample`, byte for byte, and the Arrow stream has the table of
Parquet. Risk must be that of `simgan.risk`. The script stops at the first difference. Needs the
packages of the service.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from filecmp import cmp
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pyarrow as pa
import pyarrow.parquet as pq
from service_load import served

import simgan
from simgan.provenance import library_versions
from simgan.service.client import Client

N, HORIZON, POSITION = 100_000, 21, 250_000.0
BOOK = ["SP500", "NASDAQ", "WTI"]
FORMATS = ("csv", "csv.gz", "csv.zst", "jsonl", "npy", "parquet", "arrow", "arrows")


def say(text: str) -> None:
    """Print a line at once."""
    click.echo(text)
    sys.stdout.flush()


def fitted(client: Client, **order: object) -> None:
    """Order a fit, and read its events until it has ended."""
    begun, first = time.perf_counter(), 0.0
    job, count = client.order(kind="fit", **order), 0
    for _ in client.events(job["id"]):
        first, count = first or time.perf_counter() - begun, count + 1
    client.wait(job["id"])
    took = time.perf_counter() - begun
    say(f"fit {order['tickers']}: {took:.0f} s, {count} events, the first after {first:.2f} s")


def compare_scenarios(client: Client, name: str, root: Path, folder: Path) -> None:
    """Compare files of the service with those of the command."""
    for kind in FORMATS:
        begun = time.perf_counter()
        theirs = client.draw(name, folder / f"{name}.{kind}", n=N, horizon=HORIZON)
        took = time.perf_counter() - begun
        own = folder / f"{name}-by-command.{kind}"
        words = ["sample", name, "--workspace", str(root), "-o", str(own)]
        words += ["--n", str(N), "--horizon", str(HORIZON)]
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "simgan", *words], check=True, capture_output=True)
        command = time.perf_counter() - begun
        assert cmp(theirs, own, shallow=False), f"{theirs} is not {own}"
        size = theirs.stat().st_size / 1e6
        say(f"{name} as {kind}: {size:.0f} MB equal; {took:.1f} s, the command {command:.1f} s")
    table = pa.ipc.open_stream((folder / f"{name}.arrows").read_bytes()).read_all()
    parquet = pq.read_table(folder / f"{name}-by-command.parquet")
    assert table.equals(parquet), f"{name}: another Arrow table"
    say(f"{name}: {table.num_rows:,} rows of the Arrow stream are those of Parquet")


def compare_risk(client: Client, name: str, root: Path) -> None:
    """Compare VaR and ES of the service with those of Python."""
    theirs = client.risk(name, position=POSITION)
    own = simgan.risk(name, position=POSITION, workspace=root).to_json()
    shared = {key: value for key, value in own.items() if key not in ("page", "seconds")}
    for key, value in shared.items():
        assert theirs[key] == value, f"risk of {name} differs in {key}"
    say(f"risk of {name}: {len(shared)} parts equal")


@click.command()
@click.option("--preset", default="quick", show_default=True)
def main(preset: str) -> None:
    """Compare, and print what was equal."""
    say(f"{datetime.now(UTC):%Y-%m-%d}, simgan {library_versions()['simgan']}, preset {preset}")
    with TemporaryDirectory() as place:
        root, folder = Path(place) / "workspace", Path(place)
        root.mkdir()
        with served(root) as server:
            client = Client(f"http://127.0.0.1:{server.port}", timeout=600.0)
            assert [model["name"] for model in client.models()] == ["reference"]
            fitted(client, tickers=["SP500"], source="sample", preset=preset)
            fitted(client, tickers=BOOK, source="sample", preset=preset, name="BOOK")
            for name in ("SP500", "BOOK"):
                compare_scenarios(client, name, root, folder)
                compare_risk(client, name, root)


if __name__ == "__main__":
    main()
