"""The tables of generator.py about free-running paths: fits that are kept in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
import numpy as np
from development_data import every_series, long_index
from generator_forecasts import RULES, STEP, Given, Settings, mean_scores, row

from simgan.arrays import FloatArray
from simgan.baselines import FittedBaseline, baseline
from simgan.bundle.manifest import FORMAT
from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.market.history import History
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.report.backtest.results import REFERENCE
from simgan.risk.comparison import diebold_mariano
from simgan.sampling.model import Model
from simgan.sampling.start import spread_out
from simgan.seeds import Seed
from simgan.stats.adequacy import adequacy
from simgan.stats.classifiers import classifier_test
from simgan.stats.dependence import acf_score, autocorrelation, leverage_score
from simgan.stats.divergences import emd_in_sd
from simgan.stats.intervals import bootstrap_interval
from simgan.stats.moments import windows
from simgan.stats.novelty import memorisation_ratio
from simgan.stats.tails import hill_tail_index
from simgan.workflows.backtest.contenders import Classical, Contender, Refit, content_key
from simgan.workflows.train import Assignment, train

Simulator = Model | FittedBaseline
PERIODS = {
    "2009-05 to 2018": ("2009-04-30", "2018-12-31"),
    "1990 to 2018": ("1989-12-29", "2018-12-31"),
}
# of the length of the history; with fewer no p-value falls below the first limit of Holm over 17
PATHS = 1000
FLOOR_PATHS = 20  # each in the place of the real one
NEARNESS: dict[str, Callable[[FloatArray, FloatArray], float]] = {
    **{f"EMD/σ {days}": partial(emd_in_sd, steps=days) for days in (1, 5, 20, 100)},
    "ACF |r| RMS 1-250": acf_score,
    "leverage L2 1-250": leverage_score,
}


@dataclass(frozen=True)
class Variant:
    """How a fit differs from the defaults."""

    settings: Settings = ()
    objective: str = ""
    preset: str = "standard"


@click.command("in-sample")
@click.pass_obj
def in_sample(given: Given) -> None:
    """Compare free-running paths of the real length with the history of the S&P 500.

    The preset is standard. The floor is the score of single paths of the first seed's model against
    its other paths, which a true model would have. C2ST compares as many windows of the long run as
    real ones, every fifth day, in five blocks of time.

    Memorisation fits a model to the first 70 % of the days. It compares windows of the model with
    real ones of the other 30 %, by their distance from the nearest of those 70 %.
    """
    for period, dates in PERIODS.items():
        history = long_index(*dates)
        columns = {f"seed {seed}": _column(given, history, seed, Variant()) for seed in given.seeds}
        own = list(columns.values())
        shown = {
            **columns,
            "mean": {name: float(np.mean([column[name] for column in own])) for name in own[0]},
            "floor": _floor(
                Model(kept_bundle(given, history, given.seeds[0], Variant())), len(history)
            ),
            **{name: _rival(history, name) for name in (REFERENCE, "gjr-t")},
        }
        click.echo(
            f"\n{period + f', {len(history)} days':<34}" + "".join(f"{name:>11}" for name in shown)
        )
        for name in own[0]:
            click.echo(row(name, np.array([values.get(name, np.nan) for values in shown.values()])))
        real = history.log_returns[:, 0]
        for name, sign in (("losses", -1.0), ("gains", 1.0)):
            interval = bootstrap_interval(
                lambda x, sign=sign: hill_tail_index(sign * x).value, real, Seed(0), level=0.9
            )
            click.echo(
                f"Hill of the real {name}, 5 %: 90 % interval {interval.low:.2f} to "
                f"{interval.high:.2f}"
            )


def _column(given: Given, history: History, seed: int, variant: Variant) -> dict[str, float]:
    """Return all rows of one seed, and keep the two fits behind it."""
    whole, part = (
        kept_bundle(given, days, seed, variant) for days in (history, _first_part(history))
    )
    return _statistics(Model(whole), history) | _memorisation(Model(part), history) | _facts(whole)


def _rival(history: History, name: str) -> dict[str, float]:
    """The same rows of a baseline, but for training."""
    whole, part = (baseline(name).fit(days.log_returns) for days in (history, _first_part(history)))
    return _statistics(whole, history) | _memorisation(part, history)


def _first_part(history: History) -> History:
    return history.rows(slice(round(0.7 * len(history))))


def kept_bundle(given: Given, history: History, seed: int, variant: Variant) -> Bundle:
    """A fit with as many long-run states as `simgan fit` makes, kept in the folder."""
    asked: dict[str, object] = {"preset": variant.preset, "seed": seed}
    if variant.objective:
        asked["objective"] = variant.objective
    recipe = Recipe.parse(overlaid(asked, nested(dict(variant.settings))))
    key = content_key([history.sha256, recipe.to_json(), FORMAT])
    kept = given.folder / "fits" / key
    if not kept.exists():
        checkpoint = given.folder / "fits" / f"{key}.training"
        task = Assignment(
            name=history.assets[0],
            history=history,
            source={"kind": "benchmark"},
            checkpoint=checkpoint,
        )
        kept.parent.mkdir(exist_ok=True)
        write_bundle(train(recipe, task, resume=checkpoint.exists()).bundle, kept)
        shutil.rmtree(checkpoint, ignore_errors=True)
        click.echo(".", nl=False, err=True)
    return spread_out(read_bundle(kept))


def _statistics(model: Simulator, history: History) -> dict[str, float]:
    """Free-running paths of a model against the history that it was fitted to."""
    real, days = history.log_returns[:, 0], len(history)
    fake = model.simulate_long_run(days, Seed(0), 0, PATHS)[:, :, 0]
    real_windows = windows(real, 60, 5)
    drawn = model.simulate_long_run(60, Seed(0), 0, len(real_windows))[:, :, 0]
    return {
        **{name: score(real, fake) for name, score in NEARNESS.items()},
        "adequate of 17": adequacy(real, fake).passed,
        "std / real": fake.std() / real.std(),
        **{
            f"Hill {name}": float(np.mean([hill_tail_index(sign * path).value for path in fake]))
            for name, sign in (("losses", -1.0), ("gains", 1.0))
        },
        "C2ST AUC, 60 days": classifier_test(real_windows, drawn).auc,
        "beyond 3 × largest, per 1e6": 1e6 * float(np.mean(np.abs(fake) > 3 * np.abs(real).max())),
    }


def _floor(model: Simulator, days: int) -> dict[str, float]:
    """Mean distances of single paths of a model from its other paths."""
    paths = model.simulate_long_run(days, Seed(0), 0, PATHS // 5)[:, :, 0]
    return {
        name: float(np.mean([score(path, paths[FLOOR_PATHS:]) for path in paths[:FLOOR_PATHS]]))
        for name, score in NEARNESS.items()
    }


def _memorisation(part: Simulator, history: History) -> dict[str, float]:
    """The ratio of a model that was fitted to the first part of the history."""
    real, begun = history.log_returns[:, 0], len(_first_part(history))
    seen, unseen = windows(real[:begun], 60, 5), windows(real[begun:], 60, 5)
    drawn = part.simulate_long_run(60, Seed(0), 0, len(windows(real, 60, 5)))[:, :, 0]
    return {"memorisation, 60 days": memorisation_ratio(seen, unseen, drawn)}


def _facts(bundle: Bundle) -> dict[str, float]:
    return {"steps chosen": float(bundle.manifest.chosen_step), "seconds": bundle.manifest.seconds}


VARIANTS = {
    "default": Variant(),
    "adversarial stage": Variant((("steps", "1000"),)),
    "critic sees returns and sizes only": Variant((("views", "2"),)),
    "objective wgan-gp": Variant(objective="wgan-gp"),
    "γ = 1": Variant((("objective.penalty_weight", "1"),)),
    "no neural correction": Variant((("architecture.correction", "0"),)),
    "no factor": Variant((("architecture.factor", "0"),)),
    "no trend": Variant((("trend_ridge", "1000"),)),
    "one replica": Variant((("architecture.replicas", "1"),)),
    "one half life (12 days)": Variant((("architecture.half_lives", "12"),)),
    "Pareto tails beyond 1 % only": Variant((("tail_share", "0.01"),)),
}
_IN_ABLATION = (
    "EMD/σ 1",
    "EMD/σ 20",
    "EMD/σ 100",
    "ACF |r| RMS 1-250",
    "Hill losses",
    "C2ST AUC, 60 days",
    "steps chosen",
    "seconds",
)


@click.command()
@click.option("--variants", default=",".join(VARIANTS), help="some of the table, with commas")
@click.option(
    "--forecasts/--no-forecasts",
    default=True,
    help="the walk-forward 2000-2016 of each too, ten minutes and more",
)
@click.pass_obj
def ablation(given: Given, variants: str, forecasts: bool) -> None:
    """The effect of each part: one setting changed, means over the seeds, S&P 500."""
    names, history, seeds = variants.split(","), long_index(*PERIODS["1990 to 2018"]), given.seeds
    click.echo(
        f"\n{'in sample, 1990 to 2018':<34}"
        + "".join(f"{name.split(',')[0].removesuffix(' 1-250'):>13}" for name in _IN_ABLATION)
    )
    for name in names:
        bundles = [kept_bundle(given, history, seed, VARIANTS[name]) for seed in seeds]
        columns = [_statistics(Model(bundle), history) | _facts(bundle) for bundle in bundles]
        means = [np.mean([column[statistic] for column in columns]) for statistic in _IN_ABLATION]
        click.echo(f"{name:<34}" + "".join(f"{mean:>13.4f}" for mean in means))
    if not forecasts:
        return
    contenders: dict[str, Contender] = {
        f"{name}, {seed}": given.gan(seed, VARIANTS[name].settings)
        for name in names
        for seed in seeds
    }
    found = given.forecasts(
        {"SP500": long_index("1989-12-29", "2016-12-31")}, "2000-01-01", contenders
    )
    for horizon in RULES.horizons:
        click.echo(
            f"\n{f'{horizon} day(s), 2000-2016':<34}"
            + "".join(f"{name:>11}" for name in ("CRPS %", "FZ0 5 %", "2.5 %", "1 %"))
        )
        for name in names:
            click.echo(
                row(
                    name,
                    np.mean(
                        [
                            mean_scores(found["SP500", f"{name}, {seed}", horizon])[:4]
                            for seed in seeds
                        ],
                        axis=0,
                    ),
                )
            )


DAYS = 3000  # of the series that are made up


def true_gjr() -> FittedBaseline:
    """The model behind "a simulated GJR"."""
    return baseline("gjr-t").fit(long_index(*PERIODS["1990 to 2018"]).log_returns)


def _made() -> dict[str, History]:
    """Series that are made to be difficult."""
    rng = Seed(0).stream("baseline")
    gjr = true_gjr().simulate_long_run(DAYS, Seed(0), 0, 1)[0, :, 0]
    zeros = np.where(rng.random(DAYS) < 0.1, 0.0, 0.02 * rng.standard_t(4, DAYS))
    crash = 0.02 * rng.standard_t(6, DAYS)
    crash[1500] = np.log(0.48)
    level = np.empty(DAYS + 1)
    level[0] = np.log(20)
    for day in range(DAYS):
        level[day + 1] = (
            level[day] + 0.04 * (np.log(18) - level[day]) + 0.06 * rng.standard_normal()
        )
    made = {
        "300 days": gjr[:300],
        "10 % zero returns": zeros,
        "one day of -52 %": crash,
        "mean-reverting level": np.diff(level),
        "constant volatility": 0.01 * rng.standard_normal(DAYS),
        "a simulated GJR": gjr,
    }
    first = np.datetime64("2000-01-03")
    return {
        name: History(first + np.arange(len(x)), x[:, None], np.array([100.0]), (name,))
        for name, x in made.items()
    }


@click.command()
@click.option(
    "--preset", type=click.Choice(["quick", "standard"]), default="standard", show_default=True
)
@click.option("--series", "wanted", default="", help="some of them, with commas; default: all")
@click.pass_obj
def robust(given: Given, preset: str, wanted: str) -> None:
    """Default settings on every development series, and on some made to be difficult."""
    seeds, histories = given.seeds, _made() | every_series()
    names = wanted.split(",") if wanted else list(histories)
    columns = (
        "days",
        "std / real",
        "EMD/σ 1",
        "EMD/σ 20",
        "ACF1-20",
        "real",
        "ξ losses",
        "ξ gains",
        "> 3 max e6",
        "seconds",
    )
    click.echo(f"\n{'means over the seeds':<34}" + "".join(f"{name:>11}" for name in columns))
    for name in names:
        history = histories[name]
        real, own = history.log_returns[:, 0], []
        for seed in seeds:
            bundle = kept_bundle(given, history, seed, Variant(preset=preset))
            fake = Model(bundle).simulate_long_run(len(history), Seed(0), 0, PATHS // 10)[:, :, 0]
            shapes = [
                np.mean([fit["shape"] for fit in bundle.manifest.tails[side]] or [np.nan])
                for side in ("losses", "gains")
            ]
            clusters = [autocorrelation(np.abs(paths), 20).mean() for paths in (fake, real)]
            beyond = 1e6 * np.mean(np.abs(fake) > 3 * np.abs(real).max())
            distances = [emd_in_sd(real, fake, steps) for steps in (1, 20)]
            own.append(
                [
                    len(history),
                    fake.std() / real.std(),
                    *distances,
                    *clusters,
                    *shapes,
                    beyond,
                    bundle.manifest.seconds,
                ]
            )
        click.echo(row(name, np.mean(own, axis=0)))


@dataclass(frozen=True)
class Truth:
    """A contender that needs no fit: it made the series."""

    name: str = "the true model"
    least_days: int = 250

    def record(self) -> dict[str, Any]:
        """Return the inputs that decide it."""
        return {"kind": "truth", "days": DAYS}

    def refit(self, history: History, earlier: str | None) -> Refit:
        """Return the model."""
        return Refit(true_gjr(), "truth")

    def again(self, history: History, key: str) -> Refit:
        """Return the model."""
        return self.refit(history, None)


@click.command()
@click.pass_obj
def recovery(given: Given) -> None:
    """Forecasts of the last 40 % of a simulated GJR, beside those of the true model."""
    contenders: dict[str, Contender] = {f"seed {seed}": given.gan(seed) for seed in given.seeds}
    contenders |= {REFERENCE: Classical(REFERENCE), "truth": Truth()}
    name = "a simulated GJR"
    found = given.forecasts({name: _made()[name]}, None, contenders)
    for horizon in RULES.horizons:
        truth = found[name, "truth", horizon].scores
        click.echo(
            f"\n{f'{horizon} day(s)':<34}"
            + "".join(f"{score:>11}" for score in truth)
            + "   Diebold-Mariano p against the true model"
        )
        for label in contenders:
            scores = found[name, label, horizon].scores
            lags = -(-horizon // STEP[horizon])
            tests = (
                [diebold_mariano(scores[score], truth[score], lags).p_value for score in truth]
                if label != "truth"
                else []
            )
            means = np.array([values.mean() for values in scores.values()])
            click.echo(row(label, means) + "".join(f"{p:>9.3f}" for p in tests))
