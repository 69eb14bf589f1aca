"""Measure the cost of joint scenarios: `python benchmarks/joint_cost.py BOOK --workspace FOLDER`.

BOOK is a model of several assets. Its scenarios of 21 days are timed beside those of its assets,
each drawn by itself, in turn and in processor seconds. The ratio is that of the rates per asset and
day. The target is .5.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np

import simgan
from simgan.provenance import library_versions
from simgan.recipe.blueprints.joint import Joint
from simgan.sampling.runtimes import runtime_of
from simgan.sampling.runtimes.cpu import CpuRuntime

PATHS, DAYS, ROUNDS = 2048, 21, 15


def seconds(run: Callable[[], object]) -> float:
    """Return the processor seconds of a call."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


@click.command()
@click.argument("book")
@click.option("--workspace", type=click.Path(path_type=Path), default=Path())
def main(book: str, workspace: Path) -> None:
    """Print processor seconds per asset and day, together and alone, and the ratio of the rates."""
    bundle = simgan.load(book, workspace=workspace).bundle
    blueprint = bundle.manifest.blueprint
    if not isinstance(blueprint, Joint):
        raise click.UsageError(f"{book} is a model of one asset.")
    together = runtime_of("cpu", blueprint, bundle.weights)
    memory = np.tile(bundle.latest, (PATHS, 1, 1))
    own = [
        np.ascontiguousarray(memory[:, column : column + 1, : member.width])
        for column, member in enumerate(blueprint.members)
    ]
    each = [
        CpuRuntime(member, blueprint.of_member(bundle.weights, column))
        for column, member in enumerate(blueprint.members)
    ]
    rng = np.random.default_rng(0)

    def drawn(latent: int) -> np.ndarray:
        return rng.standard_normal((DAYS, PATHS, latent), dtype=np.float32)

    def alone() -> None:
        for runtime, state in zip(each, own, strict=True):
            runtime.roll(state, drawn(runtime.blueprint.latent))

    runs = (lambda: together.roll(memory, drawn(blueprint.latent)), alone)
    for run in runs:
        run()
    found = np.array([[seconds(run) for run in runs] for _ in range(ROUNDS)])
    per_step = np.median(found, axis=0) / (PATHS * DAYS * blueprint.assets)
    version = library_versions()["simgan"]
    click.echo(f"{book}, {blueprint.assets} assets, {datetime.now(UTC):%Y-%m-%d}, simgan {version}")
    click.echo(f"nanoseconds per asset and day: together {1e9 * per_step[0]:.0f}, ", nl=False)
    click.echo(f"alone {1e9 * per_step[1]:.0f}")
    click.echo(f"ratio of the rates {np.median(found[:, 1] / found[:, 0]):.2f}")


if __name__ == "__main__":
    main()
