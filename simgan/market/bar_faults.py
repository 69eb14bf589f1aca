"""Faults of bars that last: stretches of days whose open, high and low are not those of their day.

Each fault has evidence by day, positive on days that speak for it. A stretch of days has the fault
if the sum is decisive. Evidence of a day is bounded, so that it takes a month or more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgan.arrays import FloatArray
from simgan.market.prices import Bars
from simgan.market.sessions import SAME, Flags
from simgan.market.shapes import range_variance, shapes_of

Stretch = tuple[int, int]

YEAR = 250  # trading days
QUARTER = 63  # trading days
DECISIVE = 40.0  # summed evidence, for which three to six months of bars of another day suffice
SLIGHT = 10.0  # summed evidence, as of a month of right bars
MOST = 2.0  # evidence of a day, for which 20 days of wrong prices are decisive
LARGEST = 0.05  # share of squared returns that a local mean leaves out: 3 days of a quarter
KEPT_MEAN = 0.758  # mean of a squared standard normal that is not among these: P(χ²₃ < 3.84) / 0.95
# Usual moves between a close and the middle one of open, high and low. Right bars have 0 on average
# and 0.8 as standard deviation.
APART = 1.0
# Range variances per local squared return. Twice as wide a range has 4. Half a year of the S&P 500
# in 1965, whose highs and lows are those of its stocks, has nearly 5.
WIDE = 5.0
# Gold settled outside of high and low by more than BEYOND on 14 % of the days of 2006, and on fewer
# of other years. Half as wide a range is left so on 30 %.
BEYOND = 0.25  # usual moves
OFTEN = 0.15  # share of days


@dataclass(frozen=True)
class BarDays:
    """Days of one asset, each with the close before, its close and its bar, of shape (days,)."""

    previous: FloatArray
    closes: FloatArray
    bars: Bars

    @cached_property
    def shapes(self) -> FloatArray:
        """Shapes (days, 3) of the bars as they are. NaN where a bar shows no range."""
        shapes = shapes_of(self.previous, self.closes, self.bars)
        shapes[np.isnan(shapes).any(axis=-1) | self.is_inverted | self.is_flat] = np.nan
        return shapes

    @cached_property
    def is_inverted(self) -> Flags:
        """Days with the high below the low."""
        return np.asarray(self.bars.high < self.bars.low * (1 - SAME), np.bool_)

    @cached_property
    def is_flat(self) -> Flags:
        """Days whose high equals the low although the price moved."""
        high, low = self.bars.high, self.bars.low
        prices = (self.previous, self.bars.open, self.closes)
        moved = np.any([np.abs(price - high) > SAME * high for price in prices], axis=0)
        return np.asarray((np.abs(high - low) <= SAME * high) & moved, np.bool_)

    @cached_property
    def usual(self) -> FloatArray:
        """Usual move of the days around, a log return. NaN where the price stands still.

        It is that of the quarter or of the year around, the larger one: ranges may be as wide as in
        either of them.
        """
        squares = np.square(np.log(self.closes / self.previous))
        means = [_local_means(squares, window) for window in (QUARTER, YEAR)]
        usual = np.sqrt(np.maximum(*means) / KEPT_MEAN)
        return np.asarray(np.where(usual > 0, usual, np.nan), np.float64)

    @cached_property
    def level(self) -> FloatArray:
        """Log of the middle one of open, high and low over the close."""
        prices = np.array([self.bars.open, self.bars.high, self.bars.low])
        return np.asarray(np.log(np.median(prices, axis=0) / self.closes), np.float64)

    @cached_property
    def excess(self) -> FloatArray:
        """Log distance by which open and close lie outside of high and low (2, days)."""
        high, low = self.bars.high, self.bars.low
        prices = np.array([self.bars.open, self.closes])
        return np.asarray(np.log(np.maximum(prices / high, low / prices)), np.float64)

    @cached_property
    def is_outside(self) -> Flags:
        """Days whose open or close lies outside of high and low by more than rounding."""
        return np.asarray(self.excess.max(axis=0) > BEYOND * self.usual, np.bool_)

    @cached_property
    def widths(self) -> FloatArray:
        """Log of high over low. NaN where it is zero or below."""
        high, low = self.bars.high, self.bars.low
        return np.asarray(np.log(np.where(high > low, high / low, np.nan)), np.float64)

    @cached_property
    def variances(self) -> FloatArray:
        """Range variance of each day. NaN where a bar shows no range."""
        return range_variance(np.log(self.closes / self.previous), self.shapes)

    def evidence(self, values: FloatArray) -> FloatArray:
        """Return evidence of at most `MOST` either way, and none on days without a range."""
        known = np.where(np.isnan(self.shapes[:, 0]), np.nan, values)
        return np.asarray(np.clip(np.nan_to_num(known), -MOST, MOST), np.float64)


@dataclass(frozen=True)
class BarFault:
    """Stretches of days whose bars have one fault.

    Attributes
    ----------
    stretches : tuple of pairs
        First day and stop of each.
    text, reason : str
        The fault, and its reason or remedy.
    is_moved : bool
        The bars are those of another day.
    """

    stretches: tuple[Stretch, ...]
    text: str
    reason: str
    is_moved: bool = False


def faults_of(days: BarDays) -> list[BarFault]:
    """Find the faults of bars that last. A day has one of them at most.

    A bar on another level is also wide, and a bar of another day also holds no close. So the more
    special fault comes first.
    """
    found: list[BarFault] = []
    for find in FAULTS:
        found += find(days, within(days, found))
    return found


def within(days: BarDays, faults: Sequence[BarFault]) -> Flags:
    """Mark the days of faults."""
    marked = np.zeros(len(days.closes), bool)
    for fault in faults:
        for first, stop in fault.stretches:
            marked[first:stop] = True
    return marked


def _apart(days: BarDays, taken: Flags) -> list[BarFault]:
    """Find open, high and low on another level than the closes: two of them, on one side."""
    moves = days.level / days.usual
    sides = np.array([days.evidence(moves - APART), days.evidence(-moves - APART)])
    found = sorted(stretch for side in stretches_of(sides, taken) for stretch in side)
    if not found:
        return []
    level = np.exp(np.nanmedian(_parts(days.level, found)))
    reason = f"they are about {level:.3g} times the closes; adjust both or none"
    text = "open, high and low are on another level than the closes"
    return [BarFault(tuple(found), text, reason)]


def _wide(days: BarDays, taken: Flags) -> list[BarFault]:
    """Find range variances that are far above squared returns.

    Where open or close lies outside of high and low, these need not be wrong.
    """
    with np.errstate(divide="ignore"):
        ratios = np.where(days.is_outside, np.nan, np.log(days.variances / days.usual**2))
    (found,) = stretches_of(days.evidence(ratios - np.log(WIDE))[np.newaxis], taken)
    if not found:
        return []
    times = float(f"{np.exp(np.nanmedian(_parts(ratios, found)) / 2):.2g}")
    text = f"high and low are about {times:,g} times wider than returns allow"
    return [BarFault(tuple(found), text, "a wrong unit or column?")]


def _moved(days: BarDays, taken: Flags) -> list[BarFault]:
    """Find high and low of the next day, or of the day before."""
    early, late = stretches_of(np.array([_is_early(days), _is_late(days)]), taken)
    kinds = (
        (early, "the next day", "they explain its return better than that of their own day"),
        (late, "the day before", "they hold its close and not their own"),
    )
    return [
        BarFault(tuple(found), f"high and low belong to {owner}", reason, is_moved=True)
        for found, owner, reason in kinds
        if found
    ]


def _outside(days: BarDays, taken: Flags) -> list[BarFault]:
    """Find open or close outside of high and low on many days."""
    evidence = days.evidence(np.where(days.is_outside, MOST, -MOST * OFTEN / (1 - OFTEN)))
    (found,) = stretches_of(evidence[np.newaxis], taken)
    if not found:
        return []
    outside = _parts(days.excess, found)[:, ~np.isnan(_parts(days.shapes[:, 0], found))] > SAME
    shares = outside.mean(axis=-1)
    names = [name for name, share in zip(("open", "close"), shares, strict=True) if share > OFTEN]
    count = f"{outside.any(axis=0).sum():,} of {outside.shape[1]:,} days"
    text = f"{' or '.join(names) or 'open or close'} lies outside of high and low on {count}"
    return [BarFault(tuple(found), text, "they are not prices of one session")]


FAULTS: tuple[Callable[[BarDays, Flags], list[BarFault]], ...] = (_apart, _wide, _moved, _outside)


def _is_early(days: BarDays) -> FloatArray:
    """Return evidence, by day, that high and low explain the next return and not their own day.

    An open outside of high and low is none of this bar.
    """
    moves = np.abs(np.log(days.closes / days.previous))
    bodies = np.abs(np.log(days.closes / days.bars.open))
    own = np.fmax(moves, np.where(days.excess[0] > SAME, np.nan, bodies))
    difference = np.r_[_ranks(moves)[1:] - _ranks(own)[:-1], 0.0]  # the last day has no next return
    return np.asarray(_ranks(days.widths) * difference, np.float64)


def _is_late(days: BarDays) -> FloatArray:
    """Return evidence, by day, that high and low hold the close before and not their own."""

    def held(prices: FloatArray) -> Flags:
        return (prices <= days.bars.high * (1 + SAME)) & (prices >= days.bars.low * (1 - SAME))

    return held(days.previous).astype(np.float64) - held(days.closes)


def _local_means(squares: FloatArray, window: int) -> FloatArray:
    """Return means of the days around each day, without the `LARGEST` of them."""
    days, window = len(squares), min(window, len(squares))
    if not days:
        return squares
    parts = np.lib.stride_tricks.sliding_window_view(squares, window)  # (days − window + 1, window)
    kept = window - round(LARGEST * window)
    smallest = np.partition(parts, kept - 1, axis=-1)[:, :kept]
    around = np.clip(np.arange(days) - window // 2, 0, days - window)
    return np.asarray(smallest.mean(axis=-1)[around], np.float64)


def _parts(values: FloatArray, stretches: Sequence[Stretch]) -> FloatArray:
    """Join the days of stretches, along the last axis."""
    return np.concatenate([values[..., first:stop] for first, stop in stretches], axis=-1)


def years_of(values: FloatArray) -> list[FloatArray]:
    """Cut days into parts of about a year, for volatility and sources change."""
    return np.array_split(values, max(1, round(len(values) / YEAR)))


def _ranks(values: FloatArray) -> FloatArray:
    """Return ranks within each year, of mean 0 and variance 1. Zero for NaN."""
    return np.concatenate([_ranks_of_year(part) for part in years_of(values)])


def _ranks_of_year(values: FloatArray) -> FloatArray:
    known = np.sort(values[np.isfinite(values)])
    below = np.searchsorted(known, values) + np.searchsorted(known, values, side="right")
    ranks = np.sqrt(12) * (below / max(2 * len(known), 1) - 0.5)  # ties share a rank
    return np.where(np.isfinite(values), ranks, 0.0)


def stretches_of(evidence: FloatArray, taken: Flags | None = None) -> list[list[Stretch]]:
    """Find the stretches of days with decisive evidence, the strongest first.

    Parameters
    ----------
    evidence : array of shape (kinds, days)
        Positive on days that speak for a kind. A day belongs to one kind at most.
    taken : array of shape (days,), optional
        Days that belong to no kind.

    Returns
    -------
    list of stretches for each kind
        Each goes on to an end of the history if the days there hardly speak against it.
    """
    evidence, days = evidence.copy(), evidence.shape[1]
    if taken is not None:
        evidence[:, taken] = -DECISIVE
    found: list[list[Stretch]] = [[] for _ in evidence]
    while days:
        sums, stretches = zip(*map(_strongest, evidence), strict=True)
        kind = int(np.argmax(sums))
        if sums[kind] < DECISIVE:
            break
        first, stop = stretches[kind]
        first = 0 if evidence[kind, :first].sum() > -SLIGHT else first
        stop = days if evidence[kind, stop:].sum() > -SLIGHT else stop
        evidence[:, first:stop] = -DECISIVE
        found[kind].append((first, stop))
    return [sorted(stretches) for stretches in found]


def _strongest(evidence: FloatArray) -> tuple[float, Stretch]:
    """Return the largest sum over consecutive days, and these days."""
    sums = np.r_[0.0, np.cumsum(evidence)]
    rises = sums - np.minimum.accumulate(sums)
    stop = int(np.argmax(rises))
    return float(rises[stop]), (int(np.argmin(sums[: stop + 1])), stop)
