"""The tables of generator.py about forecasts: walk-forwards that are kept in a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import click
import numpy as np
from development_data import long_index, series
from scipy.stats import binom

from simgan.arrays import FloatArray
from simgan.market.history import History
from simgan.progress import Silent, Step
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.report.backtest.results import REFERENCE
from simgan.report.verdict import over
from simgan.risk.backtests.christoffersen import Christoffersen
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.backtests.kupiec import Kupiec
from simgan.risk.comparison import diebold_mariano, mean_by_date, model_confidence_set
from simgan.risk.walks import Dates, Walk
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import Classical, Contender, Gan
from simgan.workflows.backtest.segments import ForecastSettings, RefitPeriod, schedule
from simgan.workflows.backtest.walk import Chain, walk, walks_of
from simgan.workspace import Workspace

LEVELS = (0.95, 0.975, 0.99)
RULES = ForecastSettings(horizons=(1, 10), levels=LEVELS, scenarios=10_000, window=None, seed=0)
POOL_RULES = replace(RULES, scenarios=4_000)
POOL = (
    "SP500",
    "NASDAQ",
    "KS11",
    "005930.KS",
    "AAPL",
    "JPM",
    "XOM",
    "KO",
    "EURUSD",
    "GC=F",
    "BTC-USD",
    "TLT",
)
AVERAGE = "garch-average"
RIVALS = (REFERENCE, AVERAGE)
BITCOIN = "BTC-USD"
STEP = {1: 1, 10: 2}  # of ten-day forecasts every second one is scored
Settings = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Found:
    """The scores of one model on one series over one horizon, a row per day scored."""

    dates: Dates
    crps: FloatArray
    fz0: FloatArray  # (days, levels), returns in percent
    hits: FloatArray  # (levels,), share of days
    p_values: FloatArray  # (levels, 2): Kupiec, Christoffersen; NaN where forecasts overlap

    @classmethod
    def of(cls, found: Walk) -> Found:
        step = STEP[found.horizon]
        fz0 = np.stack([found.fz0(level) for level in LEVELS], axis=1)
        hits = np.array([found.exceedances(level)[::step].mean() for level in LEVELS])
        p_values = np.full((len(LEVELS), 2), np.nan)
        if found.horizon == 1:
            for row, level in enumerate(LEVELS):
                column = found.column(level)
                tails = TailForecasts(
                    found.realized,
                    found.value_at_risk[:, column],
                    found.expected_shortfall[:, column],
                    level,
                    found.law,
                    found.pit,
                )
                p_values[row] = [test().test(tails).p for test in (Kupiec, Christoffersen)]
        return cls(found.dates[::step], 100 * found.crps[::step], fz0[::step], hits, p_values)

    @property
    def scores(self) -> dict[str, FloatArray]:
        """Per-day scores by name. Low is good."""
        return {"CRPS": self.crps} | {
            f"FZ0 {100 * (1 - level):g} %": self.fz0[:, i] for i, level in enumerate(LEVELS)
        }


class Dots(Silent):
    """A dot on stderr for each segment that is done."""

    def step(self, step: Step) -> None:
        click.echo(".", nl=False, err=True)


@dataclass(frozen=True)
class Given:
    """The options of the command line."""

    folder: Path
    seeds: list[int]
    assets: list[str]
    jobs: int

    def forecasts(
        self,
        histories: dict[str, History],
        first: str | None,
        contenders: dict[str, Contender],
        rules: ForecastSettings = RULES,
        refit: RefitPeriod = "yearly",
    ) -> dict[tuple[str, str, int], Found]:
        """Scores by asset, label of the contender and horizon."""
        labelled = {
            (asset, label): Chain(
                contender, history, schedule(history, first, refit, contender.least_days), rules
            )
            for asset, history in histories.items()
            for label, contender in contenders.items()
        }
        left_out = walk(list(labelled.values()), self.folder / "parts", self.jobs, Dots())
        if left_out:
            raise SystemExit("\n".join(left_out))
        return {
            (*key, found.horizon): Found.of(found)
            for key, chain in labelled.items()
            for found in walks_of(chain)
        }

    def gan(self, seed: int, settings: Settings = ()) -> Gan:
        """The GAN as `simgan backtest` refits it, at default or changed settings."""
        asked = {"preset": "quick", "seed": seed}
        return Gan(Workspace(self.folder), Recipe.parse(overlaid(asked, nested(dict(settings)))))


def row(label: str, values: FloatArray, digits: int = 4) -> str:
    """A line of a table."""
    return f"{label:<34}" + "".join(f"{value:>11.{digits}f}" for value in values)


@click.command("out-of-sample")
@click.pass_obj
def out_of_sample(given: Given) -> None:
    """S&P 500 in the split of Patton, Ziegel & Chen: from 1990, tested 2000-2016."""
    seeds = given.seeds
    contenders: dict[str, Contender] = {f"seed {seed}": given.gan(seed) for seed in seeds} | {
        REFERENCE: Classical(REFERENCE)
    }
    found = given.forecasts(
        {"SP500": long_index("1989-12-29", "2016-12-31")}, "2000-01-01", contenders
    )
    names = [
        "CRPS %",
        *(f"FZ0 {100 * (1 - level):g} %" for level in LEVELS),
        *(f"hits {100 * (1 - level):g} %" for level in LEVELS),
    ]
    for horizon in RULES.horizons:
        click.echo(
            f"\n{f'{horizon} day(s)':<34}"
            + "".join(
                f"{name:>11}"
                for name in [*names, *(["Kupiec", "Christoff."] if horizon == 1 else [])]
            )
        )
        table = {label: mean_scores(found["SP500", label, horizon]) for label in contenders}
        own = np.array([table[f"seed {seed}"] for seed in seeds])
        for label, values in table.items():
            click.echo(row(label, values))
        click.echo(row("simgan, mean", own.mean(axis=0)))
        click.echo(
            row(
                "simgan, worst",
                np.concatenate(
                    [own[:, :4].max(axis=0), own[:, 4:7].max(axis=0), own[:, 7:].min(axis=0)]
                ),
            )
        )
        for seed in seeds:
            pairs = zip(
                found["SP500", f"seed {seed}", horizon].scores.values(),
                found["SP500", REFERENCE, horizon].scores.values(),
                strict=True,
            )
            p = [diebold_mariano(a, b, -(-horizon // STEP[horizon])) for a, b in pairs]
            click.echo(
                row(
                    f"Diebold-Mariano against {REFERENCE}, {seed}",
                    np.array([test.statistic for test in p]),
                    2,
                )
            )


def mean_scores(found: Found) -> FloatArray:
    """Mean scores, hit rates, and the smallest p-value of each test over the levels."""
    smallest = found.p_values.min(axis=0) if np.isfinite(found.p_values).all() else np.empty(0)
    return np.concatenate(
        [[scores.mean() for scores in found.scores.values()], found.hits, smallest]
    )


@click.command()
@click.option(
    "--refit",
    type=click.Choice(["yearly", "quarterly", "never"]),
    default="yearly",
    show_default=True,
)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="A setting other than the default; repeatable.",
)
@click.pass_obj
def pooled(given: Given, refit: RefitPeriod, settings: tuple[str, ...]) -> None:
    """Many series, the last 40 % of each: differences to each rival, also pooled by date.

    The rivals are GJR-FHS and the mean of it and EGARCH-FHS. CRPS is divided by the mean CRPS of
    the rival on the series, so that no series counts for more because it moves more. The last rows
    are also given without bitcoin. Hit rates of one day stand beside the 95 % binomial band.
    """
    seeds, assets = given.seeds, given.assets
    changed = tuple(
        (key, value) for key, _, value in (setting.partition("=") for setting in settings)
    )
    contenders: dict[str, Contender] = {
        f"seed {seed}": given.gan(seed, changed) for seed in seeds
    } | {rival: Classical(rival) for rival in RIVALS}
    found = given.forecasts(
        {name: series(name) for name in assets}, None, contenders, POOL_RULES, refit
    )
    means: dict[str, list[FloatArray]] = {}
    for seed in seeds:
        for horizon, rival in product(RULES.horizons, RIVALS):
            head = f"less {rival}, {over(horizon)}"
            mean = print_differences(found, assets, f"seed {seed}", rival, horizon)
            means.setdefault(head, []).append(mean)
    for horizon in RULES.horizons:
        print_differences(found, assets, AVERAGE, REFERENCE, horizon)
    click.echo(f"\nmean of {len(assets)} series, all seeds")
    for head, of_seeds in means.items():
        click.echo(row(f"{head}, mean", np.mean(of_seeds, axis=0)))
        click.echo(row(f"{head}, worst", np.max(of_seeds, axis=0)))
    for label in contenders:
        _print_hits(found, assets, label)


def print_differences(
    found: dict[tuple[str, str, int], Found],
    assets: list[str],
    label: str,
    rival: str,
    horizon: int,
) -> FloatArray:
    """Print the differences of one model to a rival, by series and over all of them.

    Returns
    -------
    array of shape (scores,)
        Their means over the series.
    """
    names = list(found[assets[0], label, horizon].scores)
    head = f"{label} less {rival}, {over(horizon)}"
    click.echo(f"\n{head:<34}" + "".join(f"{name:>11}" for name in names) + "   outside the set")
    lags = -(-horizon // STEP[horizon])
    losses, outside = {}, 0
    for asset in assets:
        own, other = found[asset, label, horizon], found[asset, rival, horizon]
        unit = np.array([other.crps.mean(), *np.ones(len(LEVELS))])
        losses[asset] = (_table(own) - _table(other)) / unit  # (days, scores)
        beaten = [name for name in names if not _is_in_set(own, other, name, lags)]
        outside += len(beaten)
        click.echo(row(asset, losses[asset].mean(axis=0)) + "   " + ", ".join(beaten))
    click.echo(f"outside the set: {outside} of {len(names) * len(assets)} cells")
    for without in ("", *(name for name in (BITCOIN,) if name in losses and len(losses) > 1)):
        kept = {asset: values for asset, values in losses.items() if asset != without}
        dates = np.concatenate([found[asset, label, horizon].dates for asset in kept])
        _summary(kept, dates, lags, f" without {without}" if without else "")
    return np.mean([values.mean(axis=0) for values in losses.values()], axis=0)


def _print_hits(found: dict[tuple[str, str, int], Found], assets: list[str], label: str) -> None:
    """Print the hit rates of each series in percent. A star marks those outside the band."""
    shares = 1 - np.array(LEVELS)
    names = "".join(f"{f'{100 * share:g} %':>11}" for share in shares)
    click.echo(f"\n{f'{label}, hits in % over 1 day':<34}{names}")
    inside = np.zeros(len(LEVELS), int)
    for asset in assets:
        own = found[asset, label, 1]
        low, high = (binom.ppf(p, len(own.dates), shares) for p in (0.025, 0.975))
        count = own.hits * len(own.dates)
        is_inside = (count > low - 0.5) & (count < high + 0.5)
        inside += is_inside
        cells = [
            f"{100 * hits:.2f}{'' if fits else '*'}"
            for hits, fits in zip(own.hits, is_inside, strict=True)
        ]
        click.echo(f"{asset:<34}" + "".join(f"{cell:>11}" for cell in cells))
    click.echo(row(f"series inside, of {len(assets)}", inside.astype(float), 0))


def _summary(losses: dict[str, FloatArray], dates: Dates, lags: int, note: str) -> None:
    """Print mean, median and number of series ahead, and the test of all pooled by date."""
    means = np.array([values.mean(axis=0) for values in losses.values()])  # (series, scores)
    click.echo(row(f"mean{note}", means.mean(axis=0)))
    click.echo(row(f"median{note}", np.median(means, axis=0)))
    click.echo(row(f"series ahead{note}", (means < 0).sum(axis=0), 0))
    daily = [mean_by_date(values, dates) for values in np.concatenate([*losses.values()]).T]
    tests = [diebold_mariano(values, np.zeros_like(values), lags) for values in daily]
    click.echo(row(f"statistic{note}", np.array([test.statistic for test in tests]), 2))
    click.echo(row(f"p{note}", np.array([test.p_value for test in tests])))


def _table(found: Found) -> FloatArray:
    """Return all scores, of shape (days, scores)."""
    return np.stack([*found.scores.values()], axis=1)


def _is_in_set(own: Found, other: Found, name: str, lags: int) -> bool:
    """Tell whether the 90 % confidence set of two models holds the first."""
    pair = {"own": own.scores[name], "other": other.scores[name]}
    return "own" in model_confidence_set(pair, Seed(0), 0.1, lags).members
