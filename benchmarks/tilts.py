"""Draw rare scenarios of a book: the table of docs/stress.md.

    simgan fit SPY QQQ TLT IEF GLD VNQ VWO VEA --prices PANEL_ETF8.csv --name ETF8
    python benchmarks/tilts.py ETF8

Each condition is met by 2,000 scenarios from the end of the history. The second effective size is
that of tilts of the days alone, in the order of the market, as they were before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

import click

import simgan
from simgan.errors import SimganError
from simgan.provenance import library_versions
from simgan.sampling.runtimes.joint import JointRuntime

CONDITIONS = (
    ("SPY:cumulative<-0.40", 21),
    ("SPY:cumulative<-0.40", 10),
    ("TLT:cumulative<-0.12", 21),
    ("cumulative<-0.22", 21),
    ("SPY:cumulative<-0.10,QQQ:cumulative>0.05", 21),
)
DRAWS = 2000


def told(model: simgan.Model, condition: str, horizon: int) -> str:
    """Return the effective size and the probability with its error, or the refusal."""
    try:
        found = simgan.sample_given(model, condition, DRAWS, horizon)
    except SimganError:
        return "not found"
    error = "not known" if found.standard_error is None else f"{found.standard_error:.1e}"
    return f"{found.effective_size:6.0f}  {found.probability:.2e} ({error})"


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Print effective sizes and probabilities."""
    version = library_versions()["simgan"]
    click.echo(f"{name}, {datetime.now(UTC):%Y-%m-%d}, simgan {version}")
    click.echo(f"effective size of {DRAWS:,}, probability (standard error): now, of the market")
    model = simgan.load(name)
    for condition, horizon in CONDITIONS:
        now = told(model, condition, horizon)
        with patch.object(JointRuntime, "tilt_of_blocks", lambda *_: None):
            before = told(model, condition, horizon)
        click.echo(f"{condition:<42} {horizon:2} days  {now:<28} {before}")


if __name__ == "__main__":
    main()
