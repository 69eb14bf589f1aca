"""Seconds to the first answer: settings, a mistyped name, and three scenarios of the reference
model.

    python benchmarks/doors.py > benchmarks/doors.txt

Each command runs in a process of its own. The rounds alternate between the commands, so that other
work on the machine disturbs all of them alike. The table gives medians.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from statistics import median

import click

PASS = ("-c", "pass")
LIST = ("-m", "simgan", "fit", "--list-settings")
MISTYPED = ("-m", "simgan", "fit", "SP500", "--source", "sample", "--set", "rte=1")
OBJECTIVE = ("-m", "simgan", "fit", "SP500", "--source", "sample", "--objective", "hingle")
LOAD = ("-c", "import simgan; simgan.load('reference').sample(3)")
DIRECT = (
    "-c",
    "from pathlib import Path; from simgan.sampling.model import Model; "
    "from simgan.workflows.models import load_bundle; from simgan.workspace import Workspace; "
    "Model(load_bundle(Workspace(Path()), 'reference')).sample(3)",
)


def seconds(arguments: tuple[str, ...]) -> float:
    """Return the wall time of one run of Python."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    return time.perf_counter() - started


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Runs of each command.")
def main(rounds: int) -> None:
    """Print the medians, and the two ratios that the doors promise."""
    commands = (PASS, LIST, MISTYPED, OBJECTIVE, LOAD, DIRECT)
    for command in commands:  # the first run fills the caches of the system
        seconds(command)
    runs = [[seconds(command) for command in commands] for _ in range(rounds)]
    nothing, listed, mistyped, objective, loaded, direct = map(median, zip(*runs, strict=True))
    allowed = 10 * nothing + 0.3
    click.echo(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    click.echo(f"{'python -c pass':<42}{nothing:>7.2f} s")
    for name, found in (
        ("simgan fit --list-settings", listed),
        ("simgan fit … --set rte=1", mistyped),
        ("simgan fit … --objective hingle", objective),
    ):
        click.echo(f"{name:<42}{found:>7.2f} s   at most {allowed:.2f} s (10 × pass + 0.3)")
    click.echo(f"{'the same objects, imported directly':<42}{direct:>7.2f} s")
    click.echo(f"{'simgan.load(…).sample(3)':<42}{loaded:>7.2f} s   {loaded / direct:.2f} × direct")


if __name__ == "__main__":
    main()
