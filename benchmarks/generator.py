"""Is the generator ahead of GJR-FHS out of sample, and honest in sample? The tables of docs/generator.md, from the command line.

    python benchmarks/generator.py out-of-sample      S&P 500, estimated from 1990, tested 2000-2016, refitted yearly
    python benchmarks/generator.py pooled             twelve series, the last 40 % of each
    python benchmarks/generator.py in-sample          S&P 500 2009-2018 and 1990-2018, free-running paths
    python benchmarks/generator.py ablation           what each part is worth
    python benchmarks/generator.py robust             every series, and some made to be difficult
    python benchmarks/generator.py cost               seconds

Every table goes on where it was interrupted: what is finished lies in --folder. `--seeds 0,1` and `--assets SP500` make it short: one
asset and one seed take a few minutes. Needs the development data in ../shared.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.market.history import History, Prices, history_of
from simgan.market.sources.price_file import PriceFile
from simgan.provenance import library_versions
from simgan.risk.backtests import TailForecasts
from simgan.risk.backtests.christoffersen import Christoffersen
from simgan.risk.backtests.kupiec import Kupiec
from simgan.risk.comparison import diebold_mariano, mean_by_date, model_confidence_set
from simgan.risk.walks import Walk
from simgan.sampling.model import Model
from simgan.sampling.parallel import process_pool
from simgan.seeds import Seed
from simgan.stats.adequacy import adequacy
from simgan.stats.aggregation import windows
from simgan.stats.dependence import acf_score, autocorrelation, leverage_score
from simgan.stats.divergences import emd_in_sd
from simgan.stats.intervals import bootstrap_interval
from simgan.stats.tails import hill_tail_index
from simgan.stats.two_sample import classifier_test, memorisation_ratio
from simgan.workflows.backtest.contenders import Classical, Contender, Gan, content_key
from simgan.workflows.backtest.forecasts import walks_of
from simgan.workflows.backtest.schedule import Refit, schedule
from simgan.workflows.backtest.segments import Rules
from simgan.workflows.backtest.walk import Chain, walk
from simgan.workflows.train import Assignment, plan, train
from simgan.workspace import Workspace

MARKET = Path(__file__).resolve().parents[1] / "../shared/data/market"
LEVELS = (0.95, 0.975, 0.99)
RULES = Rules(horizons=(1, 10), levels=LEVELS, scenarios=10_000, window=None, seed=0)
POOL_RULES = replace(RULES, scenarios=4_000)
RIVAL = "gjr-fhs"
POOL = ("SP500", "NASDAQ", "KS11", "005930.KS", "AAPL", "JPM", "XOM", "KO", "EURUSD", "GC=F", "BTC-USD", "TLT")
STEP = {1: 1, 10: 2}  # of ten-day forecasts every second one is scored
Settings = tuple[tuple[str, str], ...]


def series(name: str) -> History:
    """One series of the development data, all of it."""
    return history_of(PriceFile(path=str(MARKET / f"{name}.csv")).fetch(name))


def long_index(first: str, last: str) -> History:
    """The S&P 500 between two dates, from the two files that follow each other."""
    parts = [PriceFile(path=str(MARKET / name)).fetch("SP500") for name in ("SP500_1962_1998.csv", "SP500.csv")]
    joined = Prices(np.concatenate([p.dates for p in parts]), np.concatenate([p.values for p in parts]), ("SP500",))
    return history_of(joined.between(first, last))


@dataclass(frozen=True)
class Found:
    """The scores of one model on one series over one horizon, a row per day scored."""

    dates: FloatArray
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
                    found.realized, found.value_at_risk[:, column], found.expected_shortfall[:, column], level, found.law, found.pit
                )
                p_values[row] = [test().test(tails, Seed(0)).p for test in (Kupiec, Christoffersen)]
        return cls(found.dates[::step], 100 * found.crps[::step], fz0[::step], hits, p_values)

    @property
    def scores(self) -> dict[str, FloatArray]:
        """Per-day scores by name; low is good."""
        return {"CRPS": self.crps} | {f"FZ0 {100 * (1 - level):g} %": self.fz0[:, i] for i, level in enumerate(LEVELS)}


@dataclass(frozen=True)
class Walks:
    """Walk-forwards that are kept in a folder."""

    folder: Path
    jobs: int

    def forecasts(
        self,
        histories: dict[str, History],
        first: str | None,
        contenders: dict[str, Contender],
        rules: Rules = RULES,
        refit: Refit = "yearly",
    ) -> dict[tuple[str, str, int], Found]:
        """Scores by asset, label of the contender and horizon."""
        labelled = {
            (asset, label): Chain(contender, history, schedule(history, first, refit, contender.least_days), rules)
            for asset, history in histories.items()
            for label, contender in contenders.items()
        }
        walk(list(labelled.values()), self.folder / "parts", self.jobs, lambda name, days: click.echo(".", nl=False, err=True))
        return {(*key, found.horizon): Found.of(found) for key, chain in labelled.items() for found in walks_of(chain)}

    def gan(self, seed: int, settings: Settings = ()) -> Gan:
        """The GAN at its default settings, as `simgan backtest` refits it, or with some of them changed."""
        return Gan(Workspace(self.folder), "quick", settings, seed)


def row(label: str, values: FloatArray, digits: int = 4) -> str:
    """A line of a table."""
    return f"{label:<34}" + "".join(f"{value:>11.{digits}f}" for value in values)


@click.group()
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".generator"), show_default=True, help="keeps what is finished")
@click.option("--seeds", default="0,1,2,3,4", show_default=True)
@click.option("--assets", default=",".join(POOL), help="of the pooled table")
@click.option("--jobs", default=2, show_default=True)
@click.pass_context
def main(context: click.Context, folder: Path, seeds: str, assets: str, jobs: int) -> None:
    """Print a table."""
    if not MARKET.is_dir():
        raise SystemExit(f"the development data are not in {MARKET.resolve()}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "parts").mkdir(exist_ok=True)
    context.obj = Walks(folder, jobs), [int(seed) for seed in seeds.split(",")], assets.split(",")
    versions = ", ".join(f"{name} {version}" for name, version in library_versions().items() if name in ("simgan", "tensorflow", "numpy"))
    click.echo(f"{context.invoked_subcommand}, {datetime.now(UTC):%Y-%m-%d}, seeds {seeds}, {versions}")


@main.command("out-of-sample")
@click.pass_obj
def out_of_sample(given: tuple[Walks, list[int], list[str]]) -> None:
    """S&P 500 in the split of Patton, Ziegel & Chen: estimated from 1990, tested 2000-2016, refitted yearly."""
    walks, seeds, _ = given
    contenders: dict[str, Contender] = {f"seed {seed}": walks.gan(seed) for seed in seeds} | {RIVAL: Classical(RIVAL)}
    found = walks.forecasts({"SP500": long_index("1989-12-29", "2016-12-31")}, "2000-01-01", contenders)
    names = ["CRPS %", *(f"FZ0 {100 * (1 - level):g} %" for level in LEVELS), *(f"hits {100 * (1 - level):g} %" for level in LEVELS)]
    for horizon in RULES.horizons:
        click.echo(
            f"\n{f'{horizon} day(s)':<34}"
            + "".join(f"{name:>11}" for name in [*names, *(["Kupiec", "Christoff."] if horizon == 1 else [])])
        )
        table = {label: _numbers(found["SP500", label, horizon]) for label in contenders}
        own = np.array([table[f"seed {seed}"] for seed in seeds])
        for label, values in table.items():
            click.echo(row(label, values))
        click.echo(row("simgan, mean", own.mean(axis=0)))
        click.echo(row("simgan, worst", np.concatenate([own[:, :4].max(axis=0), own[:, 4:7].max(axis=0), own[:, 7:].min(axis=0)])))
        for seed in seeds:
            pairs = zip(
                found["SP500", f"seed {seed}", horizon].scores.values(), found["SP500", RIVAL, horizon].scores.values(), strict=True
            )
            p = [diebold_mariano(a, b, -(-horizon // STEP[horizon])) for a, b in pairs]
            click.echo(row(f"Diebold-Mariano against {RIVAL}, {seed}", np.array([test.statistic for test in p]), 2))


def _numbers(found: Found) -> FloatArray:
    """Mean scores, hit rates, and the smallest p-value of each test over the levels."""
    smallest = found.p_values.min(axis=0) if np.isfinite(found.p_values).all() else np.empty(0)
    return np.concatenate([[scores.mean() for scores in found.scores.values()], found.hits, smallest])


@main.command()
@click.option("--refit", type=click.Choice(["yearly", "quarterly", "never"]), default="yearly", show_default=True)
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="A setting other than the default; repeatable.")
@click.pass_obj
def pooled(given: tuple[Walks, list[int], list[str]], refit: Refit, settings: tuple[str, ...]) -> None:
    """Many series, the last 40 % of each: differences to GJR-FHS, and both pooled by date.

    CRPS is divided by the mean CRPS of GJR-FHS on the series, so that no series counts for more because it moves more.
    """
    walks, seeds, assets = given
    changed = tuple((key, value) for key, _, value in (setting.partition("=") for setting in settings))
    contenders: dict[str, Contender] = {f"seed {seed}": walks.gan(seed, changed) for seed in seeds} | {RIVAL: Classical(RIVAL)}
    found = walks.forecasts({name: series(name) for name in assets}, None, contenders, POOL_RULES, refit)
    for seed in seeds:
        for horizon in RULES.horizons:
            _pool(found, assets, f"seed {seed}", horizon)


def _pool(found: dict[tuple[str, str, int], Found], assets: list[str], label: str, horizon: int) -> None:
    names = list(found[assets[0], label, horizon].scores)
    click.echo(
        f"\n{f'{label}, {horizon} day(s), less {RIVAL}':<34}" + "".join(f"{name:>11}" for name in names) + "   outside the confidence set"
    )
    losses: dict[str, list[FloatArray]] = {name: [] for name in names}
    dates, outside = [], 0
    lags = -(-horizon // STEP[horizon])
    for asset in assets:
        own, rival = found[asset, label, horizon], found[asset, RIVAL, horizon]
        unit = {name: rival.crps.mean() if name == "CRPS" else 1.0 for name in names}
        differences = {name: (own.scores[name] - rival.scores[name]) / unit[name] for name in names}
        sets = {
            name: model_confidence_set({"simgan": own.scores[name], RIVAL: rival.scores[name]}, Seed(0), 0.1, lags).members
            for name in names
        }
        beaten = [name for name in names if "simgan" not in sets[name]]
        outside += len(beaten)
        click.echo(row(asset, np.array([differences[name].mean() for name in names])) + "   " + ", ".join(beaten))
        dates.append(own.dates)
        for name in names:
            losses[name].append(differences[name])
    tests = []
    for name in names:
        daily = mean_by_date(np.concatenate(losses[name]), np.concatenate(dates))
        tests.append(diebold_mariano(daily, np.zeros_like(daily), lags))
    click.echo(
        row("mean", np.array([np.mean([loss.mean() for loss in losses[name]]) for name in names]))
        + f"   {outside} of {len(names) * len(assets)} cells"
    )
    click.echo(row("series ahead", np.array([sum(loss.mean() < 0 for loss in losses[name]) for name in names]), 0))
    click.echo(row("pooled by date, statistic", np.array([test.statistic for test in tests]), 2))
    click.echo(row("pooled by date, p", np.array([test.p_value for test in tests])))


PERIODS = {"2009-05 to 2018": ("2009-04-30", "2018-12-31"), "1990 to 2018": ("1989-12-29", "2018-12-31")}
PATHS = 1000  # of the length of the history; with fewer no p-value falls below the first limit of Holm over 17
IN_SAMPLE = (
    "EMD/σ 1", "EMD/σ 5", "EMD/σ 20", "EMD/σ 100", "ACF |r| RMS 1-250", "leverage L2 1-250", "adequate of 17", "std / real", "Hill losses",
    "Hill gains", "C2ST AUC, 60 days", "memorisation, 60 days", "beyond 3 × largest, per 1e6", "steps chosen", "seconds",
)  # fmt: skip


@main.command("in-sample")
@click.pass_obj
def in_sample(given: tuple[Walks, list[int], list[str]]) -> None:
    """S&P 500, standard preset: free-running paths of the real length against the history that was learned from.

    C2ST: as many windows of the long run as real ones, every fifth day, five blocks of time. Memorisation: windows of a model fitted to the
    first 70 % of the days, and real ones of the other 30 %, by their distance from the nearest of those 70 %.
    """
    walks, seeds, _ = given
    for period, dates in PERIODS.items():
        history = long_index(*dates)
        columns = {f"seed {seed}": _fitted(walks, history, seed) for seed in seeds}
        own = np.array(list(columns.values()))
        shown = columns | {"mean": own.mean(axis=0), RIVAL: _rival(history), "gjr-t": _rival(history, "gjr-t")}
        click.echo(f"\n{period + f', {len(history)} days':<34}" + "".join(f"{name:>11}" for name in shown))
        for number, name in enumerate(IN_SAMPLE):
            click.echo(row(name, np.array([values[number] for values in shown.values()])))
        real = history.log_returns[:, 0]
        for name, sign in (("losses", -1.0), ("gains", 1.0)):
            interval = bootstrap_interval(lambda x, sign=sign: hill_tail_index(sign * x).value, real, Seed(0), level=0.9)
            click.echo(f"Hill of the real {name}, 5 %: 90 % interval {interval.low:.2f} to {interval.high:.2f}")


def _fitted(walks: Walks, history: History, seed: int, settings: Settings = (), preset: str = "standard") -> FloatArray:
    """The column of one seed; the two fits behind it are kept."""
    whole = _bundle(walks, history, seed, settings, preset)
    part = _bundle(walks, _first_part(history), seed, settings, preset)
    facts = [float(whole.manifest.chosen_step), whole.manifest.seconds]
    return np.concatenate([_statistics(Model(whole), Model(part), history), facts])


def _rival(history: History, name: str = RIVAL) -> FloatArray:
    """The same column of a baseline."""
    fits = [baseline(name).fit(part.log_returns) for part in (history, _first_part(history))]
    return np.concatenate([_statistics(fits[0], fits[1], history), [np.nan, np.nan]])


def _first_part(history: History) -> History:
    return history.rows(slice(round(0.7 * len(history))))


def _bundle(walks: Walks, history: History, seed: int, settings: Settings, preset: str) -> Bundle:
    """A fit, from the folder where it was made before."""
    planned = plan(architecture="state-space", objective="relativistic", preset=preset, settings=dict(settings), seed=seed, device="auto")
    key = content_key([history.sha256, preset, settings, seed])
    kept = walks.folder / "fits" / key
    if not kept.exists():
        checkpoint = walks.folder / "fits" / f"{key}.training"
        task = Assignment(name=history.assets[0], history=history, source={"kind": "benchmark"}, checkpoint=checkpoint)
        kept.parent.mkdir(exist_ok=True)
        write_bundle(train(planned, task, lambda _: None, resume=checkpoint.exists()).bundle, kept)
        shutil.rmtree(checkpoint, ignore_errors=True)
        click.echo(".", nl=False, err=True)
    return read_bundle(kept)


def _statistics(whole: Any, part: Any, history: History) -> FloatArray:
    """All rows but the last two of a model fitted to the history, and fitted to its first part."""
    real, days, begun = history.log_returns[:, 0], len(history), len(_first_part(history))
    fake = whole.simulate_long_run(days, Seed(0), 0, PATHS)[:, :, 0]
    all_windows, held_out, seen = (windows(days, 60, 5) for days in (real, real[begun:], real[:begun]))
    drawn, unseen = (model.simulate_long_run(60, Seed(0), 0, len(all_windows))[:, :, 0] for model in (whole, part))
    judged = adequacy(real, fake)
    return np.array([
        *(emd_in_sd(real, fake, steps) for steps in (1, 5, 20, 100)),
        acf_score(real, fake),
        leverage_score(real, fake),
        judged.passed,
        fake.std() / real.std(),
        *(np.mean([hill_tail_index(sign * path).value for path in fake]) for sign in (-1.0, 1.0)),
        classifier_test(all_windows, drawn).auc,
        memorisation_ratio(seen, held_out, unseen),
        1e6 * np.mean(np.abs(fake) > 3 * np.abs(real).max()),
    ])  # fmt: skip


VARIANTS: dict[str, tuple[Settings, str]] = {  # settings of the walk-forward, and preset of the free-running fit
    "default": ((), "standard"),
    "no adversarial stage": ((("steps", "0"),), "standard"),
    "all adversarial steps at .0002": ((("rate", "0.0002"),), "standard"),
    "no neural correction": ((("architecture.correction", "0"),), "standard"),
    "no trend": ((("trend_ridge", "1000"),), "standard"),
    "one replica": ((("architecture.replicas", "1"),), "standard"),
    "one half life (12 days)": ((("architecture.half_lives", "12"),), "standard"),
    "γ = 1": ((("objective.penalty_weight", "1"),), "standard"),
}


@main.command()
@click.option("--variants", default=",".join(VARIANTS), help="some of the table, with commas")
@click.option("--forecasts/--no-forecasts", default=True, help="the walk-forward 2000-2016 of each too, ten minutes and more")
@click.pass_obj
def ablation(given: tuple[Walks, list[int], list[str]], variants: str, forecasts: bool) -> None:
    """What each part is worth: defaults but for one setting, means over the seeds, S&P 500."""
    walks, seeds, _ = given
    names, history = variants.split(","), long_index(*PERIODS["1990 to 2018"])
    click.echo(
        f"\n{'in sample, 1990 to 2018':<34}"
        + "".join(f"{name:>11}" for name in ("EMD 1", "EMD 20", "EMD 100", "ACF 1-250", "C2ST", "seconds"))
    )
    for name in names:
        own = np.mean([_fitted(walks, history, seed, *VARIANTS[name]) for seed in seeds], axis=0)
        click.echo(row(name, own[[0, 2, 3, 4, 10, 14]]))
    if not forecasts:
        return
    contenders: dict[str, Contender] = {f"{name}, {seed}": walks.gan(seed, VARIANTS[name][0]) for name in names for seed in seeds}
    found = walks.forecasts({"SP500": long_index("1989-12-29", "2016-12-31")}, "2000-01-01", contenders)
    for horizon in RULES.horizons:
        click.echo(f"\n{f'{horizon} day(s), 2000-2016':<34}" + "".join(f"{name:>11}" for name in ("CRPS %", "FZ0 5 %", "2.5 %", "1 %")))
        for name in names:
            own = np.mean([_numbers(found["SP500", f"{name}, {seed}", horizon]) for seed in seeds], axis=0)
            click.echo(row(name, own[:4]))


DAYS = 3000  # of the series that are made up


def _made() -> dict[str, History]:
    """Series that are made to be difficult."""
    rng = Seed(0).stream("baseline")
    gjr = baseline("gjr-t").fit(long_index(*PERIODS["1990 to 2018"]).log_returns).simulate_long_run(DAYS, Seed(0), 0, 1)[0, :, 0]
    zeros = np.where(rng.random(DAYS) < 0.1, 0.0, 0.02 * rng.standard_t(4, DAYS))
    crash = 0.02 * rng.standard_t(6, DAYS)
    crash[1500] = np.log(0.48)
    level = np.empty(DAYS + 1)
    level[0] = np.log(20)
    for day in range(DAYS):
        level[day + 1] = level[day] + 0.04 * (np.log(18) - level[day]) + 0.06 * rng.standard_normal()
    made = {
        "300 days": gjr[:300],
        "10 % zero returns": zeros,
        "one day of -52 %": crash,
        "mean-reverting level": np.diff(level),
        "constant volatility": 0.01 * rng.standard_normal(DAYS),
        "a simulated GJR": gjr,
    }
    first = np.datetime64("2000-01-03")
    return {name: History(first + np.arange(len(x)), x[:, None], np.array([100.0]), (name,)) for name, x in made.items()}


@main.command()
@click.option("--preset", type=click.Choice(["quick", "standard"]), default="standard", show_default=True)
@click.option("--series", "wanted", default="", help="some of them, with commas; default: all")
@click.pass_obj
def robust(given: tuple[Walks, list[int], list[str]], preset: str, wanted: str) -> None:
    """Default settings on every series of ../shared/data/market, and on some that are made to be difficult."""
    walks, seeds, _ = given
    files = {path.stem: path for path in sorted(MARKET.glob("*.csv")) if not path.stem.startswith("PANEL")}
    histories = _made() | {name: history_of(PriceFile(path=str(path)).fetch(name)) for name, path in files.items()}
    names = wanted.split(",") if wanted else list(histories)
    columns = ("days", "std / real", "EMD/σ 1", "EMD/σ 20", "ACF1-20", "real", "ξ losses", "ξ gains", "> 3 max e6", "seconds")
    click.echo(f"\n{'means over the seeds':<34}" + "".join(f"{name:>11}" for name in columns))
    for name in names:
        history = histories[name]
        real, own = history.log_returns[:, 0], []
        for seed in seeds:
            bundle = _bundle(walks, history, seed, (), preset)
            fake = Model(bundle).simulate_long_run(len(history), Seed(0), 0, PATHS // 10)[:, :, 0]
            shapes = [np.mean([fit["shape"] for fit in bundle.manifest.tails[side]] or [np.nan]) for side in ("losses", "gains")]
            clusters = [autocorrelation(np.abs(paths), 20).mean() for paths in (fake, real)]
            beyond = 1e6 * np.mean(np.abs(fake) > 3 * np.abs(real).max())
            distances = [emd_in_sd(real, fake, steps) for steps in (1, 20)]
            own.append([len(history), fake.std() / real.std(), *distances, *clusters, *shapes, beyond, bundle.manifest.seconds])
        click.echo(row(name, np.mean(own, axis=0)))


@main.command()
@click.pass_obj
def cost(given: tuple[Walks, list[int], list[str]]) -> None:
    """Seconds of training for 5,000 days, validation included, each in a fresh process, nothing else running."""
    history = long_index("1998-12-31", "2018-12-31")
    history = history.rows(slice(len(history) - 5000, len(history)))
    for name, settings, preset in (("standard", (), "standard"), ("quick", (), "quick")):
        with tempfile.TemporaryDirectory() as folder, process_pool(1) as pool:
            seconds = pool.submit(_seconds, Walks(Path(folder), 1), history, settings, preset).result()
        click.echo(row(name, np.array([seconds]), 1))


def _seconds(walks: Walks, history: History, settings: Settings, preset: str) -> float:
    return float(_bundle(walks, history, 0, settings, preset).manifest.seconds)


if __name__ == "__main__":
    main()
