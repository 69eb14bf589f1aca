"""Five games, each built to end in one way, and the verdict on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.gan.points import PointGan, PointHistory, PointSettings
from simgan.recipe.objectives import Objective
from simgan.recipe.objectives.non_saturating import NonSaturating
from simgan.recipe.objectives.wgan import Wasserstein
from simgan.report.figures.canvas import JUDGED, REAL, WIDTH, drawing
from simgan.seeds import Seed
from simgan.stats.training.modes import Coverage, clusters, mode_coverage, spread
from simgan.stats.training.signs import gap
from simgan.stats.training.verdict import Evidence, TrainingVerdict, Watched, Word, judge
from simgan.workflows.examples import Example, Played
from simgan.workflows.examples.mixture import CENTRES, SPREAD

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INTERVAL, INSPECTED, JUDGED_POINTS, HELD_OUT, CELLS = 100, 1000, 5000, 1000, 4
LOSS_TOLERANCE, MEAN_TOLERANCE = 0.02, 0.2  # nats; standard deviations of the real points
_PLAIN = NonSaturating(penalty_weight=0.0)
_DAMPED = NonSaturating(penalty_weight=1.0)


@dataclass(frozen=True)
class Case:
    """A game and the verdict for which it was built.

    Attributes
    ----------
    word : str
    why : str
        The reason for this end.
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
        "linear players under WGAN with clipping: the Dirac-GAN of Mescheder et al. (2018) circles",
        _away,
        1000,
        Wasserstein(clip=1.0, critic_steps=1),
        PointSettings(generator=(), critic=(), steps=8000, batch=100, rate=5e-3),
    ),
    Case(
        "collapsed",
        "four normals, 20 generator steps against each state of the critic: the Helvetica scenario",
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
        "a normal two standard deviations away, and the tutorial's rate of 1e-4",
        _away,
        1000,
        _DAMPED,
        PointSettings(generator=(16,), critic=(32,), steps=4000, batch=50, rate=1e-4),
    ),
)


@dataclass(frozen=True)
class PlayedCase:
    """A game that was played, its history and the verdict."""

    case: Case
    history: PointHistory
    verdict: TrainingVerdict = field(repr=False)


@dataclass(frozen=True)
class Monitors(Example[list[PlayedCase]]):
    """Settings were chosen with the seeds 100 to 103."""

    kind: ClassVar[str] = "monitors"
    expected: ClassVar[dict[str, str]] = {
        f"built to be {case.word}: verdict right": "1" for case in CASES
    } | {
        "right verdicts, of five": "5",
        "collapsed: modes lost, of four": "at least 1",
        "collapsed: its critic's loss": "calm",
        "over-fitted: D(training) - D(held out)": "above 0",
        "oscillating: period in steps": "about 1000",
    }

    def play(self, seed: Seed) -> Played[list[PlayedCase]]:
        cases = [watch(case, seed) for case in CASES]
        right = [float(one.verdict.word == one.case.word) for one in cases]
        by_word = {one.case.word: one for one in cases}
        numbers = {
            f"built to be {one.case.word}: verdict right": correct
            for one, correct in zip(cases, right, strict=True)
        }
        numbers |= {
            "right verdicts, of five": sum(right),
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
        notes = tuple(
            f"built to be {one.case.word}: {one.verdict.word} ({one.verdict.sentence})"
            for one in cases
        )
        return Played(numbers, cases, notes)

    def draw(self, played: Played[list[PlayedCase]]) -> Figure:
        from matplotlib.figure import Figure

        with drawing():
            figure = Figure(figsize=(len(CASES) * WIDTH * 0.8, 5.2), layout="constrained")
            panels = figure.subplots(2, len(CASES), sharex="col")
            for (above, below), one in zip(panels.T, played.shown, strict=True):
                above.plot(
                    *zip(*one.history.inspections["mean of the fakes"], strict=True), **JUDGED.line
                )
                above.set(title=f"built to be {one.case.word}:\nverdict “{one.verdict.word}”")
                below.plot(one.history.steps, one.history.series["critic loss"], **REAL.line)
                below.set(xlabel="steps")
            panels[0, 0].set(ylabel="mean of the fakes, first axis")
            panels[1, 0].set(ylabel="critic loss")
        return figure


def watch(case: Case, seed: Seed) -> PlayedCase:
    """Play a game and judge it. Coverage and gap are judged by points that it has not seen."""
    real = case.points(seed.stream("baseline", 0), case.training_points)
    held_out = case.points(seed.stream("baseline", 1), HELD_OUT)
    gan = PointGan(real, case.objective, case.settings, seed)
    history = gan.train(
        lambda g: {"mean of the fakes": float(g.generate(INSPECTED)[:, 0].mean())},
        interval=INTERVAL,
    )
    fake = gan.generate(JUDGED_POINTS, stream=1).astype(np.float64)
    evidence = Evidence(
        series=watched(history, float(held_out[:, 0].std())),
        coverage=_coverage(held_out, fake, seed),
        spread=spread(held_out, fake),
        gap=gap(gan.probability(real), gan.probability(held_out)),
    )
    return PlayedCase(case, history, judge(evidence, seed))


def watched(history: PointHistory, deviation: float) -> list[Watched]:
    """Return the losses and the mean of the fakes as series for the verdict.

    The scale of the mean is the standard deviation of the real points.
    """
    losses = [
        Watched(name, history.steps, history.series[name], LOSS_TOLERANCE)
        for name in ("critic loss", "generator loss")
    ]
    steps, means = np.array(history.inspections["mean of the fakes"]).T
    return [*losses, Watched("mean of the fakes", steps, means, MEAN_TOLERANCE * deviation)]


def _coverage(real: FloatArray, fake: FloatArray, seed: Seed) -> Coverage | None:
    """Return the coverage of the modes of points in the plane, which clustering finds.

    A normal has only one mode, which cannot be lost.
    """
    if real.shape[1] == 1:
        return None
    return mode_coverage(real, fake, clusters(real, CELLS, seed), CELLS)


def _period(verdict: TrainingVerdict) -> float:
    """Return the period of the mean of the fakes, or 0 if the verdict has no series."""
    series = verdict.numbers.get("series", {})
    return float(series["mean of the fakes"]["oscillation"]["period"]) if series else 0.0
