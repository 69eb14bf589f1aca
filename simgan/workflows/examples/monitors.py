"""Five games, each built to end in one way, and what the verdict says of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.gan.points import PointGan, PointHistory, PointSettings
from simgan.recipe.objectives.base import Objective
from simgan.recipe.objectives.non_saturating import NonSaturating
from simgan.recipe.objectives.wgan import Wasserstein
from simgan.report.figures.canvas import JUDGED, REAL, WIDTH, drawing
from simgan.seeds import Seed
from simgan.stats.training.modes import Coverage, clusters, mode_coverage, spread
from simgan.stats.training.overfitting import gap
from simgan.stats.training.verdict import Evidence, TrainingVerdict, Watched, Word, judge
from simgan.workflows.examples.base import Example, Played
from simgan.workflows.examples.mixture import CENTRES, SPREAD

EVERY, LOOKED, JUDGED_POINTS, HELD_OUT, CELLS = 100, 1000, 5000, 1000, 4
LOSS_TOLERANCE, MEAN_TOLERANCE = 0.02, 0.2  # nats; standard deviations of the real points
_PLAIN = NonSaturating(penalty_weight=0.0)
_DAMPED = NonSaturating(penalty_weight=1.0)


@dataclass(frozen=True)
class Case:
    """A game and the word that it was built for.

    Attributes
    ----------
    word : str
    why : str
        What makes it end so.
    points : function from (generator, n) to points (n, dimensions)
        Draws from the real law.
    training_points : int
    objective, settings
    """

    word: Word
    why: str
    points: Callable[[np.random.Generator, int], FloatArray]
    training_points: int
    objective: Objective
    settings: PointSettings


def _normal(rng: np.random.Generator, n: int) -> FloatArray:
    return rng.standard_normal((n, 1))


def _away(rng: np.random.Generator, n: int) -> FloatArray:
    return 2 + rng.standard_normal((n, 1))


def _four(rng: np.random.Generator, n: int) -> FloatArray:
    return CENTRES[rng.integers(len(CENTRES), size=n)] + SPREAD * rng.standard_normal((n, 2))


CASES = (
    Case(
        "converged",
        "a normal, players of 16 and 32 units, gradient penalty R1 (Mescheder et al. 2018)",
        _normal,
        1000,
        _DAMPED,
        PointSettings(
            generator=(16,), critic=(32,), steps=4000, batch=100, rate=4e-3, cooling=0.05
        ),
    ),
    Case(
        "oscillating",
        "linear players under WGAN with clipping, the Dirac-GAN of Mescheder et al. (2018), which circles",
        _away,
        1000,
        Wasserstein(clip=1.0, critic_steps=1),
        PointSettings(generator=(), critic=(), steps=8000, batch=100, rate=5e-3),
    ),
    Case(
        "collapsed",
        "four normals in the plane, 20 generator steps against each state of the critic: the Helvetica scenario",
        _four,
        2000,
        _PLAIN,
        PointSettings(
            generator=(32, 32), critic=(32, 32), steps=1000, generator_steps=20, batch=50, rate=2e-3
        ),
    ),
    Case(
        "over-fitted",
        "30 points of a normal, a critic of 64 and 64 units, no penalty",
        _normal,
        30,
        _PLAIN,
        PointSettings(generator=(16,), critic=(64, 64), steps=2000, batch=30, rate=5e-3),
    ),
    Case(
        "still moving",
        "a normal two standard deviations away, and the text's rate of 1e-4",
        _away,
        1000,
        _DAMPED,
        PointSettings(generator=(16,), critic=(32,), steps=4000, batch=50, rate=1e-4),
    ),
)


@dataclass(frozen=True)
class Seen:
    """A game that was played: what was seen on the way, and the verdict."""

    case: Case
    history: PointHistory
    verdict: TrainingVerdict = field(repr=False)


@dataclass(frozen=True)
class Monitors(Example):
    """Settings were chosen with the seeds 100 to 103."""

    kind: ClassVar[str] = "monitors"
    expected: ClassVar[dict[str, str]] = {
        f"built to be {case.word}: told right": "1" for case in CASES
    } | {
        "told right, of five": "5",
        "collapsed: modes lost, of four": "at least 1",
        "collapsed: its critic's loss": "calm",
        "over-fitted: D(training) - D(held out)": "above 0",
        "oscillating: period in steps": "about 1000",
    }

    def play(self, seed: Seed) -> Played:
        seen = [watch(case, seed) for case in CASES]
        right = [float(one.verdict.word == one.case.word) for one in seen]
        by_word = {one.case.word: one for one in seen}
        numbers = {
            f"built to be {one.case.word}: told right": told
            for one, told in zip(seen, right, strict=True)
        }
        numbers |= {
            "told right, of five": sum(right),
            "collapsed: modes lost, of four": float(
                len(by_word["collapsed"].verdict.numbers["coverage"]["lost"])
            ),
            "collapsed: its critic's loss": float(
                by_word["collapsed"].history.series["critic loss"][-1]
            ),
            "over-fitted: D(training) - D(held out)": by_word["over-fitted"].verdict.numbers["gap"][
                "value"
            ],
            "oscillating: period in steps": _period(by_word["oscillating"].verdict),
        }
        told = tuple(
            f"built to be {one.case.word}: {one.verdict.word} ({one.verdict.sentence})"
            for one in seen
        )
        return Played(numbers, seen, told)

    def draw(self, played: Played) -> Any:
        from matplotlib.figure import Figure

        with drawing():
            figure = Figure(figsize=(len(CASES) * WIDTH * 0.8, 5.2), layout="constrained")
            panels = figure.subplots(2, len(CASES), sharex="col")
            for (above, below), one in zip(panels.T, played.shown, strict=True):
                above.plot(
                    *zip(*one.history.inspections["mean of the fakes"], strict=True), **JUDGED.line
                )
                above.set(title=f"built to be {one.case.word}:\ntold “{one.verdict.word}”")
                below.plot(one.history.steps, one.history.series["critic loss"], **REAL.line)
                below.set(xlabel="steps")
            panels[0, 0].set(ylabel="mean of the fakes, first axis")
            panels[1, 0].set(ylabel="critic loss")
        return figure


def watch(case: Case, seed: Seed) -> Seen:
    """Play a game and judge it, by points that it has not learned from where that matters."""
    real = case.points(seed.stream("baseline", 0), case.training_points)
    held_out = case.points(seed.stream("baseline", 1), HELD_OUT)
    gan = PointGan(real, case.objective, case.settings, seed)
    history = gan.train(
        lambda g: {"mean of the fakes": float(g.generate(LOOKED)[:, 0].mean())}, interval=EVERY
    )
    fake = gan.generate(JUDGED_POINTS, stream=1).astype(np.float64)
    evidence = Evidence(
        series=watched(history, float(held_out[:, 0].std())),
        coverage=_coverage(held_out, fake, seed),
        spread=spread(held_out, fake),
        gap=gap(gan.probability(real), gan.probability(held_out)),
    )
    return Seen(case, history, judge(evidence, seed))


def watched(history: PointHistory, deviation: float) -> list[Watched]:
    """The losses and the mean of the fakes, whose scale is the standard deviation of the real points."""
    losses = [
        Watched(name, history.steps, history.series[name], LOSS_TOLERANCE)
        for name in ("critic loss", "generator loss")
    ]
    steps, means = np.array(history.inspections["mean of the fakes"]).T
    return [*losses, Watched("mean of the fakes", steps, means, MEAN_TOLERANCE * deviation)]


def _coverage(real: FloatArray, fake: FloatArray, seed: Seed) -> Coverage | None:
    """Modes of points in the plane, by clusters: nothing is said about where they are. A normal has but one, which cannot be lost."""
    if real.shape[1] == 1:
        return None
    return mode_coverage(real, fake, clusters(real, CELLS, seed), CELLS)


def _period(verdict: TrainingVerdict) -> float:
    """Of the mean of the fakes, 0 if the series were not looked at."""
    series = verdict.numbers.get("series", {})
    return float(series["mean of the fakes"]["oscillation"]["period"]) if series else 0.0
