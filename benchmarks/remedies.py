"""The value of each remedy: seven games that plain players lose, each with one remedy at a time.

    python benchmarks/remedies.py | tee benchmarks/remedies.txt

Games and strengths of the remedies were chosen with the seeds 100 to 103. The output is from the
seeds 0 to 9. Within a game, all rows have the same points, networks, steps and rates. It takes ten
minutes on one core, most of them compilation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import click
import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.gan.points import PointGan, PointSettings
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.remedies import NONE, Remedies
from simgan.seeds import Seed
from simgan.stats.divergences import wasserstein
from simgan.workflows.examples.mixture import CENTRES, SPREAD, found, shares_of

INTERVAL, JUDGED = 500, 5000  # steps between two inspections, and number of fakes in each
ANGLES = 2 * np.pi * np.arange(8) / 8
RING, RING_SPREAD = 2 * np.column_stack([np.cos(ANGLES), np.sin(ANGLES)]), 0.05
FAR, CLOSE = np.full(2, 8.0), np.ones(2)
LAW = Seed(6).stream("baseline").standard_normal(JUDGED)


@dataclass(frozen=True)
class Row:
    """One way to play: the plain game, or the game with a remedy."""

    name: str
    remedies: Remedies = NONE
    penalty: float = 0.0
    average: float = 0.0


PLAIN = Row("plain")


@dataclass(frozen=True)
class Case:
    """A game, its fault, and the judge of its fakes."""

    name: str
    title: str
    points: FloatArray
    objective: str
    settings: PointSettings
    judge: Callable[[AnyFloatArray], tuple[float, ...]]
    columns: tuple[str, ...]
    more_is_better: bool
    rows: tuple[Row, ...]
    last: int = 1  # number of inspections, at the end, that are averaged
    rules: Mapping[str, int] = field(default_factory=dict)


def ring(fakes: AnyFloatArray) -> tuple[float, ...]:
    """Return the number of modes that have a fifth of their share, and the share of fakes there.

    Fakes belong to a mode within four standard deviations.
    """
    apart = np.linalg.norm(fakes[:, None] - RING, axis=2)
    near = apart.min(axis=1) < 4 * RING_SPREAD
    counts = np.bincount(apart.argmin(axis=1)[near], minlength=len(RING))
    return float((counts >= 0.2 * len(fakes) / len(RING)).sum()), float(near.mean())


def four(fakes: AnyFloatArray) -> tuple[float, ...]:
    """Return the number of modes with 15 to 35 % of the fakes, and the share of fakes there.

    Fakes belong to a mode within three standard deviations.
    """
    shares, beyond = shares_of(fakes)
    return found(shares), 1.0 - beyond


def from_centre(centre: FloatArray) -> Callable[[AnyFloatArray], tuple[float, ...]]:
    """Return the distance of the mean of the fakes from a centre."""
    return lambda fakes: (float(np.linalg.norm(fakes.mean(axis=0) - centre)),)


def from_law(fakes: AnyFloatArray) -> tuple[float, ...]:
    """The 1-Wasserstein distance to N(0, 1) itself, of which the points are a small sample."""
    return (wasserstein(LAW, fakes[:, 0]),)


def drawn(centres: FloatArray, spread: float, n: int) -> FloatArray:
    """Points around centres."""
    rng = Seed(99).stream("baseline")
    return centres[rng.integers(len(centres), size=n)] + spread * rng.standard_normal(
        (n, centres.shape[1])
    )


CASES = (
    Case(
        "ring",
        "Mode collapse: eight narrow normals (standard deviation .05) on a circle of radius 2, "
        "layers of 64 and 64",
        drawn(RING, RING_SPREAD, 2000),
        "non-saturating",
        PointSettings(generator=(64, 64), critic=(64, 64), steps=4000, batch=64, rate=1e-3),
        ring,
        ("modes of 8", "share within 4 sd"),
        True,
        (
            Row("minibatch_std=true", Remedies.parse({"minibatch_std": True})),
            Row("noise=0.3", Remedies.parse({"noise": 0.3})),
            Row("label_smoothing=0.3", Remedies.parse({"label_smoothing": 0.3})),
            Row("penalty_weight=0.1 (R1)", penalty=0.1),
        ),
    ),
    Case(
        "weak",
        "Mode collapse before a critic that is too weak: the same points, noise of two numbers, "
        "a critic of 12 and 12",
        drawn(RING, RING_SPREAD, 2000),
        "non-saturating",
        PointSettings(
            latent=2, generator=(64, 64), critic=(12, 12), steps=4000, batch=32, rate=1e-3
        ),
        ring,
        ("modes of 8", "share within 4 sd"),
        True,
        (
            Row("minibatch_kernels=8", Remedies.parse({"minibatch_kernels": 8})),
            Row("critic_floor=0.55", Remedies.parse({"critic_floor": 0.55})),
            Row("minibatch_std=true", Remedies.parse({"minibatch_std": True})),
            Row("feature_matching=1", Remedies.parse({"feature_matching": 1.0})),
        ),
    ),
    Case(
        "slow",
        "A critic that learns too slowly, at a twentieth of the generator's rate: four normals, "
        "layers of 32 and 32",
        drawn(CENTRES, SPREAD, 2000),
        "non-saturating",
        PointSettings(
            generator=(32, 32),
            critic=(32, 32),
            steps=12_000,
            batch=64,
            rate=2e-3,
            critic_ratio=0.05,
        ),
        four,
        ("modes of 4", "share within 3 sd"),
        True,
        (Row("critic_floor=0.7", Remedies.parse({"critic_floor": 0.7})),),
    ),
    Case(
        "fast",
        "A critic that learns too fast, at twenty times the generator's rate: "
        "the same four normals",
        drawn(CENTRES, SPREAD, 2000),
        "non-saturating",
        PointSettings(
            generator=(32, 32), critic=(32, 32), steps=3000, batch=64, rate=5e-4, critic_ratio=20.0
        ),
        four,
        ("modes of 4", "share within 3 sd"),
        True,
        (Row("critic_ceiling=0.75", Remedies.parse({"critic_ceiling": 0.75})),),
    ),
    Case(
        "far",
        "A critic that is too strong: minimax, whose gradient vanishes where the critic is sure; "
        "N((8, 8), .5²), three critic steps",
        drawn(FAR[None], 0.5, 1000),
        "minimax",
        PointSettings(generator=(16,), critic=(32, 32), steps=2000, batch=32, rate=1e-3),
        from_centre(FAR),
        ("distance of means",),
        False,
        (
            Row("feature_matching=1", Remedies.parse({"feature_matching": 1.0})),
            Row("critic_ceiling=0.9", Remedies.parse({"critic_ceiling": 0.9})),
            Row("spectral_norm=1", Remedies.parse({"spectral_norm": 1.0})),
            Row("noise=3", Remedies.parse({"noise": 3.0})),
            Row("penalty_weight=0.1 (R1)", penalty=0.1),
            Row("label_smoothing=0.2", Remedies.parse({"label_smoothing": 0.2})),
        ),
        rules={"critic_steps": 3},
    ),
    Case(
        "turn",
        "Oscillation: two linear players and the hinge, a rate of .01; N((1, 1), .1²); "
        "mean over the inspections of the second half",
        drawn(CLOSE[None], 0.1, 1000),
        "hinge",
        PointSettings(generator=(), critic=(), steps=4000, batch=64, rate=1e-2),
        from_centre(CLOSE),
        ("distance of means",),
        False,
        (
            Row("historical_averaging=0.1", Remedies.parse({"historical_averaging": 0.1})),
            Row("average=0.999", average=0.999),
            Row("penalty_weight=1 (R1)", penalty=1.0),
        ),
        last=4,
    ),
    Case(
        "few",
        "A critic that knows its data by heart: 30 points of N(0, 1), a critic of 64 and 64; "
        "mean over the inspections of the second half",
        drawn(np.zeros((1, 1)), 1.0, 30),
        "non-saturating",
        PointSettings(generator=(32,), critic=(64, 64), steps=3000, batch=32, rate=2e-3),
        from_law,
        ("Wasserstein distance",),
        False,
        (
            Row("label_smoothing=0.4", Remedies.parse({"label_smoothing": 0.4})),
            Row("noise=0.5", Remedies.parse({"noise": 0.5})),
            Row("spectral_norm=3", Remedies.parse({"spectral_norm": 3.0})),
        ),
        last=3,
    ),
)


def played(case: Case, row: Row, seeds: int) -> FloatArray:
    """Return the results (seeds, columns), means over the last inspections."""
    objective = OBJECTIVES.build(case.objective, {"penalty_weight": row.penalty, **case.rules})
    gan = PointGan(
        case.points, objective, replace(case.settings, average=row.average), Seed(0), row.remedies
    )
    judged = []
    for seed in range(seeds):
        results: list[tuple[float, ...]] = []
        gan.restart(Seed(seed))

        def inspect(gan: PointGan, results: list[tuple[float, ...]] = results) -> dict[str, float]:
            results.append(case.judge(gan.generate(JUDGED).astype(np.float64)))
            return {}

        gan.train(inspect, interval=INTERVAL)
        judged.append(np.mean(results[-case.last :], axis=0))
    return np.array(judged)


def show(case: Case, seeds: int) -> None:
    """Print a game: mean and worst of the seeds in each column."""
    click.echo(f"\n{case.name}: {case.title}")
    click.echo(f"{'':<26}" + "".join(f"{column:>26}" for column in case.columns))
    click.echo(f"{'':<26}" + f"{'mean':>18}{'worst':>8}" * len(case.columns))
    for row in (PLAIN, *case.rows):
        values = played(case, row, seeds)
        worst = values.min(axis=0) if case.more_is_better else values.max(axis=0)
        cells = "".join(
            f"{mean:>18.2f}{bad:>8.2f}"
            for mean, bad in zip(values.mean(axis=0), worst, strict=True)
        )
        click.echo(f"{row.name:<26}{cells}")


@click.command()
@click.option("--seeds", default=10, show_default=True)
@click.option(
    "--case",
    "only",
    type=click.Choice([case.name for case in CASES]),
    help="One game instead of all.",
)
def main(seeds: int, only: str | None) -> None:
    """Print each game without and with each remedy."""
    click.echo(
        f"Remedies, {seeds} seeds; "
        "more is better for ring, weak, slow and fast, less for the others"
    )
    for case in CASES:
        if only in (None, case.name):
            show(case, seeds)


if __name__ == "__main__":
    main()
