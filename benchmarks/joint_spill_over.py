"""Ask whether unrest of the other assets enters the volatility of one: a part of docs/generator.md.

    python benchmarks/joint_spill_over.py BOOK --workspace FOLDER

BOOK is a model of several assets. L is the logarithm of an average of squared scores with a half
life. The feature u of an asset is the mean L of the others, less what the L of the asset itself
says of it by least squares. So u is news about its volatility. The scores of a day have the
variance exp(γ u), and γ is learned by Gaussian likelihood. One half of the days learns γ and the
joint law of the scores, the other half judges both: likelihood of each day, and scores of forecasts
of one day on every second day.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from joint import SCORES, scored
from scipy.optimize import minimize_scalar
from scipy.signal import lfilter

import simgan
from simgan.arrays import FloatArray
from simgan.bundle.store import Bundle
from simgan.provenance import library_versions
from simgan.recipe.blueprints.joint import Joint
from simgan.risk.comparison import diebold_mariano
from simgan.risk.portfolio_scores import portfolios_on
from simgan.sampling.runtimes.joint import Along, along_each
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed
from simgan.stats.co_movement import CoMemory, correlated, covariances_along
from simgan.stats.joint_scores import learned, sizes_of, smoothed

HALF_LIVES, FIRST, DRAWS, EVERY = (5, 10, 20, 60), 250, 1000, 2
UNIT = 0.01  # a score of 1 in a typical volatility is a return of one percent
WIDEST = 1.0  # of γ u, which doubles or halves a spread at e


def known_days(bundle: Bundle) -> tuple[FloatArray, FloatArray]:
    """Return scores and spreads (days, N) of the days on which all assets traded."""
    blueprint, history, scaling = bundle.manifest.blueprint, bundle.history, bundle.manifest.scaling
    assert isinstance(blueprint, Joint) and history is not None
    members = [
        NumpyRuntime(member, blueprint.of_member(bundle.weights, column))
        for column, member in enumerate(blueprint.members)
    ]
    scaled = scaling.apply(history.log_returns).astype(np.float32)
    ranges = scaling.scaled_ranges(history.log_returns, history.ranges).astype(np.float32)
    along = along_each(members, scaled, ranges)
    scores = np.stack([one.scores for one in along], axis=1)
    spreads = [_spread(*pair) for pair in zip(members, along, strict=True)]
    whole = np.isfinite(scores).all(axis=1)
    return scores[whole], np.stack(spreads, axis=1)[whole]


def _spread(runtime: NumpyRuntime, along: Along) -> FloatArray:
    """Return the spread (days,) before each day, the mean of all replicas."""
    before = along.memories[:-1]
    states = np.broadcast_to(before, (runtime.blueprint.replicas, *before.shape))
    return runtime.spread(states).mean(axis=0).astype(np.float64)


def features(scores: FloatArray, half_life: int, learning: slice) -> FloatArray:
    """Return u (days, N) before each day, by the least squares of some days."""
    decay = 0.5 ** (1 / half_life)
    before = np.concatenate([np.ones_like(scores[:1]), np.square(scores[:-1])])
    averages = lfilter([1 - decay], [1, -decay], before, axis=0, zi=decay * before[:1])[0]
    own = np.log(averages)
    others = (own.sum(axis=1, keepdims=True) - own) / (own.shape[1] - 1)
    own, others = own - own[learning].mean(axis=0), others - others[learning].mean(axis=0)
    slope = (own * others)[learning].sum(axis=0) / np.square(own)[learning].sum(axis=0)
    return np.asarray(np.clip(others - slope * own, -3, 3), np.float64)


def gain(u: FloatArray, scores: FloatArray, gamma: float) -> FloatArray:
    """Return what the likelihood of each day (days,) gains by γ."""
    log_variance = gamma * u
    return np.asarray(
        0.5 * (np.square(scores) * (1 - np.exp(-log_variance)) - log_variance).sum(axis=1)
    )


def best(u: FloatArray, scores: FloatArray) -> float:
    """Return the γ of the largest likelihood."""
    return float(minimize_scalar(lambda g: -gain(u, scores, g).mean(), bounds=(-3, 3)).x)


def of_forecasts(
    scores: FloatArray, spreads: FloatArray, log_variance: FloatArray, learning: slice
) -> FloatArray:
    """Return the scores (forecasts, 8) of forecasts of the days after those that are learned."""
    log_variance = np.clip(log_variance, -WIDEST, WIDEST)
    log_variance = log_variance - np.log(np.exp(log_variance[learning]).mean(axis=0))
    still = scores * np.exp(-log_variance / 2)
    half_lives, weights = learned(still[learning])
    memory = CoMemory(weights["target"].astype(np.float64), half_lives)
    covariances = covariances_along(memory, still, weights["co_mix"].astype(np.float64))
    rows, rng, found = weights["rows"].astype(np.float64), Seed(0).stream("validation"), []
    returns = UNIT * spreads * scores
    for day in range(learning.stop, len(scores), EVERY):
        taken = rows[rng.integers(len(rows), size=DRAWS)]
        news = smoothed(taken, sizes_of(taken), rng.standard_normal(taken.shape), 0.2)
        matrices = np.repeat(covariances[day][None], DRAWS, axis=0)
        drawn = correlated(matrices, news) * np.exp(log_variance[day] / 2)
        weighted = portfolios_on(returns[:day])
        found.append(scored(UNIT * spreads[day] * drawn, returns[day], weighted))
    return np.array(found)


@click.command()
@click.argument("book")
@click.option("--workspace", type=click.Path(path_type=Path), default=Path())
def main(book: str, workspace: Path) -> None:
    """Print what spill-over gains in likelihood, and in scores of forecasts."""
    scores, spreads = known_days(simgan.load(book, workspace=workspace).bundle)
    half = len(scores) // 2
    first, second = slice(FIRST, half), slice(half, len(scores))
    version = library_versions()["simgan"]
    click.echo(
        f"{book}, {scores.shape[1]} assets, {len(scores)} days, {datetime.now(UTC):%Y-%m-%d}, "
        f"simgan {version}"
    )
    for days in HALF_LIVES:
        cells = []
        for learning, judging in ((first, second), (second, first)):
            u = features(scores, days, learning)
            gamma = best(u[learning], scores[learning])
            gained = gain(u[judging], scores[judging], gamma)
            t = gained.mean() / gained.std() * np.sqrt(len(gained))
            cells.append(f"γ {gamma:.2f}, {gained.mean():+.4f} a day (t {t:+.1f})")
        click.echo(f"likelihood, half life {days:2}: {'; '.join(cells)}")
    known = slice(0, half)
    without = of_forecasts(scores, spreads, np.zeros_like(scores), known)
    for days in HALF_LIVES:
        u = features(scores, days, first)
        own = of_forecasts(scores, spreads, best(u[first], scores[first]) * u, known)
        cells = []
        for place, name in enumerate(SCORES):
            scale = without[:, place].mean() if name != "FZ0" else 1.0
            less = (own[:, place].mean() - without[:, place].mean()) / scale
            statistic = diebold_mariano(own[:, place], without[:, place], 1).statistic
            shown = f"{100 * less:+.2f} %" if name != "FZ0" else f"{less:+.4f}"
            cells.append(f"{name} {shown} ({statistic:+.1f})")
        click.echo(f"forecasts of a day, half life {days:2}: {', '.join(cells)}")


if __name__ == "__main__":
    main()
