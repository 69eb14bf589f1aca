"""Compare the generator with its rivals, and measure its paths: the tables of docs/generator.md.

    python benchmarks/generator.py out-of-sample   S&P 500, tested 2000-2016, refitted yearly
    python benchmarks/generator.py pooled          twelve series, the last 40 % of each
    python benchmarks/generator.py ranges          with and without open, high and low
    python benchmarks/generator.py bars            open, high, low and close of free paths
    python benchmarks/generator.py in-sample       S&P 500 2009-2018 and 1990-2018, free-running
    python benchmarks/generator.py clusters        every series, free-running, beside baselines
    python benchmarks/generator.py functionals     what a linear critic sees in free paths
    python benchmarks/generator.py path-scores     scores of several days as a loss
    python benchmarks/generator.py conditional-critic    a critic that sees the past
    python benchmarks/generator.py both-tracks     a critic that sees returns and ranges
    python benchmarks/generator.py ablation        the effect of each part
    python benchmarks/generator.py robust          every series, and some made to be difficult
    python benchmarks/generator.py recovery        forecasts of a simulated GJR
    python benchmarks/generator.py cost            seconds, beside a temporal convolutional network

An interrupted table goes on, because --folder keeps finished work. `--seeds 0,1` and
`--assets SP500` make a table short: one asset and one seed take a few minutes.

All commands need the development data in ../shared. docs/generator.md names a command on the sample
series for each table.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from development_data import expect_data
from generator_bars import bars
from generator_both_tracks import both_tracks
from generator_clusters import clusters
from generator_cost import cost
from generator_critic_bets import conditional_critic, path_scores
from generator_forecasts import POOL, Given, out_of_sample, pooled
from generator_functionals import linear_critic
from generator_paths import ablation, in_sample, recovery, robust
from generator_ranges import ranges

from simgan.provenance import library_versions


@click.group(
    commands=[
        *(out_of_sample, pooled, ranges, bars, in_sample, clusters, linear_critic),
        *(path_scores, conditional_critic, both_tracks),
        *(ablation, robust, recovery, cost),
    ]
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(".generator"),
    show_default=True,
    help="keeps what is finished",
)
@click.option("--seeds", default="0,1,2,3,4", show_default=True)
@click.option("--assets", default=",".join(POOL), help="of the pooled table")
@click.option("--jobs", default=2, show_default=True)
@click.pass_context
def main(context: click.Context, folder: Path, seeds: str, assets: str, jobs: int) -> None:
    """Print a table."""
    expect_data()
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    context.obj = Given(folder, [int(seed) for seed in seeds.split(",")], assets.split(","), jobs)
    versions = ", ".join(
        f"{name} {version}"
        for name, version in library_versions().items()
        if name in ("simgan", "tensorflow", "numpy")
    )
    click.echo(
        f"{context.invoked_subcommand}, {datetime.now(UTC):%Y-%m-%d}, seeds {seeds}, {versions}"
    )


if __name__ == "__main__":
    main()
