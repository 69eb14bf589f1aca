"""Learn the prior that ships with simgan, and judge it on series that it has not seen.

    python benchmarks/prior.py learn      write simgan/priors: vintages to 1999, 2004, 2009 …
    python benchmarks/prior.py judge      short histories of twelve stocks, with and without a prior
    python benchmarks/prior.py means      whether series differ in their mean

Both need the development data in ../shared. A prior that judges a stock has learned from six other
stocks, up to the end of a year before the first forecast. A judgement goes on where it stopped,
because --folder keeps its fits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from development_data import MARKET, every_series, expect_data
from prior_judgement import judge

from simgan.bundle.priors import Prior
from simgan.gan.series import Lesson, TrainingSeries
from simgan.gan.training import Trainer
from simgan.market.history import History, history_of
from simgan.market.scalings.standard import Standard
from simgan.market.sources.price_file import PriceFile
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.seeds import Seed
from simgan.workflows.leaning import prior_from

PACKAGED = Path(__file__).resolve().parents[1] / "simgan" / "priors"
VINTAGES = {False: (1999, 2004, 2009, 2014, 2018), True: (2004, 2009, 2014, 2018)}
NOT_PRICES = ("VIX",)  # a level that returns to its mean
PANELS = {
    "PANEL_US12": ("BAC", "CVX", "HD", "MRK", "PEP"),
    "PANEL_ETF8": ("QQQ", "IEF", "GLD", "VNQ", "VWO", "VEA"),
}
SETTLED = 100  # first days of a series, of which nothing is learned
FEWEST = 500  # days of a series
LEVELS, YEAR = (60, 125, 250, 500, 1000, 2500), 250


@dataclass(frozen=True)
class Pool:
    """Many series as one: scaled each by itself, one after the other."""

    histories: dict[str, History]
    blueprint: StateSpace

    def learned(self, name: str, until: str, steps: int) -> Prior:
        """Return the prior of all series together, by the likelihood of the product."""
        recipe = Recipe.parse({"training": {"warm_steps": steps}})
        trainer = Trainer(self.blueprint, recipe.rules, recipe.training)
        series = self.series(recipe)
        start = trainer.generator.fresh(Seed(0))
        trainer.warm.begin(Lesson(series, len(series.scaled), Seed(0), 0, start))
        for number in range(steps):
            losses = trainer.warm.step(number + 1)
            if number % 50 == 0:
                click.echo(f"{name}, step {number}: {losses}", err=True)
        trainer.warm.finish()
        trainer.generator.estimate(series, len(series.scaled))
        freedom = trainer.warm.likelihood.variables[1].numpy()
        weights = trainer.generator.values() | {"freedom": freedom}
        return prior_from((name, until, tuple(self.histories)), self.blueprint, weights)

    def series(self, recipe: Recipe) -> TrainingSeries:
        """Return the scaled days of all series with their memories."""
        each = [
            TrainingSeries.of(
                history.log_returns,
                self.blueprint,
                recipe.training,
                shapes=history.shapes if self.blueprint.ranges else None,
            )
            for history in self.histories.values()
        ]
        scaled = np.concatenate([one.scaled[SETTLED:] for one in each])
        shapes = [one.shapes[SETTLED:] for one in each if one.shapes is not None]
        pooled = TrainingSeries(
            scaled,
            Standard(scale=(1.0,), ranges=(1.0,)),
            self.blueprint,
            recipe.training,
            np.zeros((len(scaled) + 1, 0), np.float32),
            shapes=np.concatenate(shapes) if shapes else None,
        )
        before = [one.memories[SETTLED:-1] for one in each]
        pooled.__dict__["memories"] = np.concatenate([*before, each[-1].memories[-1:]])
        return pooled


def everything() -> Iterator[tuple[str, History]]:
    """All series that a prior learns from."""
    for name, history in every_series().items():
        if name not in NOT_PRICES:
            yield name, history
    for panel, names in PANELS.items():
        for name in names:
            source = PriceFile(path=str(MARKET / f"{panel}.csv"), column=name)
            yield name, history_of(source.fetch(name))


@click.group()
def main() -> None:
    """Learn or judge a prior."""
    expect_data()


@main.command()
@click.option("--steps", default=600, show_default=True, help="of the likelihood")
def learn(steps: int) -> None:
    """Write all vintages into the package."""
    known, vintages = dict(everything()), []
    PACKAGED.mkdir(exist_ok=True)
    for has_ranges, years in VINTAGES.items():
        blueprint = StateSpace(ranges=int(has_ranges))
        for year in years:
            until = f"{year}-12-31"
            parts = {
                name: history.until(min(until, history.day(-1)))
                for name, history in known.items()
                if history.day(0) < until and (history.shapes is not None or not has_ranges)
            }
            kept = {name: part for name, part in parts.items() if len(part) >= FEWEST}
            prior = Pool(kept, blueprint).learned(f"default, {year}", until, steps)
            file = f"{year}-{'ranges' if has_ranges else 'closes'}.safetensors"
            (PACKAGED / file).write_bytes(prior.to_bytes())
            vintages.append(
                {
                    "file": file,
                    "until": until,
                    "series": list(prior.series),
                    "days": sum(map(len, kept.values())),
                    "steps": steps,
                    "sha256": prior.sha256,
                }
            )
            click.echo(f"{file}: {vintages[-1]['days']:,} days of {len(kept)} series")
    index = {
        "learned by": "benchmarks/prior.py learn",
        "vintages": vintages,
        "levels": levels(known.values()),
    }
    (PACKAGED / "priors.json").write_text(json.dumps(index, indent=1) + "\n", "utf-8")


def levels(histories: Iterable[History]) -> list[list[float]]:
    """Measure the error of a history as a forecast of the volatility of the year after it.

    Returns
    -------
    list of [days, deviation]
        Root mean square of the logarithm of the volatility of the year over that of the history,
        over all series and a start each year.
    """
    found = []
    for days in LEVELS:
        ratios = []
        for history in histories:
            returns = history.log_returns[:, 0]
            for first in range(days, len(returns) - YEAR + 1, YEAR):
                parts = returns[first : first + YEAR], returns[first - days : first]
                ratios.append(np.log(parts[0].std() / parts[1].std()))
        found.append([days, round(float(np.sqrt(np.mean(np.square(ratios)))), 3)])
    return found


@main.command()
def means() -> None:
    """Compare the means of all series, in units of their deviation, with the noise of a mean."""
    found = np.array(
        [
            (returns.mean() / returns.std(), 1 / len(returns))
            for returns in (history.log_returns[:, 0] for _, history in everything())
        ]
    )
    of_series, noise = found.T
    click.echo(f"{len(found)} series, mean over deviation of a day: {of_series.mean():.4f}")
    click.echo(f"variance between series {of_series.var(ddof=1):.2e}, by chance {noise.mean():.2e}")


main.add_command(judge)

if __name__ == "__main__":
    main()
