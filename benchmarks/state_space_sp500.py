"""How good the default generator is on the S&P 500 sample: in sample by its free-running paths, out of sample by one-day forecasts.

    python benchmarks/state_space_sp500.py | tee benchmarks/state_space_sp500.txt

Three seeds at the standard preset, fitted on 1999–2018 and on 1999–2012; mean and worst are printed, never the best. Nothing here is
used by training: the test years 2013–2018 are not seen by the second fit. About 20 minutes on two cores.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import click
import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import BASELINES
from simgan.bundle.store import read_bundle
from simgan.market.history import history_of
from simgan.market.sources.sample import Sample
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.scores import crps, fz0
from simgan.sampling.model import Model
from simgan.scenarios.model import ScenarioModel
from simgan.seeds import Seed
from simgan.stats.dependence import leverage_rms, root_mean_square
from simgan.stats.divergences import emd_in_sd
from simgan.stats.tails import hill_tail_index
from simgan.workflows.fit import FitRequest, fit
from simgan.workspace import Workspace

PATHS, DAYS = 2000, 500
DRAWS = 8000
HORIZONS = (1, 5, 20, 100)
TEST_FROM = "2013-01-01"
Scores = dict[str, float]


def autocorrelation_about_pooled_mean(paths: FloatArray, lags: int) -> FloatArray:
    """ACF with one mean and variance for all paths: 500-day paths have no bias from means of their own."""
    centred = paths - paths.mean()
    return np.array([(centred[..., lag:] * centred[..., :-lag]).mean() / paths.var() for lag in range(1, lags + 1)])


def in_sample(model: Model, real: FloatArray) -> Scores:
    """Scores of 2,000 stationary paths of 500 days against the history (days,)."""
    paths = model.sample(PATHS, DAYS, as_of="stationary").log_returns[:, :, 0].astype(np.float64)
    acf = root_mean_square(autocorrelation_about_pooled_mean(np.abs(real), 100), autocorrelation_about_pooled_mean(np.abs(paths), 100))
    distances = {f"EMD/σ {h}": emd_in_sd(real, paths, h) for h in HORIZONS}
    return distances | {
        "ACF |r| RMS 1-100": acf,
        "leverage RMS 1-20": leverage_rms(real, paths),
        "std / real": paths.std() / real.std(),
        "Hill losses 2 %": hill_tail_index(-paths.ravel(), 0.02).value,
        "Hill gains 2 %": hill_tail_index(paths.ravel(), 0.02).value,
        "beyond 3 × largest, per 1e6": float((np.abs(paths) > 3 * np.abs(real).max()).sum()) * 1e6 / paths.size,
    }


def out_of_sample(draws: FloatArray, realized: FloatArray) -> Scores:
    """Forecast scores of draws (days, draws): CRPS over the test standard deviation, FZ0 in percent, hit rates."""
    scores: Scores = {"CRPS/σ": float(crps(draws, realized).mean() / realized.std())}
    for tail in (0.05, 0.025, 0.01):
        var, es = (100 * measure(draws, 1 - tail) for measure in (value_at_risk, expected_shortfall))
        scores[f"FZ0 {100 * tail:g} %"] = float(np.mean(fz0(var, es, 100 * realized, tail)))
        scores[f"hits {100 * tail:g} %"] = float(np.mean(-100 * realized > var))
    return scores


def one_day_ahead(model: ScenarioModel, returns: FloatArray, start: int) -> FloatArray:
    """Draws (days, draws) for each day from `start` on, from the state of the day before."""
    return np.stack([paths[:, 0, 0] for paths in model.forecast(returns, range(start, len(returns)), 1, DRAWS, Seed(0))])


def fitted(folder: Path, seed: int, end: str | None) -> tuple[Model, float]:
    """Fit at the standard preset; returns the model and the seconds of the whole workflow, verdict included."""
    started = time.monotonic()
    request = FitRequest(ticker="SP500", workspace=Workspace(folder), source="sample", end=end, name=f"SP500-{seed}", seed=seed)
    path = fit(request).path
    return Model(read_bundle(path)), time.monotonic() - started


def show(title: str, results: dict[str, Scores]) -> None:
    """Print a row per score and a column per seed or model."""
    click.echo(f"\n{title}\n{'':<30}" + "".join(f"{name:>14}" for name in results))
    for score in next(iter(results.values())):
        click.echo(f"{score:<30}" + "".join(f"{result.get(score, float('nan')):>14.4f}" for result in results.values()))


def with_mean(results: dict[str, Scores]) -> dict[str, Scores]:
    """Add the mean of the seeds."""
    scores = next(iter(results.values()))
    return results | {"mean": {score: float(np.mean([result[score] for result in results.values()])) for score in scores}}


@click.command()
@click.option("--seeds", default=3, show_default=True)
def main(seeds: int) -> None:
    """Fit, score and print."""
    history = history_of(Sample().fetch("SP500"))
    returns, start = history.log_returns, int(np.searchsorted(history.dates, np.datetime64(TEST_FROM)))
    realized = returns[start:, 0]
    inside: dict[str, Scores] = {}
    outside: dict[str, Scores] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            model, seconds = fitted(Path(folder) / "all", seed, None)
            inside[f"seed {seed}"] = in_sample(model, returns[:, 0]) | {"seconds": seconds}
        show(f"In sample, 1999-2018: {PATHS} stationary paths of {DAYS} days", with_mean(inside))
        for seed in range(seeds):
            model, _ = fitted(Path(folder) / "early", seed, "2012-12-31")
            outside[f"seed {seed}"] = out_of_sample(one_day_ahead(model, returns, start), realized)
    baseline = BASELINES.build("gjr-fhs").fit(returns[:start])
    outside = with_mean(outside) | {"gjr-fhs": out_of_sample(one_day_ahead(baseline, returns, start), realized)}
    show(f"Out of sample: fitted on 1999-2012, one-day forecasts of {TEST_FROM[:4]}-2018, {DRAWS} draws a day", outside)
    click.echo(f"\npeak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


if __name__ == "__main__":
    main()
