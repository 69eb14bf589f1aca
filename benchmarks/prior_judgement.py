"""The judgement of prior.py: fits to short histories, with and without what others say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import numpy as np
from development_data import MARKET

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.bundle.priors import Prior
from simgan.errors import SimganError
from simgan.market.history import History, history_of
from simgan.market.sources.price_file import PriceFile
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.risk.comparison import diebold_mariano, mean_by_date
from simgan.risk.law import DrawnLaw
from simgan.risk.scores import fz0
from simgan.sampling.model import Model
from simgan.scenarios import ScenarioModel
from simgan.seeds import Seed
from simgan.workflows.train import Assignment, train

LEVELS = (0.95, 0.975, 0.99)
SCORES = ("CRPS", "FZ0 5 %", "FZ0 2.5 %", "FZ0 1 %")
RIVALS = ("ewma-fhs", "gjr-fhs")
STOCKS = ("AAPL", "BAC", "CVX", "HD", "JNJ", "JPM", "KO", "MRK", "MSFT", "PEP", "WMT", "XOM")
VINTAGES = (1999, 2004, 2009, 2014)
AHEAD, DRAWS, LAGS = 250, 4_000, 10
FEWEST_OF_RIVAL = 250  # days that a baseline needs, and gets where simgan has fewer
STEPS = 600  # of a prior's likelihood
NONE, PRIOR = "without", "with"


@dataclass(frozen=True)
class Judged:
    """One fit to judge: a stock, the days before a year, a model."""

    stock: str
    year: int
    days: int
    model: str
    seed: int

    def scores(self, folder: Path) -> tuple[FloatArray, FloatArray]:
        """Return the scores (days, 4) of the days after, NaN where the fit failed, and dates."""
        kept = folder / f"{self.stock}-{self.year}-{self.days}-{self.model}-{self.seed}.npz"
        if kept.exists():
            found = np.load(kept)
            return found["scores"], found["dates"]
        history = stock(self.stock)
        first = int(np.searchsorted(history.dates, np.datetime64(f"{self.year}-01-01")))
        days = max(self.days, FEWEST_OF_RIVAL) if self.model in RIVALS else self.days
        known = history.rows(slice(first - days, first + AHEAD))
        try:
            scores = _scores(self.fitted(known.rows(slice(days)), folder), known, days)
        except SimganError as error:
            click.echo(f"{self}: {error}", err=True)
            scores = np.full((len(known) - days, len(SCORES)), np.nan)
        dates = known.dates[days:].astype("datetime64[D]").astype(np.int64)
        np.savez(kept, scores=scores, dates=dates)
        return scores, dates

    def fitted(self, history: History, folder: Path) -> ScenarioModel:
        """Fit the model."""
        if self.model in RIVALS:
            return baseline(self.model).fit(history.log_returns)
        recipe = Recipe.parse({"preset": "quick", "seed": self.seed})
        prior = prior_without(self.stock, self.year, folder) if self.model == PRIOR else None
        task = Assignment(
            name="judged",
            history=history,
            source={},
            checkpoint=folder / "checkpoint",
            prior=prior,
            holds_out=False,
        )
        return Model(train(recipe, task).bundle)


@cache
def stock(name: str) -> History:
    """One stock of the panel."""
    return history_of(PriceFile(path=str(MARKET / "PANEL_US12.csv"), column=name).fetch(name))


@cache
def prior_without(name: str, year: int, folder: Path) -> Prior:
    """Return the prior of the six stocks of the other half, up to a vintage before the year."""
    from prior import Pool

    half = STOCKS.index(name) % 2
    others = tuple(other for other in STOCKS if STOCKS.index(other) % 2 != half)
    until = f"{max(vintage for vintage in VINTAGES if vintage < year)}-12-31"
    kept = folder / f"prior-{half}-{until}.safetensors"
    if not kept.exists():
        pool = Pool({other: stock(other).until(until) for other in others}, StateSpace())
        kept.write_bytes(pool.learned(f"half {half}, {until}", until, STEPS).to_bytes())
    return Prior.of_bytes(kept.read_bytes(), f"half {half}", until, others)


def _scores(model: ScenarioModel, history: History, first: int) -> FloatArray:
    """Return CRPS and FZ0 of each day's return in percent (days, 4)."""
    days = range(first, len(history))
    realized = 100 * history.log_returns[first:, 0]
    crps, tails = np.empty(len(days)), np.empty((len(days), 2, len(LEVELS)))
    drawn = model.forecast(history.log_returns, days, 1, DRAWS, Seed(0), history.ranges)
    for row, paths in enumerate(drawn):
        law = DrawnLaw.of(100 * paths[:, 0, 0])
        crps[row] = law.crps(realized[row])
        tails[row] = np.reshape(law.tail_measures(LEVELS), (2, -1))
    losses = [
        fz0(tails[:, 0, i], tails[:, 1, i], realized, 1 - level) for i, level in enumerate(LEVELS)
    ]
    return np.stack([crps, *losses], axis=1)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".prior"))
@click.option("--days", default="60,250,500,1000,2500", show_default=True)
@click.option("--years", default="2000,2002,2004,2006,2008,2010,2012,2014,2016,2018")
@click.option("--seeds", default="0", show_default=True)
def judge(folder: Path, days: str, years: str, seeds: str) -> None:
    """One day ahead, over a year after each fit: with a prior less without, and less rivals.

    A rival gets 250 days where simgan has fewer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for count in map(int, days.split(",")):
        others = (*((NONE,) if count >= 250 else ()), *RIVALS)
        found: dict[str, list[FloatArray]] = {model: [] for model in (PRIOR, *others)}
        owners, dates = [], []
        for seed in map(int, seeds.split(",")):
            for year in map(int, years.split(",")):
                for name in STOCKS:
                    for model in found:
                        scores, when = Judged(name, year, count, model, seed).scores(folder)
                        found[model].append(scores)
                    owners += [name] * len(when)
                    dates.append(when)
        _print(count, found, np.array(owners), np.concatenate(dates))


def _print(
    count: int, found: dict[str, list[FloatArray]], owners: FloatArray, dates: FloatArray
) -> None:
    own, *others = (np.concatenate(scores) for scores in found.values())
    click.echo(f"\n{count} days of history" + "".join(f"{name:>20}" for name in SCORES))
    for name, other in zip(list(found)[1:], others, strict=True):
        usable = np.isfinite(own).all(axis=1) & np.isfinite(other).all(axis=1)
        loss = own - other
        for stock_name in STOCKS:  # so that no stock counts for more because it moves more
            rows = usable & (owners == stock_name)
            loss[rows, 0] /= 0.01 * other[rows, 0].mean()
        cells = []
        for column in loss[usable].T:
            daily = mean_by_date(column, dates[usable].astype("datetime64[D]"))
            test = diebold_mariano(daily, np.zeros_like(daily), LAGS)
            cells.append(f"{column.mean():>12.4f} ({test.statistic:+.1f})")
        failed = 1 - usable.mean()
        note = f"   {100 * failed:.1f} % without a fit" if failed else ""
        click.echo(f"less {name:<18}" + "".join(f"{cell:>20}" for cell in cells) + note)
