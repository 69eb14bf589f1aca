"""Four normals in the plane with standard deviation 0.5. A GAN easily misses some of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.gan.points import PointGan, PointSettings
from simgan.recipe.objectives.non_saturating import NonSaturating
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.remedies.instance_noise import InstanceNoise
from simgan.report.figures.canvas import BESIDE, REAL, WIDTH, drawing
from simgan.seeds import Seed
from simgan.workflows.examples import Example, Played

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CENTRES = np.array([(-2.0, -2.0), (-2.0, 2.0), (2.0, -2.0), (2.0, 2.0)])
SPREAD, POINTS, JUDGED_POINTS = 0.5, 2000, 10_000
FOUND = (0.15, 0.35)  # a mode with such a share of the fakes counts as found
Points = dict[str, FloatArray]


@dataclass(frozen=True)
class Mixture(Example[Points]):
    """The plain game beside the game with remedies.

    The remedies are a small gradient penalty (R1), fading noise on all points, a falling rate,
    and an averaged generator. Sizes, rate and remedies were chosen with the seeds 100 and 101.
    """

    kind: ClassVar[str] = "mixture"
    expected: ClassVar[dict[str, str]] = {
        "plain: modes with 15-35 %": "4",
        "plain: smallest share": "0.25",
        "plain: largest share": "0.25",
        "modes with 15-35 %": "4",
        "smallest share": "0.25",
        "largest share": "0.25",
        "beyond 3 sd of any mode": "0.011",
    }
    plain: ClassVar[PointSettings] = PointSettings(
        generator=(64, 64), critic=(64, 64), steps=10_000, batch=200, rate=2e-3
    )
    remedied: ClassVar[PointSettings] = replace(plain, cooling=0.05, average=0.999)
    noise: ClassVar[Remedies] = Remedies((InstanceNoise(noise=0.5),))

    def play(self, seed: Seed) -> Played[Points]:
        rng = seed.stream("baseline")
        points = CENTRES[rng.integers(len(CENTRES), size=POINTS)] + SPREAD * rng.standard_normal(
            (POINTS, 2)
        )
        fakes = {}
        for name, weight, settings, remedies in (
            ("plain", 0.0, self.plain, NONE),
            ("with remedies", 0.02, self.remedied, self.noise),
        ):
            gan = PointGan(points, NonSaturating(penalty_weight=weight), settings, seed, remedies)
            gan.train()
            fakes[name] = gan.generate(JUDGED_POINTS).astype(np.float64)
        (plain, _), (shares, beyond) = (shares_of(fake) for fake in fakes.values())
        numbers = {
            "plain: modes with 15-35 %": found(plain),
            "plain: smallest share": float(plain.min()),
            "plain: largest share": float(plain.max()),
            "modes with 15-35 %": found(shares),
            "smallest share": float(shares.min()),
            "largest share": float(shares.max()),
            "beyond 3 sd of any mode": beyond,
        }
        return Played(numbers, {"real": points} | fakes)

    def draw(self, played: Played[Points]) -> Figure:
        from matplotlib.figure import Figure

        with drawing():
            figure = Figure(figsize=(2 * WIDTH, 4.2), layout="constrained")
            real = played.shown["real"]
            for ax, name in zip(
                figure.subplots(1, 2, sharex=True, sharey=True),
                ("plain", "with remedies"),
                strict=True,
            ):
                ax.plot(*real.T, ".", color=REAL.colour, markersize=1.5, alpha=0.5, label="real")
                ax.plot(
                    *played.shown[name][: len(real)].T,
                    ".",
                    color=BESIDE[0].colour,
                    markersize=1.5,
                    alpha=0.5,
                    label="fake",
                )
                ax.set(title=name, aspect="equal")
                ax.legend(markerscale=5)
        return figure


def shares_of(points: FloatArray) -> tuple[FloatArray, float]:
    """Return the share of points (n, 2) within 3 standard deviations of each mode, and of none."""
    near = np.linalg.norm(points[:, None] - CENTRES, axis=2) < 3 * SPREAD  # modes are eight apart
    return near.mean(axis=0), float(1 - near.any(axis=1).mean())


def found(shares: FloatArray) -> float:
    """Return the number of modes that have their share."""
    return float(((shares >= FOUND[0]) & (shares <= FOUND[1])).sum())
