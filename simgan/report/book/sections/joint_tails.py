"""How the assets move together on their worst and best days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.book.measured import WANTED
from simgan.report.book.samples import BookSamples
from simgan.report.book.sections import BookSectionMaker
from simgan.report.book.words import ASYMMETRY, FALLS, GAINS, OTHERS, PAIRS_IN_FALLS
from simgan.report.verdict import Section
from simgan.stats.co_dependence import TAIL, WORST, joint_exceedances, worst_day_moves

_FEWEST_DAYS = 400
_SHARE = (
    f"of the days on which an asset is beyond its own {100 * TAIL:g} % quantile, the share on "
    "which the other of a pair is, too: 1 if always, .05 if they are independent; blind to the "
    "size of such moves"
)


@dataclass(frozen=True)
class JointTails(BookSectionMaker):
    """Empirical tail dependence on both sides, and the company of an asset on its worst days."""

    kind: ClassVar[str] = "joint-tails"
    title: ClassVar[str] = "Joint extremes"

    def make(self, samples: BookSamples) -> Section:
        days = len(samples.real)
        if days < _FEWEST_DAYS:
            reason = f"joint extremes: {_FEWEST_DAYS} days are needed, and there are {days}"
            return Section(self.kind, self.title, (), (reason,))
        at = samples.pairs()
        paired = np.unique(at)

        def of(days: FloatArray) -> FloatArray:
            falls, gains = (float(joint_exceedances(days, sign)[at].mean()) for sign in (-1.0, 1.0))
            return np.array([falls, gains, falls - gains, worst_day_moves(days)[paired].mean()])

        found, note = samples.measured(of), f"{_SHARE}{samples.rests_on()}"
        rows = (
            found.row(f"{FALLS}, mean of all pairs", blind_to=note),
            found.row(f"{GAINS}, mean of all pairs", point=1, blind_to=note),
            found.row(
                ASYMMETRY, point=2,
                blind_to="above 0 if assets fall together more often than they rise together",
            ),
            samples.joint_falls.share_within(
                f"{PAIRS_IN_FALLS} its own interval", blind_to=WANTED
            ),
            found.row(
                OTHERS, point=3, unit="σ",
                blind_to=f"their mean return, in standard deviations of each, on the worst "
                f"{100 * WORST:g} % of days of an asset, in the mean over all assets",
            ),
        )  # fmt: skip
        return Section(self.kind, self.title, rows)
