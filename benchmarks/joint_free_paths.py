"""Compare free paths of several assets with their history, by the block and the noise of its rows.

    python benchmarks/joint_free_paths.py BOOK --workspace FOLDER

BOOK is a model of several assets. Its joint law is learned again with other noise, and its paths
draw the days of the history in other blocks. Paths are as long as the history.

Noise of 600 days is in memory at once, and every part begins with a new block. All blocks divide
600.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from joint_history import along_history, scores_of

import simgan
from simgan.arrays import AnyFloatArray, FloatArray
from simgan.bundle.store import Bundle
from simgan.provenance import library_versions
from simgan.recipe.blueprints.joint import Joint
from simgan.sampling.runtimes.joint import JointCpuRuntime
from simgan.seeds import Seed
from simgan.stats.co_dependence import correlations, joint_exceedances, spectrum
from simgan.stats.joint_scores import learned

PATHS, MONTH, AT_ONCE = 64, 20, 600  # days of a month, and those whose noise is in memory
BLOCKS, NOISES = (1, 20, 60), (0.4, 0.2)


def log_volatilities(days: AnyFloatArray) -> FloatArray:
    """Return logarithms of the volatilities (months, assets) of twenty days each."""
    whole = days[: len(days) // MONTH * MONTH].reshape(-1, MONTH, days.shape[1])
    return np.asarray(0.5 * np.log(np.square(whole).mean(axis=1)), np.float64)


def mean_of_pairs(matrix: FloatArray) -> float:
    """Return the mean of the upper triangle of a matrix (assets, assets)."""
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def kurtosis(days: AnyFloatArray) -> float:
    """Return the mean kurtosis of the assets, 3 for normal returns."""
    centred = days - days.mean(axis=0)
    return float(((centred**4).mean(axis=0) / (centred**2).mean(axis=0) ** 2).mean())


def clusters(days: AnyFloatArray) -> float:
    """Return the mean autocorrelation of squared returns over 1 to 20 days."""
    squares = np.square(days) - np.square(days).mean(axis=0)
    lagged = [(squares[lag:] * squares[:-lag]).mean(axis=0) for lag in range(1, 1 + MONTH)]
    return float((np.mean(lagged, axis=0) / squares.var(axis=0)).mean())


STATISTICS: dict[str, Callable[[AnyFloatArray], float]] = {
    "log volatility of 20 days": lambda days: mean_of_pairs(correlations(log_volatilities(days))),
    "|r|": lambda days: mean_of_pairs(correlations(np.abs(days))),
    "r": lambda days: mean_of_pairs(correlations(days)),
    "first eigenvalue": lambda days: float(spectrum(correlations(days))[0]),
    "λL at 5 %": lambda days: mean_of_pairs(joint_exceedances(days)),
    "kurtosis": kurtosis,
    "spread of log volatility": lambda days: float(log_volatilities(days).std(axis=0).mean()),
    "clusters": clusters,
}


def laws(bundle: Bundle) -> Iterator[tuple[int, float, JointCpuRuntime]]:
    """Yield block length, noise and runtime of each law."""
    blueprint, _, along = along_history(bundle)
    scores = scores_of(along)
    for noise in NOISES:
        for block in BLOCKS:
            weights = bundle.weights | learned(scores, noise, block)[1]
            law = replace(blueprint, block=block, smoothing=noise)
            yield block, noise, JointCpuRuntime(law, weights)


def free_paths(runtime: JointCpuRuntime, pool: AnyFloatArray, days: int) -> FloatArray:
    """Return scaled returns (PATHS, days, assets) from states of the long run on."""
    rng, memory, parts = Seed().stream("validation"), pool[:PATHS], []
    for first in range(0, days, AT_ONCE):
        shape = (min(AT_ONCE, days - first), PATHS, runtime.blueprint.latent)
        scaled, memory = runtime.roll(memory, rng.standard_normal(shape, dtype=np.float32))
        parts.append(scaled)
    return np.concatenate(parts, axis=1).astype(np.float64)


@click.command()
@click.argument("book")
@click.option("--workspace", type=click.Path(path_type=Path), default=Path())
def main(book: str, workspace: Path) -> None:
    """Print the statistics of the history, and median and 5 to 95 % of those of free paths."""
    bundle = simgan.load(book, workspace=workspace).bundle
    if not isinstance(bundle.manifest.blueprint, Joint) or bundle.history is None:
        raise click.UsageError(f"{book} is a model of one asset.")
    real = bundle.history.log_returns
    real = real[np.isfinite(real).all(axis=1)]
    version = library_versions()["simgan"]
    click.echo(
        f"{book}, {real.shape[1]} assets, {len(real)} days, {PATHS} paths, "
        f"{datetime.now(UTC):%Y-%m-%d}, simgan {version}"
    )
    found = {
        f"block {block}, noise {noise:g}": free_paths(runtime, bundle.pool, len(real))
        for block, noise, runtime in laws(bundle)
    }
    for label, of in STATISTICS.items():
        click.echo(f"\n{label}: history {of(real):.3f}")
        for law, paths in found.items():
            low, median, high = np.quantile([of(path) for path in paths], (0.05, 0.5, 0.95))
            click.echo(f"  {law:20} {median:.3f} ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    main()
