"""Fit worlds of six assets whose law is known: the table of docs/generator.md.

    python benchmarks/joint_worlds.py --world dcc            correlations move as in a DCC
    python benchmarks/joint_worlds.py --world independent    assets have nothing in common

simgan and gjr-dcc-fhs learn from 3,000 days and forecast each of the next 1,000. Their scores are
compared with those of the true law, by date. Of the independent world the correlations of free
paths of 1,000 days are printed, too. Needs no data.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click
import numpy as np
from joint import DRAWS, HORIZONS, SCORES, fitted, scored

from simgan.arrays import FloatArray
from simgan.baselines.joint_fhs import FittedVectors
from simgan.baselines.joint_innovations import Days
from simgan.baselines.volatility import FittedVolatility
from simgan.baselines.volatility_parts import Gjr, Normal
from simgan.market.history import History
from simgan.provenance import library_versions
from simgan.risk.comparison import diebold_mariano
from simgan.risk.portfolio_scores import portfolios_on
from simgan.sampling.model import Model
from simgan.scenarios import ScenarioModel
from simgan.seeds import Seed
from simgan.stats.co_movement import CoMemory, HalfLives

ASSETS, KNOWN, TESTED = 6, 3000, 1000
LOADINGS = np.array([0.9, 0.8, 0.7, 0.6, 0.5, -0.4])  # of one factor, behind the long run
WEIGHTS, HALF_LIFE = np.array([0.3, 0.7]), 20.0
ROWS = 20_000  # normal innovations, which stand for their law


def world(kind: str, seed: int) -> FittedVectors:
    """Return the true law."""
    variances = 1e-4 * np.linspace(0.5, 2.0, ASSETS)
    members = tuple(
        FittedVolatility("world", 0.0, Gjr(variance, 0.03, 0.08, 0.90), Normal())
        for variance in variances.tolist()
    )
    rows = Seed(seed).stream("validation").standard_normal((ROWS, ASSETS))
    if kind == "independent":
        return FittedVectors("world", members, Days(rows))
    target = np.outer(LOADINGS, LOADINGS)
    np.fill_diagonal(target, 1.0)
    memory = CoMemory(target, HalfLives((HALF_LIFE,), ()))
    return FittedVectors("world", members, Days(rows), memory, WEIGHTS)


def history_of(law: FittedVectors, seed: int) -> History:
    """Return a history of the law."""
    returns = law.simulate_long_run(KNOWN + TESTED + max(HORIZONS), Seed(seed), 0, 1)[0]
    dates = np.datetime64("2000-01-03") + np.arange(len(returns))
    return History(dates, returns, np.full(ASSETS, 100.0), tuple("ABCDEF"))


def scores_of(model: ScenarioModel, panel: History, seed: int) -> FloatArray:
    """Return the scores (days, horizons, 8) of the days that are tested."""
    days = range(KNOWN, KNOWN + TESTED)
    weights = portfolios_on(panel.log_returns[:KNOWN])
    found = np.empty((TESTED, len(HORIZONS), 8))
    paths = model.forecast(panel.log_returns, days, max(HORIZONS), DRAWS, Seed(seed), panel.ranges)
    for row, (day, drawn) in enumerate(zip(days, paths, strict=True)):
        for column, horizon in enumerate(HORIZONS):
            realized = panel.log_returns[day : day + horizon].sum(axis=0)
            found[row, column] = scored(drawn[:, :horizon].sum(axis=1), realized, weights)
    return found


def told(model: ScenarioModel) -> str:
    """Return the correlations of free paths, of returns and of their sizes."""
    assert isinstance(model, Model)
    paths = model.sample(200, 1000, as_of="stationary").log_returns.astype(np.float64)
    pairs = np.triu_indices(ASSETS, 1)
    found = [
        np.mean([np.corrcoef(part(path).T)[pairs] for path in paths], axis=0)
        for part in (np.asarray, np.abs)
    ]
    ends = [f"{each.min():+.3f} to {each.max():+.3f}" for each in found]
    return f"correlations of free paths: {ends[0]}; of absolute returns: {ends[1]}"


@click.command()
@click.option("--world", "kind", type=click.Choice(["dcc", "independent"]), default="dcc")
@click.option("--seeds", default="0", show_default=True, help="each is another history")
def main(kind: str, seeds: str) -> None:
    """Print scores less those of the true law."""
    version = library_versions()["simgan"]
    click.echo(f"{kind} world, {datetime.now(UTC):%Y-%m-%d}, simgan {version}")
    click.echo(f"less the true law: {', '.join(SCORES)} (statistic); hits at 2.5 %")
    for seed in map(int, seeds.split(",")):
        law = world(kind, seed)
        panel = history_of(law, seed)
        true = scores_of(law, panel, seed)
        for name in ("simgan", "gjr-dcc-fhs"):
            model = fitted(name, panel.rows(slice(KNOWN)), seed)
            own = scores_of(model, panel, seed)
            for column, horizon in enumerate(HORIZONS):
                cells = []
                for number in range(len(SCORES)):
                    one, other = own[:, column, number], true[:, column, number]
                    test = diebold_mariano(one, other, horizon)
                    cells.append(f"{one.mean() - other.mean():+.2e} ({test.statistic:+.1f})")
                hits = " ".join(f"{100 * share:5.2f}" for share in own[:, column, 4:].mean(axis=0))
                click.echo(f"seed {seed}, {name}, {horizon} days: {'  '.join(cells)}  {hits}")
            if name == "simgan":
                click.echo(f"seed {seed}, {told(model)}")


if __name__ == "__main__":
    main()
