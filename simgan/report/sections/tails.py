"""The tails, which histograms and kernels cannot see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.samples import Samples
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Row, Section
from simgan.risk.measures import expected_shortfall
from simgan.stats.moments import sums
from simgan.stats.tails import hill_tail_index

SHARE, LEVEL = 0.05, 0.99
SHAPE_LEVEL = 0.975  # of the shape of a tail: more days, and so a smaller error
_LEAST_DAYS = 400
_ROOM = 1.5  # days of a side in tails, so that resamples have a whole tail, too
_HORIZONS = (1, 10)


@dataclass(frozen=True)
class Tails(SectionMaker):
    """Hill index, expected shortfall and its shape, and days far beyond the history."""

    kind: ClassVar[str] = "tails"
    title: ClassVar[str] = "Tails"

    def make(self, samples: Samples) -> Section:
        days = len(samples.real)
        if days < _LEAST_DAYS:
            reason = f"Hill index and ES: {days} days are too few, {_LEAST_DAYS} are needed"
            return Section(self.kind, self.title, (_far_days(samples),), (reason,))
        usable = [h for h in _HORIZONS if samples.horizon >= h]
        sides = {"losses": -1.0, "gains": 1.0}
        few = [side for side, sign in sides.items() if not _fill_a_tail(samples, sign)]
        rows = (
            *(
                samples.level(
                    f"Hill index of {side}, {100 * SHARE:g} % tail",
                    partial(_hill, sign=sign),
                )
                for side, sign in sides.items()
                if side not in few
            ),
            *(
                samples.level(
                    f"ES {100 * LEVEL:g} %",
                    partial(_shortfall, steps=h),
                    scale=100,
                    unit="%",
                    horizon=h,
                )
                for h in usable
            ),
            *(_shape(samples, h, "losses", 1.0) for h in usable),
            _shape(samples, 1, "gains", -1.0),
            _far_days(samples),
        )
        skipped = (
            *(
                f"Hill index of {side}: too few days have {side} for a tail of {100 * SHARE:g} %"
                for side in few
            ),
            *(
                f"ES over {h} days: paths of {samples.horizon} days are shorter"
                for h in _HORIZONS
                if h not in usable
            ),
        )
        return Section(self.kind, self.title, rows, skipped)


def _hill(returns: FloatArray, sign: float) -> float:
    return hill_tail_index(sign * returns.ravel(), SHARE).value


def _fill_a_tail(samples: Samples, sign: float) -> bool:
    """Tell whether a side has clearly more days than its tail, in history and in all models.

    A tail of equal values, as of a price that moves by one tick, has no index.
    """
    every = [sign * returns for returns in (samples.real, *samples.fakes.values())]
    return all(
        np.mean(returns > 0) > _ROOM * SHARE and np.quantile(returns, 1 - SHARE) < returns.max()
        for returns in every
    )


def _shortfall(returns: FloatArray, steps: int) -> float:
    return float(expected_shortfall(sums(returns, steps).ravel(), LEVEL))


def _shape(samples: Samples, steps: int, side: str, sign: float) -> Row:
    """Compare the shape of a tail.

    Years of unrest move ES and deviation alike. So their ratio tells laws apart that the ES does
    not.
    """

    def ratio(returns: FloatArray) -> float:
        added = sums(returns, steps).ravel()
        return float(expected_shortfall(sign * added, SHAPE_LEVEL) / added.std())

    return samples.level(
        f"ES {100 * SHAPE_LEVEL:g} % of {side}",
        ratio,
        unit="σ",
        horizon=steps,
        blind_to="in standard deviations of the same returns: blind to scale",
    )


def _far_days(samples: Samples) -> Row:
    """Count generated days beyond three times the largest move in history. None is dropped."""
    bound = 3 * np.abs(samples.real).max()
    models = {
        name: 1e6 * float(np.mean(np.abs(paths) > bound)) for name, paths in samples.fakes.items()
    }
    note = f"shown, not judged: days with |r| > {bound:.3f}, which history can say nothing about"
    return Row(
        name="days beyond 3 × the largest move, per million",
        models=models,
        real=0.0,
        blind_to=note,
        is_judged=False,
    )
