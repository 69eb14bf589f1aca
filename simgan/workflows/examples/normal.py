"""A generator of 8-4-1 learns 1,000 points of N(0, 1) from noise U(−1, 1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.gan.points import PointGan, PointHistory, PointSettings
from simgan.recipe.objectives.non_saturating import NonSaturating
from simgan.report.figures.canvas import JUDGED, LOSSES, REAL, WIDTH, drawing
from simgan.seeds import Seed
from simgan.stats.divergences import kl_nearest_neighbour
from simgan.workflows.examples import Example, Played

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS, JUDGED_POINTS = 1000, 100_000
LAST = 0.05  # share of the steps, at the end, over which the losses are averaged


@dataclass(frozen=True)
class LearnedPoints:
    """A training, the points, and as many fakes."""

    history: PointHistory
    real: FloatArray
    fake: FloatArray


@dataclass(frozen=True)
class NormalExample(Example["LearnedPoints"]):
    """Two critic steps for one of the generator, as in the tutorial's code, and no penalty.

    The critic is the tutorial's 1-8-1, then 1-64-1. The tutorial's rate of 1e-4 is too low for its
    10,000 passes. Here the rate falls from 2e-3, and the generator is averaged. Rates, steps and
    the larger critic were chosen with the seeds 100 to 103.
    """

    kind: ClassVar[str] = "normal"
    expected: ClassVar[dict[str, str]] = {
        "D-loss": "log 4 = 1.3863 (tutorial: 1.3864, 1.3855)",
        "G-loss": "log 2 = 0.6931 (tutorial: 0.6938, 0.6931)",
        "D(x)": "0.5",
        "D(G(z))": "0.5",
        "lowest D(G(z)) of 200": "tutorial: 0.478",
        "highest D(G(z)) of 200": "tutorial: 0.521",
        "KL, nats": "0 (tutorial: 0.6293, 1.0835 by histogram)",
        "critic 1-64-1: D-loss": "log 4",
        "critic 1-64-1: G-loss": "log 2",
        "critic 1-64-1: KL, nats": "0",
    }
    tutorial: ClassVar[PointSettings] = PointSettings(
        steps=10_000, batch=200, rate=2e-3, cooling=0.02, average=0.999
    )
    larger: ClassVar[PointSettings] = replace(tutorial, critic=(64,), steps=15_000)

    def play(self, seed: Seed) -> Played[LearnedPoints]:
        points = seed.stream("baseline", 0).standard_normal((POINTS, 1))
        real = seed.stream("baseline", 1).standard_normal(JUDGED_POINTS)
        (gan, shown, found), (_, _, better) = (
            _learned(points, real, settings, seed) for settings in (self.tutorial, self.larger)
        )
        some = gan.probability(gan.generate(200, stream=1))
        numbers = found | {
            "lowest D(G(z)) of 200": float(some.min()),
            "highest D(G(z)) of 200": float(some.max()),
        }
        return Played(
            numbers | {f"critic 1-64-1: {name}": value for name, value in better.items()}, shown
        )

    def draw(self, played: Played[LearnedPoints]) -> Figure:
        from matplotlib.figure import Figure

        shown = played.shown
        with drawing():
            figure = Figure(figsize=(3 * WIDTH, 3.2), layout="constrained")
            losses, divergence, densities = figure.subplots(1, 3)
            for (name, theory), stroke in zip(
                (("critic loss", np.log(4)), ("generator loss", np.log(2))), LOSSES, strict=False
            ):
                losses.plot(
                    shown.history.steps, shown.history.series[name], label=name, **stroke.line
                )
                losses.axhline(theory, color=stroke.colour, linewidth=0.6)
            losses.set(title="losses, and log 4 and log 2", xlabel="steps")
            losses.legend()
            divergence.plot(
                *zip(*shown.history.inspections["KL, nats"], strict=True), **JUDGED.line
            )
            divergence.set(
                title="KL(real, fake) by nearest neighbours, 10,000 points",
                xlabel="steps",
                ylabel="nats",
            )
            edges = np.linspace(-4, 4, 41)
            for name, values, stroke in (
                ("1,000 real points", shown.real, REAL),
                ("fake", shown.fake, JUDGED),
            ):
                counts, _ = np.histogram(values, edges, density=True)
                densities.plot((edges[1:] + edges[:-1]) / 2, counts, label=name, **stroke.line)
            densities.set(title="density")
            densities.legend()
        return figure


def _learned(
    points: FloatArray, real: FloatArray, settings: PointSettings, seed: Seed
) -> tuple[PointGan, LearnedPoints, dict[str, float]]:
    """Learn the points and judge the fakes by `real`, a larger sample of the same law."""

    def inspect(gan: PointGan) -> dict[str, float]:
        return {"KL, nats": kl_nearest_neighbour(real[:10_000], gan.generate(10_000)[:, 0]).value}

    gan = PointGan(points, NonSaturating(penalty_weight=0.0, critic_steps=2), settings, seed)
    history = gan.train(inspect, interval=500)
    fake = gan.generate(JUDGED_POINTS)[:, 0].astype(np.float64)
    last = slice(-max(round(LAST * len(history.steps)), 1), None)
    names = {
        "D-loss": "critic loss",
        "G-loss": "generator loss",
        "D(x)": "D(x)",
        "D(G(z))": "D(G(z))",
    }
    numbers = {name: float(history.series[series][last].mean()) for name, series in names.items()}
    return (
        gan,
        LearnedPoints(history, points[:, 0], fake),
        numbers | {"KL, nats": kl_nearest_neighbour(real, fake).value},
    )
