"""The table of generator.py about a linear critic, which tells histories from free paths.

A critic that is linear in functionals of whole paths has a closed form: its score is the distance
of the history to the mean of the paths, in the metric of their covariance (Mahalanobis 1936, "On
the generalised distance in statistics"; with simulated moments McFadden 1989). Mean and covariance
are those of half of the paths. The distances of the other half say how large one is by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click
import numpy as np
from development_data import every_series
from generator_clusters import BASELINES
from generator_forecasts import Given
from generator_paths import VARIANTS, Simulator, kept_bundle

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.errors import SimganError
from simgan.market.history import History
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.stats.moments import sums

PATHS = 600  # of the length of the history, at most
LONGEST = 5000  # days
_FAR, _LEVEL = 1.96, 0.05
_TAILS = {"0.1 %": 0.001, "1 %": 0.01, "5 %": 0.05, "95 %": 0.95, "99 %": 0.99, "99.9 %": 0.999}
_LAGS = {
    "1": [1],
    "2-5": range(2, 6),
    "6-20": range(6, 21, 2),
    "21-50": range(21, 51, 5),
    "51-250": range(51, 251, 20),
}
_LEVERAGE = {"1-5": range(1, 6), "6-20": range(6, 21, 2), "21-60": range(21, 61, 5)}


def functionals(paths: FloatArray) -> dict[str, FloatArray]:
    """Functionals by name, each of shape (paths,), of paths (paths, days) of unit scale."""
    return dict(_functionals(paths))


def _functionals(paths: FloatArray) -> Iterator[tuple[str, FloatArray]]:
    sizes = np.abs(paths)
    yield "log standard deviation", np.log(paths.std(axis=1))
    yield "log mean size", np.log(sizes.mean(axis=1))
    for name, level in _TAILS.items():
        yield f"quantile {name}", np.quantile(paths, level, axis=1)
    for name, lags in _LAGS.items():
        yield f"ACF of sizes {name}", np.mean([_after(sizes, sizes, lag) for lag in lags], axis=0)
    yield "ACF of returns 1", _after(paths, paths, 1)
    for name, lags in _LEVERAGE.items():
        yield f"leverage {name}", np.mean([_after(paths, sizes, lag) for lag in lags], axis=0)
    for days in (5, 20, 60):
        ratio = sums(paths, days).var(axis=1) / (days * paths.var(axis=1))
        yield f"variance ratio {days}", np.log(ratio)
    for name in ("1 %", "5 %", "95 %", "99 %"):
        yield f"ten days, quantile {name}", np.quantile(sums(paths, 10), _TAILS[name], axis=1)
    for days in (20, 120):
        usable = paths.shape[1] // days * days
        blocks = paths[:, :usable].reshape(len(paths), -1, days)
        log_volatility = 0.5 * np.log(np.mean(blocks**2, axis=2) + 1e-4)
        yield f"variation of {days}-day volatility", log_volatility.std(axis=1)
    level = paths.cumsum(axis=1)
    fallen = (np.maximum.accumulate(level, axis=1) - level).max(axis=1)
    yield "log deepest fall", np.log(fallen)


def _after(first: FloatArray, later: FloatArray, lag: int) -> FloatArray:
    """Correlation of values with others `lag` days later, of shape (paths,)."""
    first, later = (
        values - values.mean(axis=1, keepdims=True) for values in (first[:, :-lag], later[:, lag:])
    )
    scale = np.sqrt(np.mean(first**2, axis=1) * np.mean(later**2, axis=1))
    return np.asarray(np.mean(first * later, axis=1) / scale)


@dataclass(frozen=True)
class Judged:
    """What the linear critic of one model found.

    Attributes
    ----------
    z : dict of float
        Distance of each functional of the history to the mean of the paths, in their standard
        deviations.
    p : float
        Share of the paths that are as far from the mean as the history is.
    """

    z: dict[str, float]
    p: float

    @classmethod
    def of(cls, real: FloatArray, fake: FloatArray) -> Judged:
        """Judge paths (paths, days) beside a history (days,)."""
        scale = real.std()
        found, own = functionals(fake / scale), functionals(real[None] / scale)
        table = np.stack([*found.values()], axis=1)  # (paths, functionals)
        learned, others = table[: len(table) // 2], table[len(table) // 2 :]
        centre, spread = learned.mean(axis=0), learned.std(axis=0)
        inverse = np.linalg.pinv(np.corrcoef(learned.T))

        def distance(z: FloatArray) -> FloatArray:
            return np.asarray(np.einsum("ni,ij,nj->n", z, inverse, z))

        z = (np.stack([*own.values()], axis=1) - centre) / spread
        is_further = distance((others - centre) / spread) >= distance(z)
        return cls(dict(zip(own, z[0], strict=True)), (1 + is_further.sum()) / (1 + len(others)))


@click.command("functionals")
@click.option("--variants", default="default", show_default=True, help="some, with commas")
@click.option("--series", "wanted", default="", help="some of them, with commas; default: all")
@click.pass_obj
def linear_critic(given: Given, variants: str, wanted: str) -> None:
    """Judge free paths by a linear critic of functionals, in sample.

    For each model: the p-value of the history, and the functionals that are further from those of
    the paths than in 95 % of them, with their distance in standard deviations.
    """
    histories = every_series()
    names = wanted.split(",") if wanted else list(histories)
    found: dict[str, list[Judged]] = {}
    for name in names:
        click.echo(f"\n{name}")
        for label, simulator in _simulators(given, histories[name], variants.split(",")):
            real = histories[name].log_returns[-LONGEST:, 0]
            paths = simulator.simulate_long_run(len(real), Seed(1), 0, PATHS)[:, :, 0]
            judged = Judged.of(real, paths.astype(float))
            found.setdefault(label, []).append(judged)
            far = {what: z for what, z in judged.z.items() if abs(z) > _FAR}
            text = ", ".join(f"{what} {z:+.1f}" for what, z in far.items())
            click.echo(f"{label:<22}p {judged.p:.3f}   {text}")
    _print_means(found)


def _print_means(found: dict[str, list[Judged]]) -> None:
    """Print the mean distance of each functional, and how many are far, a column per model."""
    tables = {
        label: np.array([[*judged.z.values()] for judged in all_judged])
        for label, all_judged in found.items()
    }
    head = "".join(f"{label:>18}" for label in found)
    click.echo(f"\n{'mean distance':<34}{head}")
    first = next(iter(found.values()))
    for number, name in enumerate(first[0].z):
        means = (table[:, number].mean() for table in tables.values())
        click.echo(f"{name:<34}" + "".join(f"{mean:>18.2f}" for mean in means))
    far = (np.mean(np.abs(table) > _FAR) for table in tables.values())
    click.echo(f"{'share that is far':<34}" + "".join(f"{share:>18.3f}" for share in far))
    rejected = (np.mean([judged.p < _LEVEL for judged in of]) for of in found.values())
    click.echo(f"{'series with p < .05':<34}" + "".join(f"{share:>18.2f}" for share in rejected))


def _simulators(
    given: Given, history: History, variants: list[str]
) -> Iterator[tuple[str, Simulator]]:
    for label in variants:
        for seed in given.seeds:
            yield f"{label}, seed {seed}", Model(kept_bundle(given, history, seed, VARIANTS[label]))
    for label in BASELINES:
        try:
            yield label, baseline(label).fit(history.log_returns)
        except SimganError as error:
            click.echo(f"{label:<22}{error}")
