"""Compare joint forecasts of several assets: the table of docs/generator.md.

    python benchmarks/joint.py --panel US12       twelve stocks, 2005-2018
    python benchmarks/joint.py --panel ETF8       eight ETFs, 2012-2018
    python benchmarks/joint.py --panel MIXED8     eight of the single series, 2012-2018

Models are refitted yearly on all days before. Each day has forecasts of one day, and of ten days.
Energy and variogram scores are those of the vector of returns. CRPS, FZ0 and hits at 2.5 % are
those of portfolios: equal weights, minimum variance by the last 250 days, 20 random long-only and
20 long-short ones of seed 0. Differences are tested by date (Diebold and Mariano), and the models
of the 90 % confidence set of FZ0 are named (Hansen, Lunde and Nason). Each asset may lean on the
prior of the package that knows no later day. Finished years are kept in --folder, and so are the
models of single assets, which another joint law can share. Reads the development data in ../shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import pandas as pd
from development_data import MARKET, expect_data, series

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.market.history import History
from simgan.market.panel import joined, on_common_days
from simgan.provenance import library_versions
from simgan.recipe.recipe import Recipe
from simgan.risk.comparison import diebold_mariano, model_confidence_set
from simgan.risk.portfolio_scores import GROUPS, portfolio_scores, portfolios_on
from simgan.risk.vector_scores import energy_score, variogram_score
from simgan.sampling.model import Model
from simgan.scenarios import ScenarioModel
from simgan.seeds import Seed
from simgan.workflows.joint_model import joint_model
from simgan.workflows.leaning import prior_of
from simgan.workflows.train import Assignment, train
from simgan.workspace import Workspace, safe_name

FILES = {"US12": ("PANEL_US12.csv", 2005), "ETF8": ("PANEL_ETF8.csv", 2012)}
MIXED = ("SP500", "NASDAQ", "AAPL", "JPM", "XOM", "KO", "GC=F", "TLT")
REFERENCE = "gjr-dcc-fhs"
CLASSICAL = (
    "gjr-dcc-fhs",
    "gjr-fhs-vectors",
    "gjr-t-copula",
    "ewma-fhs-vectors",
    "stationary-bootstrap",
    "historical-1000",
    "gjr-fhs-independent",
)
HORIZONS, DRAWS, LEVEL = (1, 10), 1000, 0.025
SCORES = ("energy", "variogram", "CRPS", "FZ0")


def panel_of(name: str) -> tuple[History, int]:
    """Return a panel and the first year that is tested."""
    if name in FILES:
        file, first = FILES[name]
        prices = pd.read_csv(MARKET / file, index_col=0, parse_dates=True).dropna()
        returns = np.log(prices).diff().iloc[1:]
        dates, last = returns.index.to_numpy(), prices.iloc[-1].to_numpy()
        return History(dates, returns.to_numpy(), last, tuple(prices)), first
    return on_common_days(joined([series(asset) for asset in MIXED])[0]), 2012


def fitted(name: str, known: History, seed: int, folder: Path | None = None) -> ScenarioModel:
    """Return a model of the days that are known. The models of its assets are kept in a folder."""
    if not name.startswith("simgan"):
        return baseline(name).fit(known.log_returns)
    recipe = Recipe.parse({"seed": seed})
    members = [
        member(recipe, known.only(asset), None if folder is None else folder / safe_name(asset))
        for asset in known.assets
    ]
    return Model(joint_model(name, recipe, known, members, {}))


def member(recipe: Recipe, own: History, folder: Path | None) -> Bundle:
    """Return the model of one asset, from its folder if it was kept there."""
    if folder is not None and folder.exists():
        return read_bundle(folder)
    with TemporaryDirectory() as empty:
        task = Assignment(
            name=own.assets[0],
            history=own,
            source={},
            checkpoint=Path(empty),
            prior=prior_of(recipe, own, Workspace(Path(empty))),
            holds_out=False,
        )
        found = train(recipe, task).bundle
    if folder is not None:
        write_bundle(found, folder)
    return found


def scored(draws: FloatArray, realized: FloatArray, weights: FloatArray) -> FloatArray:
    """Return four scores, and the hits of equal weights, minimum variance and random portfolios."""
    found = portfolio_scores(draws, realized, weights, (LEVEL,))
    means = [found.hits[rows].mean() for rows in GROUPS.values()]
    vectors = [energy_score(draws, realized), variogram_score(draws, realized)]
    return np.array([*vectors, found.crps.mean(), found.fz0.mean(), *means])


def year_of(panel: History, year: int, name: str, seed: int, folder: Path) -> FloatArray:
    """Return the scores (days, horizons, 8) of a year."""
    years = panel.dates.astype("datetime64[Y]").astype(int) + 1970
    first, stop = np.searchsorted(years, [year, year + 1])
    members = folder / "members" / f"{seed}-{year}"
    model = fitted(name, panel.rows(slice(first)), seed, members)
    days = range(first, min(stop, len(panel) - max(HORIZONS) + 1))
    paths = model.forecast(panel.log_returns, days, max(HORIZONS), DRAWS, Seed(seed), panel.ranges)
    found = np.empty((len(days), len(HORIZONS), 8))
    for row, (day, drawn) in enumerate(zip(days, paths, strict=True)):
        weights = portfolios_on(panel.log_returns[:day])
        for column, horizon in enumerate(HORIZONS):
            realized = panel.log_returns[day : day + horizon].sum(axis=0)
            found[row, column] = scored(drawn[:, :horizon].sum(axis=1), realized, weights)
    return found


def walked(panel: History, name: str, seed: int, years: range, folder: Path) -> FloatArray:
    """Return the scores of all years, keeping each that is finished."""
    parts = []
    for year in years:
        file = folder / f"{name}-{seed}-{year}.npy"
        if not file.exists():
            np.save(file, year_of(panel, year, name, seed, folder))
            click.echo(".", nl=False, err=True)
        parts.append(np.load(file))
    return np.concatenate(parts)


def lines(results: Mapping[str, FloatArray], column: int) -> Iterator[str]:
    """Yield the rows of a horizon."""
    horizon = HORIZONS[column]
    reference = results[REFERENCE][:, column]
    for name, scores in results.items():
        cells = []
        for number, score in enumerate(SCORES):
            own, other = scores[:, column, number], reference[:, number]
            scale = other.mean() if score != "FZ0" else 1.0
            difference = (own.mean() - other.mean()) / scale
            shown = f"{100 * difference:+.2f} %" if score != "FZ0" else f"{difference:+.4f}"
            if name != REFERENCE:
                shown += f" ({diebold_mariano(own, other, horizon).statistic:+.1f})"
            cells.append(f"{shown:>17}")
        hits = " ".join(f"{100 * share:5.2f}" for share in scores[:, column, 4:].mean(axis=0))
        yield f"{name:<24}{''.join(cells)}   {hits}"


def kept(results: Mapping[str, FloatArray], column: int) -> str:
    """Return the models in the 90 % confidence set of FZ0 at a horizon."""
    losses = {name: scores[:, column, 3] for name, scores in results.items()}
    found = model_confidence_set(losses, Seed(0), horizon=HORIZONS[column])
    return ", ".join(found.members)


@click.command()
@click.option("--panel", "name", type=click.Choice([*FILES, "MIXED8"]), default="US12")
@click.option("--seeds", default="0", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".joint"))
@click.option("--models", default=",".join(CLASSICAL), help="beside simgan")
def main(name: str, seeds: str, folder: Path, models: str) -> None:
    """Print the table of a panel."""
    expect_data()
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    panel, first = panel_of(name)
    years = range(first, 2019)
    version = library_versions()["simgan"]
    click.echo(f"{name}, {datetime.now(UTC):%Y-%m-%d}, seeds {seeds}, simgan {version}")
    results = {each: walked(panel, each, 0, years, folder) for each in models.split(",")}
    for seed in map(int, seeds.split(",")):
        results[f"simgan, seed {seed}"] = walked(panel, "simgan", seed, years, folder)
    of_seeds = [scores for each, scores in results.items() if each.startswith("simgan")]
    if len(of_seeds) > 1:
        results["simgan, mean of seeds"] = np.mean(of_seeds, axis=0)
    for column, horizon in enumerate(HORIZONS):
        click.echo(f"\nless {REFERENCE}, horizon {horizon}: {', '.join(SCORES)} (statistic);")
        click.echo("hits at 2.5 % of equal weights, minimum variance, long-only, long-short")
        for line in lines(results, column):
            click.echo(line)
        rivals = {each: scores for each, scores in results.items() if "mean of" not in each}
        click.echo(f"90 % confidence set of FZ0: {kept(rivals, column)}")


if __name__ == "__main__":
    main()
