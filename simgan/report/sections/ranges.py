"""Ranges of days: their size, memory, and relation to returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.report.samples import Samples
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Row, Section
from simgan.stats.ranges import (
    fall_excess,
    gap_share,
    known,
    mean_range,
    range_emd,
    range_memory,
    range_spread,
    rank_correlation,
    touched,
    variance_share,
)

BARRIERS = (1, 2)  # standard deviations below the close before
LAGS = (1, 5, 20, 50, 100)
_DAYS_PER_LAG = 4  # a stretch must hold this many times the largest lag
FEWEST_DAYS = 250  # with a range, that a history must hold
_SIZE = "moves with the volatility of the years in the history"
_SHARE = "blind to scale, memory and signs; single wild days move it"
_TOUCHES = "blind to scale, memory and gains: it sees how far below the close a day goes"
_MEMORY = "blind to scale, signs, and the direction of time"
_ALIKE = "Spearman's: blind to scale and tails"


@dataclass(frozen=True)
class Ranges(SectionMaker):
    """Size, memory, and relation to returns of the range ln(high/low)."""

    kind: ClassVar[str] = "ranges"
    title: ClassVar[str] = "Ranges of days, ln(high/low)"

    def make(self, samples: Samples) -> Section:
        days = len(known(samples.real))
        if days < FEWEST_DAYS:
            reason = f"{FEWEST_DAYS} days with a range are needed, and the history has {days}"
            return Section(self.kind, self.title, (), (f"ranges: {reason}",))
        rows = [*_sizes(samples), *_shares(samples), *_memory(samples), *_relations(samples)]
        skipped = ["baselines: they make closes alone, so no rival stands here"]
        if short := [str(lag) for lag in LAGS if lag * _DAYS_PER_LAG > samples.horizon]:
            skipped.append(
                f"range, ACF at lag {', '.join(short)}: {_DAYS_PER_LAG} days for each lag "
                f"are needed, and history or paths have {samples.horizon}"
            )
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


def _sizes(samples: Samples) -> list[Row]:
    return [
        samples.level("range, mean", mean_range, scale=100, unit="%", blind_to=_SIZE),
        samples.level(
            "range, standard deviation", range_spread, scale=100, unit="%", blind_to=_SIZE
        ),
        samples.distance("range, EMD/σ", range_emd, unit="σ", blind_to="blind to all order"),
    ]


def _shares(samples: Samples) -> list[Row]:
    return [
        samples.level("range variance over r²", variance_share, blind_to=_SHARE),
        samples.level("gap² over r²", gap_share, blind_to=_SHARE),
        *(
            samples.level(
                f"touches of −{deviations} σ over closes below",
                partial(touched, deviations=deviations),
                blind_to=_TOUCHES,
            )
            for deviations in BARRIERS
        ),
    ]


def _memory(samples: Samples) -> list[Row]:
    return [
        samples.memory_level(f"range, ACF at lag {lag}", partial(_lag, lag=lag), blind_to=_MEMORY)
        for lag in LAGS
        if lag * _DAYS_PER_LAG <= samples.horizon
    ]


def _relations(samples: Samples) -> list[Row]:
    return [
        samples.location_level(
            "range and |r|, rank correlation", partial(rank_correlation, ahead=0), blind_to=_ALIKE
        ),
        samples.memory_level(
            "range and the next |r|, rank correlation",
            partial(rank_correlation, ahead=1),
            blind_to=_ALIKE,
        ),
        samples.location_level(
            "range after falls over that after rises",
            fall_excess,
            scale=100,
            unit="%",
            blind_to="blind to scale: it sees that unrest follows falls",
        ),
    ]


def _lag(days: FloatArray, lag: int) -> float:
    return float(range_memory(days, lag)[-1])
