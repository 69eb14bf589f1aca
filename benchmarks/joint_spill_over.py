"""Ask whether unrest of the other assets enters the volatility of one: a part of docs/generator.md.

    python benchmarks/joint_spill_over.py BOOK --workspace FOLDER

BOOK is a model of several assets. It knows all days, those that judge included: its spreads and its
scores are the same with and without spill-over. L is the logarithm of an average of squared scores
with a half life. The feature u of an asset is the mean L of the others, less the part that the L of
the asset itself explains by least squares. So u is news about its volatility. The scores of a day
have a variance in proportion to exp(γ u), which is bounded and has the mean 1 on the days that are
learned from. γ is learned by Gaussian likelihood. The first half of the days learns it, and the
joint law of the scores. The second half judges both: likelihood of each day, and scores of
forecasts of one day on every second day. Differences are with spill-over less without it; lower is
better, so the likelihood has its negative logarithm. In the other direction only the likelihood is
judged. Statistics are those of Diebold and Mariano. Their p-values are corrected by Holm for all 16
tests of scores of a book, and for its 8 tests of likelihood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from joint import SCORES, scored
from joint_history import along_history, scores_of
from scipy.optimize import minimize_scalar
from scipy.signal import lfilter

import simgan
from simgan.arrays import FloatArray
from simgan.bundle.store import Bundle
from simgan.provenance import library_versions
from simgan.risk.comparison import LossComparison, diebold_mariano, holm
from simgan.risk.portfolio_scores import portfolios_on
from simgan.sampling.runtimes.joint import Along
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed
from simgan.stats.co_movement import CoMemory, correlated, covariances_along
from simgan.stats.joint_scores import SMOOTHING, learned, sizes_of, smoothed

HALF_LIVES, FIRST, DRAWS, EVERY = (5, 10, 20, 60), 250, 1000, 2
UNIT = 0.01  # a score of 1 in a typical volatility is a return of one percent
WIDEST = 1.0  # bound of γ u: a spread times 1.65, or divided by it


def known_days(bundle: Bundle) -> tuple[FloatArray, FloatArray]:
    """Return scores and spreads (days, N) of the days on which all assets traded."""
    _, members, along = along_history(bundle)
    scores = scores_of(along)
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


def log_variances(u: FloatArray, gamma: float, learning: slice) -> FloatArray:
    """Return the logarithm of the variance (days, N) of scores, of mean 1 on some days."""
    bounded = np.clip(gamma * u, -WIDEST, WIDEST)
    return np.asarray(bounded - np.log(np.exp(bounded[learning]).mean(axis=0)))


def loss(scores: FloatArray, log_variance: FloatArray) -> FloatArray:
    """Return the negative log likelihood of each day (days,), less that of the variance 1."""
    less = np.square(scores) * (np.exp(-log_variance) - 1) + log_variance
    return np.asarray(0.5 * less.sum(axis=1))


def best(u: FloatArray, scores: FloatArray, learning: slice) -> float:
    """Return the γ of the largest likelihood of some days."""

    def mean_loss(gamma: float) -> float:
        variance = log_variances(u, gamma, learning)[learning]
        return float(loss(scores[learning], variance).mean())

    return float(minimize_scalar(mean_loss, bounds=(-3, 3)).x)


def of_forecasts(
    scores: FloatArray, spreads: FloatArray, log_variance: FloatArray, learning: slice
) -> FloatArray:
    """Return the scores (forecasts, 7) of forecasts of the days after those that are learned."""
    still = scores * np.exp(-log_variance / 2)
    half_lives, weights = learned(still[learning])
    memory = CoMemory(weights["target"].astype(np.float64), half_lives)
    covariances = covariances_along(memory, still, weights["co_mix"].astype(np.float64))
    rows, rng, found = weights["rows"].astype(np.float64), Seed(0).stream("validation"), []
    returns = UNIT * spreads * scores
    for day in range(learning.stop, len(scores), EVERY):
        taken = rows[rng.integers(len(rows), size=DRAWS)]
        news = smoothed(taken, sizes_of(taken), rng.standard_normal(taken.shape), SMOOTHING)
        matrices = np.repeat(covariances[day][None], DRAWS, axis=0)
        drawn = correlated(matrices, news) * np.exp(log_variance[day] / 2)
        weighted = portfolios_on(returns[:day])
        found.append(scored(UNIT * spreads[day] * drawn, returns[day], weighted))
    return np.array(found)


class Cell(NamedTuple):
    """A difference as it is shown, and its test."""

    shown: str
    test: LossComparison


def of_likelihood(scores: FloatArray, days: int, learning: slice, judging: slice) -> Cell:
    """Test the likelihood of days by the variance that other days have learned."""
    u = features(scores, days, learning)
    gamma = best(u, scores, learning)
    lost = loss(scores, log_variances(u, gamma, learning))[judging]
    return Cell(
        f"γ {gamma:.2f}, {lost.mean():+.4f} a day", diebold_mariano(lost, np.zeros_like(lost))
    )


def of_score(name: str, own: FloatArray, without: FloatArray) -> Cell:
    """Test a score of forecasts (days,), in percent but for FZ0, which may be negative."""
    test = diebold_mariano(own, without)
    if name == "FZ0":
        return Cell(f"{name} {test.mean_difference:+.4f}", test)
    return Cell(f"{name} {100 * test.mean_difference / without.mean():+.2f} %", test)


def printed(rows: Mapping[str, Sequence[Cell]]) -> None:
    """Print rows of cells, with p-values that are corrected for all of them."""
    p_values = iter(holm([cell.test.p_value for cells in rows.values() for cell in cells]))
    for label, cells in rows.items():
        told = [f"{one.shown} ({one.test.statistic:+.1f}, p {next(p_values):.2g})" for one in cells]
        click.echo(f"{label}: {', '.join(told)}")


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
    printed(
        {
            f"minus log likelihood, half life {days:2}": [
                of_likelihood(scores, days, first, second),
                of_likelihood(scores, days, second, first),
            ]
            for days in HALF_LIVES
        }
    )
    without = of_forecasts(scores, spreads, np.zeros_like(scores), first)
    rows = {}
    for days in HALF_LIVES:
        u = features(scores, days, first)
        variance = log_variances(u, best(u, scores, first), first)
        own = of_forecasts(scores, spreads, variance, first)
        rows[f"forecasts of a day, half life {days:2}"] = [
            of_score(name, own[:, place], without[:, place]) for place, name in enumerate(SCORES)
        ]
    printed(rows)


if __name__ == "__main__":
    main()
