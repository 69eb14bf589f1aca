"""The table of generator.py about clusters: free-running paths of many series."""

from __future__ import annotations

from collections.abc import Callable

import click
import numpy as np
from development_data import every_series
from generator_forecasts import AVERAGE, Given, row
from generator_paths import VARIANTS, Simulator, kept_bundle

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.errors import SimganError
from simgan.market.history import History
from simgan.report.backtest.results import REFERENCE
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.stats.classifiers import classifier_test
from simgan.stats.dependence import acf_score, autocorrelation
from simgan.stats.divergences import emd_in_sd
from simgan.stats.moments import windows

PATHS = 200  # of the length of the history
BASELINES = ("gjr-t", REFERENCE, AVERAGE)
SHORT, LONG = slice(0, 20), slice(49, 250)  # lags 1 to 20 and 50 to 250
_WINDOW = {60: 5, 250: 10}  # days, and days from one window to the next


def _ratio(lags: slice) -> Callable[[FloatArray, FloatArray], float]:
    """Mean autocorrelation of absolute returns over lags, fake over real."""

    def of(real: FloatArray, fake: FloatArray) -> float:
        own, other = (
            autocorrelation(np.abs(values), lags.stop)[..., lags].mean() for values in (fake, real)
        )
        return float(own / other)

    return of


MEASURES: dict[str, Callable[[FloatArray, FloatArray], float]] = {
    "std f/r": lambda real, fake: float(fake.std() / real.std()),
    "typical std": lambda real, fake: float(np.median(fake.std(axis=1)) / real.std()),
    "EMD/σ 1": lambda real, fake: emd_in_sd(real, fake, 1),
    "EMD/σ 20": lambda real, fake: emd_in_sd(real, fake, 20),
    "ACF 1-20": _ratio(SHORT),
    "50-250": _ratio(LONG),
    "ACF RMS": acf_score,
}
IDEAL = dict.fromkeys(("std f/r", "typical std", "ACF 1-20", "50-250"), 1.0)  # others: 0


@click.command()
@click.option("--variants", default="default", show_default=True, help="some, with commas")
@click.option("--series", "wanted", default="", help="some of them, with commas; default: all")
@click.pass_obj
def clusters(given: Given, variants: str, wanted: str) -> None:
    """Free-running paths of every series: clusters, spread, and a classifier's score.

    A ratio is that of the generated to the real value. The classifier compares windows of 60 and of
    250 days with as many real ones, in five blocks of time. A baseline is a row of each series,
    too. The means are over series and seeds, without the baselines that cannot be fitted. The worst
    seed, chosen for each column, has the mean or median over series that is furthest from 1 for a
    ratio, and the largest for a distance.
    """
    histories = every_series()
    names = wanted.split(",") if wanted else list(histories)
    columns = [*MEASURES, *(f"C2ST {days}" for days in _WINDOW), "seconds"]
    head = "".join(f"{name:>11}" for name in columns)
    rows: dict[str, list[FloatArray]] = {}  # of each series: (seeds, columns)
    for name in names:
        history = histories[name]
        click.echo(f"\n{name:<34}{head}")
        for label in variants.split(","):
            found = []
            for seed in given.seeds:
                bundle = kept_bundle(given, history, seed, VARIANTS[label])
                found.append([*_measured(Model(bundle), history), bundle.manifest.seconds])
            _print_row(rows, label, np.array(found))
        for label in BASELINES:
            try:
                fitted = baseline(label).fit(history.log_returns)
            except SimganError as error:
                click.echo(f"{label:<34}{error}")
                continue
            _print_row(rows, label, np.array([[*_measured(fitted, history), np.nan]]))
    for title, summary in {"mean": np.mean, "median": np.median}.items():
        _print_summary(rows, summary, f"\n{f'{title} of {len(names)} series':<34}{head}")


def _print_summary(
    rows: dict[str, list[FloatArray]], summary: Callable[..., FloatArray], head: str
) -> None:
    click.echo(head)
    for label, values in rows.items():
        click.echo(row(label, summary(np.mean(values, axis=1), axis=0), 3))
        if len(values[0]) > 1:
            click.echo(row("  its worst seed", _worst(summary(values, axis=0)), 3))


def _print_row(rows: dict[str, list[FloatArray]], label: str, values: FloatArray) -> None:
    rows.setdefault(label, []).append(values)
    click.echo(row(label, values.mean(axis=0), 3))


def _worst(of_seeds: FloatArray) -> FloatArray:
    """Return the worst of each column (seeds, columns)."""
    ideal = np.array([*(IDEAL.get(name, 0.0) for name in MEASURES), *[0.0] * (len(_WINDOW) + 1)])
    furthest = np.abs(of_seeds - ideal).argmax(axis=0)
    return np.asarray(of_seeds[furthest, np.arange(of_seeds.shape[1])])


def _measured(model: Simulator, history: History) -> list[float]:
    real = history.log_returns[:, 0]
    fake = model.simulate_long_run(len(history), Seed(0), 0, PATHS)[:, :, 0]
    found = [measure(real, fake) for measure in MEASURES.values()]
    for days, step in _WINDOW.items():
        observed = windows(real, days, step)
        drawn = model.simulate_long_run(days, Seed(0), 0, len(observed))[:, :, 0]
        found.append(classifier_test(observed, drawn).auc)
    return found
