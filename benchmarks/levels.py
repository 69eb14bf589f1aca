"""Is the volatility of a year as scenarios say? With the long-run level of a history, and drawn.

    python benchmarks/levels.py                     twelve series, a fit and a year after it
    python benchmarks/levels.py --every 500         every second year

A fit sees the last ten years. Of the year after it, the realized volatility is compared with that
of scenarios of 250 days, which continue the history or come from the long run. A 90 % band should
hold it in nine of ten years. The level of the product was chosen by this table. Reads the
development data in ../shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from development_data import expect_data, series
from prior import everything

from simgan.arrays import FloatArray
from simgan.errors import TrainingError
from simgan.market.history import History
from simgan.recipe.recipe import Recipe
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


def ranks(history: History, every: int, seed: int) -> Iterator[FloatArray]:
    """Yield the ranks (starts, levels) of the volatility of a year among those of scenarios."""
    for first in range(FEWEST, len(history) - YEAR + 1, every):
        known = history.rows(slice(max(first - KNOWN, 0), first))
        realized = history.log_returns[first : first + YEAR, 0].std()
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
        found = np.empty((len(STARTS), len(LEVELS)))
        for row, start in enumerate(STARTS):
            for column, level in enumerate(LEVELS):
                drawing = Drawing(SCENARIOS, YEAR, Seed(first))
                paths = joined(list(model.draw(drawing, model.start(start).at_level(level))))
                found[row, column] = np.mean(paths.log_returns[..., 0].std(axis=1) < realized)
        yield found


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
    names = [f"{start}, level {level:g}" for start in STARTS for level in LEVELS]
    click.echo(f"{'inside the 90 % band, in %':<28}" + "".join(f"{name:>24}" for name in names))
    every_rank = []
    for name, history in histories.items():
        found = np.array([rank.ravel() for rank in ranks(history, every, seed)])
        every_rank.append(found)
        _print(f"{name}, {len(found)} years", found)
    _print(f"all, {sum(map(len, every_rank))} years", np.concatenate(every_rank))


def _print(label: str, found: FloatArray) -> None:
    inside = 100 * ((found > 0.05) & (found < 0.95)).mean(axis=0)
    medians = np.median(found, axis=0)
    cells = (
        f"{share:.0f} (median {median:.2f})" for share, median in zip(inside, medians, strict=True)
    )
    click.echo(f"{label:<28}" + "".join(f"{cell:>24}" for cell in cells))


if __name__ == "__main__":
    main()
