"""Is the volatility of a year as scenarios say? By the level, and by how long doubts last.

    python benchmarks/levels.py                     twelve series, a fit and a year after it
    python benchmarks/levels.py --every 500         every second year

A fit sees the last ten years. Of the year after it, the realized volatility is compared with that
of scenarios of 250 days, which continue the history or come from the long run. A 90 % band should
hold it in nine of ten years, and the median should be .5.

Scenarios that continue a history doubt its volatility. The second table has other half lives of
that doubt. Beside the band stand the scores of forecasts from every fifth day until the next fit,
less those with a doubt that lasts as long as the factor: CRPS, and FZ0 at 2.5 %. Level and half
life of the product were chosen by these tables. Reads the development data in ../shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import numpy as np
import pandas as pd
from development_data import expect_data, series
from prior import everything

from simgan.arrays import FloatArray
from simgan.errors import TrainingError
from simgan.market.history import History
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.risk.comparison import diebold_mariano
from simgan.risk.scores import crps, fz0
from simgan.risk.walks import Dates
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import LEVEL
from simgan.scenarios.block import joined
from simgan.seeds import Seed
from simgan.workflows.train import Assignment, train

SERIES = (
    *("SP500", "NASDAQ", "KS11", "005930.KS", "AAPL", "JPM"),
    *("XOM", "KO", "MSFT", "INTC", "GC=F", "TLT"),
)
YEAR, KNOWN, FEWEST, SCENARIOS = 250, 2500, 1250, 2048
STARTS = ("latest", "stationary")
LEVELS = (0.0, 0.2, 0.3)
LONG = (1000, 2500)  # days after and before, of the deviation of the level
DOUBTS = (0.0, 20.0, 40.0, 60.0)  # half lives; the first is that of the factor
HORIZONS, STRIDE, DRAWS, LEVEL_OF_TAIL = (10, 20), 5, 1000, 0.025


class Findings(NamedTuple):
    """Ranks and scores of one fit.

    Attributes
    ----------
    levels : array of shape (starts, levels)
        Ranks of the volatility of the year among those of scenarios.
    doubts : array of shape (half lives,)
        The same by half lives of the doubt.
    dates : array of shape (days,)
        Days of forecasts.
    scores : array of shape (days, half lives, horizons, 2)
        CRPS and FZ0 of log returns in percent.
    """

    levels: FloatArray
    doubts: FloatArray
    dates: Dates
    scores: FloatArray


def findings(history: History, every: int, seed: int) -> Iterator[Findings]:
    """Yield those of each fit to a history."""
    for first in range(FEWEST, len(history) - YEAR + 1, every):
        known = history.rows(slice(max(first - KNOWN, 0), first))
        recipe = Recipe.parse({"preset": "quick", "seed": seed})
        with TemporaryDirectory() as folder:
            task = Assignment(
                name="level", history=known, source={}, checkpoint=Path(folder), holds_out=False
            )
            try:
                model = Model(train(recipe, task).bundle)
            except TrainingError as error:
                click.echo(f"{known.assets[0]}, {known.day(-1)}: {error}", err=True)
                continue
        realized = history.log_returns[first : first + YEAR, 0].std()
        models = [doubting(model, half_life) for half_life in DOUBTS]
        days = range(first, min(first + every, len(history) - max(HORIZONS)), STRIDE)
        yield Findings(
            np.array([[_rank(model, s, x, first, realized) for x in LEVELS] for s in STARTS]),
            np.array([_rank(each, STARTS[0], 0.0, first, realized) for each in models]),
            history.dates[days],
            np.stack([_scores(each, history, days) for each in models], axis=1),
        )


def doubting(model: Model, half_life: float) -> Model:
    """Return the model with another half life of the doubt."""
    bundle = model.bundle
    recipe = bundle.manifest.recipe
    own = recipe.architecture
    assert isinstance(own, StateSpace)
    other = replace(own, doubt_half_life=half_life)
    latest = np.zeros((1, other.width), np.float32)
    same = min(own.width, other.width)
    latest[:, :same] = bundle.latest[:, :same]
    manifest = replace(bundle.manifest, recipe=replace(recipe, architecture=other))
    return Model(replace(bundle, manifest=manifest, latest=latest))


def _rank(model: Model, start: str, level: float, seed: int, realized: float) -> float:
    """Return the share of the scenarios of a year whose volatility is below the realized one."""
    drawing = Drawing(SCENARIOS, YEAR, Seed(seed))
    paths = joined(list(model.draw(drawing, model.start(start).at_level(level))))
    return float(np.mean(paths.log_returns[..., 0].std(axis=1) < realized))


def _scores(model: Model, history: History, days: range) -> FloatArray:
    """Return CRPS and FZ0 (days, horizons, 2) of forecasts."""
    returns, most = history.log_returns, max(HORIZONS)
    found = np.empty((len(days), len(HORIZONS), 2))
    paths = model.forecast(returns, days, most, DRAWS, Seed(0), history.ranges)
    for row, (day, drawn) in enumerate(zip(days, paths, strict=True)):
        for column, horizon in enumerate(HORIZONS):
            draws = 100 * drawn[:, :horizon, 0].sum(axis=1)
            realized = np.array([100 * returns[day : day + horizon, 0].sum()])
            var = -np.quantile(draws, LEVEL_OF_TAIL)
            shortfall = -draws[draws <= -var].mean()
            tail = fz0(np.array([var]), np.array([shortfall]), realized, LEVEL_OF_TAIL)
            found[row, column] = crps(draws[None], realized)[0], tail[0]
    return found


def deviation(histories: list[History]) -> tuple[int, float]:
    """Return count and deviation of the log volatility of four years over that of ten before."""
    after, before = LONG
    found = []
    for history in histories:
        returns = history.log_returns[:, 0]
        for first in range(before, len(returns) - after + 1, after):
            parts = returns[first : first + after], returns[first - before : first]
            found.append(np.log(parts[0].std() / parts[1].std()))
    return len(found), float(np.std(found))


@click.command()
@click.option("--every", default=YEAR, show_default=True, help="days from one fit to the next")
@click.option("--assets", default=",".join(SERIES), help="series")
@click.option("--seed", default=0, show_default=True)
def main(every: int, assets: str, seed: int) -> None:
    """Print the share of years inside the 90 % band, and the median rank."""
    expect_data()
    histories = {name: series(name) for name in assets.split(",")}
    count, spread = deviation([history for _, history in everything()])
    click.echo(f"levels, {datetime.now(UTC):%Y-%m-%d}, seed {seed}; the product's is {LEVEL:g}")
    click.echo(f"log volatility of four years over that of ten: {spread:.2f} ({count} stretches)\n")
    found = {name: list(findings(each, every, seed)) for name, each in histories.items()}
    names = [f"{start}, level {level:g}" for start in STARTS for level in LEVELS]
    _print(names, {name: [one.levels.ravel() for one in fits] for name, fits in found.items()})
    own = StateSpace().doubt_half_life
    click.echo(f"\nhalf lives of the doubt; the product's is {own:g} days")
    names = [f"{half_life:g} days" if half_life else "as the factor" for half_life in DOUBTS]
    _print(names, {name: [one.doubts for one in fits] for name, fits in found.items()})
    for line in _differences([one for fits in found.values() for one in fits]):
        click.echo(line)


def _print(names: list[str], ranks: Mapping[str, list[FloatArray]]) -> None:
    click.echo(f"{'inside the 90 % band, in %':<28}" + "".join(f"{name:>24}" for name in names))
    for name, own in ranks.items():
        _print_row(f"{name}, {len(own)} years", np.array(own))
    every = np.array([rank for own in ranks.values() for rank in own])
    _print_row(f"all, {len(every)} years", every)


def _print_row(label: str, found: FloatArray) -> None:
    inside = 100 * ((found > 0.05) & (found < 0.95)).mean(axis=0)
    medians = np.median(found, axis=0)
    cells = (
        f"{share:.0f} (median {median:.2f})" for share, median in zip(inside, medians, strict=True)
    )
    click.echo(f"{label:<28}" + "".join(f"{cell:>24}" for cell in cells))


def _differences(fits: list[Findings]) -> Iterator[str]:
    """Yield the mean scores by half life less those of the first, with a statistic by date."""
    dates = np.concatenate([one.dates for one in fits])
    scores = np.concatenate([one.scores for one in fits])
    for column, horizon in enumerate(HORIZONS):
        for kind, name in enumerate(("CRPS", "FZ0 at 2.5 %")):
            table = pd.DataFrame(scores[:, :, column, kind]).groupby(dates).mean()
            cells = [""]
            for other in range(1, len(DOUBTS)):
                test = diebold_mariano(
                    table[other].to_numpy(), table[0].to_numpy(), -(-horizon // STRIDE)
                )
                less = float((scores[:, other, column, kind] - scores[:, 0, column, kind]).mean())
                cells.append(f"{less:+.4f} ({test.statistic:+.1f})")
            label = f"{name}, {horizon} days, in percent"
            yield f"{label:<28}" + "".join(f"{cell:>24}" for cell in cells)


if __name__ == "__main__":
    main()
