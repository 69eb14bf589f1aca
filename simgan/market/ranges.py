"""Judgement of ranges: which open, high and low are those of their day."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from simgan.arrays import FloatArray
from simgan.market.bars import positive
from simgan.market.prices import Bars, Prices
from simgan.market.sessions import SAME, Flags, Rows
from simgan.market.shapes import shapes_of

Stretch = tuple[int, int]

LEAST_SHARE = 0.5  # of the days of an asset. With fewer ranges, it counts as one without any.
YEAR = 250  # trading days
DECISIVE = 40.0  # summed evidence, for which three to six months of wrong bars suffice
SLIGHT = 10.0  # summed evidence, as of a month of right bars
# Beyond the closes by 5/3: lows of 2010-05-06 that were real trades are nearer (PG: 1.54), and the
# nearest wrong price of ../shared/data/market is not (EUR/USD on 2012-01-27: 1.72).
WILD = float(np.log(5 / 3))
WILD_WIDTHS = 8.0  # usual ranges of high and low, for stocks that move by half in a day
GAPLESS = 0.75  # share of opens that equal the close before. Coarse ticks of a stock reach a half.


def _has_no_range(previous: FloatArray, closes: FloatArray, bars: Bars) -> Flags:
    """Mark bars whose high is below the low, or equals it although the price moved."""
    flat = np.abs(bars.high - bars.low) <= SAME * bars.high
    prices = (previous, bars.open, closes)
    moved = np.any([np.abs(price - bars.high) > SAME * bars.high for price in prices], axis=0)
    return np.asarray((flat & moved) | (bars.high < bars.low * (1 - SAME)), np.bool_)


@dataclass(frozen=True)
class JudgedRanges:
    """Ranges of one asset, and the days that have none, with the reason.

    Days are numbered as the closes are. Stretches are pairs of a first day and a stop.

    Attributes
    ----------
    shapes : array of shape (days − 1, 3)
        Shape of each day but the first (`simgan.market.shapes`). NaN on days left out for any
        reason below, and everywhere if `is_scarce`.
    missing : array of day numbers
        Days whose bar shows no range.
    early, late : tuple of stretches
        Days whose high and low belong to the day after, or to the day before.
    wild : array of day numbers
        Open, high or low far from the closes.
    gapless : tuple of stretches
        Days whose open is the close before. They keep their ranges.
    """

    shapes: FloatArray
    missing: Rows
    early: tuple[Stretch, ...]
    late: tuple[Stretch, ...]
    wild: Rows
    gapless: tuple[Stretch, ...]

    @property
    def is_scarce(self) -> bool:
        """No range is used, because too few days have one."""
        return bool(np.isnan(self.shapes).all())


def judged_ranges(closes: FloatArray, bars: Bars) -> JudgedRanges:
    """Return the ranges of one asset, without those that are wrong.

    Ranks say whether high and low belong to the day after. The log of high over low should explain
    the largest move of its own day, from the close before or from the open. If it explains the next
    return more, by products of ranks summed over a stretch of days, the stretch is early. High and
    low belong to the day before if they hold its close and not their own.

    Evidence is summed over the stretch where it is largest, and `DECISIVE` is its bound. In 2,400
    simulated histories of 10,000 days, independent or GJR, with up to two thirds of the variance in
    gaps, the largest was 30. Its tail falls tenfold every 4 to 5 units. The right bars of
    ../shared/data/market stay below 13, and the early ones of EUR/USD reach 1,000.

    Parameters
    ----------
    closes : array of shape (days,)
    bars : Bars
        Each array of shape (days,), in the unit of the closes.
    """
    days, before = bars.each(lambda values: positive(values[1:])), closes[:-1]
    shapes = shapes_of(before, closes[1:], days)
    shapes[np.isnan(shapes).any(axis=-1) | _has_no_range(before, closes[1:], days)] = np.nan
    missing = np.flatnonzero(np.isnan(shapes[:, 0]))
    evidence = np.array([_is_early(before, closes[1:], days), _is_late(before, closes[1:], days)])
    early, late = _stretches(evidence)
    wild = np.flatnonzero(_is_wild(before, closes[1:], days))
    for first, stop in (*early, *late):
        shapes[first:stop] = np.nan
    shapes[wild] = np.nan
    if not are_enough(shapes):
        shapes[:] = np.nan
    same = np.abs(days.open - before) <= SAME * before
    (gapless,) = _stretches(np.where(np.isnan(days.open), 0.0, same - GAPLESS)[np.newaxis])
    return JudgedRanges(shapes, missing + 1, _later(early), _later(late), wild + 1, _later(gapless))


def are_enough(shapes: FloatArray) -> bool:
    """Tell whether half of the days (days, …) of every asset have a shape."""
    return bool((np.isfinite(shapes).mean(axis=0) >= LEAST_SHARE).all())


def right_shapes(closes: FloatArray, bars: Bars | None) -> FloatArray | None:
    """Return the shape of each day but the first, without those that are wrong.

    Parameters
    ----------
    closes : array of shape (days, assets)
    bars : Bars, optional
        Each array of shape (days, assets), in the unit of the closes.

    Returns
    -------
    array of shape (days − 1, assets, 3), or None
        NaN for an asset with ranges on fewer than half of the days. None if that is each asset.
    """
    if bars is None:
        return None
    assets = range(closes.shape[1])
    columns = [judged_ranges(closes[:, i], bars.each(itemgetter(np.s_[:, i]))) for i in assets]
    if all(column.is_scarce for column in columns):
        return None
    return np.stack([column.shapes for column in columns], axis=1)


def days_with_ranges(prices: Prices) -> int:
    """Return the number of days whose open, high and low a fit learns from."""
    if len(prices.dates) < 2:
        return 0
    shapes = right_shapes(prices.values, prices.bars)
    return 0 if shapes is None else int(np.isfinite(shapes).all(axis=(1, 2)).sum())


def _is_early(previous: FloatArray, closes: FloatArray, bars: Bars) -> FloatArray:
    """Return evidence, by day, that high and low explain the next return and not their own day."""
    width = _width(bars)
    move = np.abs(np.log(closes / previous))
    own = np.fmax(move, np.abs(np.log(closes / bars.open)))
    difference = np.r_[_ranks(move)[1:] - _ranks(own)[:-1], 0.0]  # the last day has no next return
    return np.asarray(_ranks(width) * difference, np.float64)


def _is_late(previous: FloatArray, closes: FloatArray, bars: Bars) -> FloatArray:
    """Return evidence, by day, that high and low hold the close before and not their own."""

    def held(prices: FloatArray) -> Flags:
        return (prices <= bars.high * (1 + SAME)) & (prices >= bars.low * (1 - SAME))

    return held(previous).astype(np.float64) - held(closes)


def _is_wild(previous: FloatArray, closes: FloatArray, bars: Bars) -> Flags:
    """Mark days whose open, high or low is far beyond the closes of the day and the day before."""
    prices = np.log([bars.open, bars.high, bars.low])
    closings = np.log([previous, closes])
    beyond = np.fmax(prices - closings.max(axis=0), closings.min(axis=0) - prices)
    width = _width(bars)
    usual = np.concatenate([np.full(len(part), _median(part)) for part in _years(width)])
    return np.asarray(np.fmax.reduce(beyond) > np.maximum(WILD, WILD_WIDTHS * usual), np.bool_)


def _width(bars: Bars) -> FloatArray:
    """Return the log of high over low. NaN where it is zero or below."""
    return np.log(np.where(bars.high > bars.low, bars.high / bars.low, np.nan))


def _median(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else 0.0


def _years(values: FloatArray) -> list[FloatArray]:
    """Cut days into parts of about a year, for volatility and sources change."""
    return np.array_split(values, max(1, round(len(values) / YEAR)))


def _ranks(values: FloatArray) -> FloatArray:
    """Return ranks within each year, of mean 0 and variance 1. Zero for NaN."""
    return np.concatenate([_ranks_of_year(part) for part in _years(values)])


def _ranks_of_year(values: FloatArray) -> FloatArray:
    known = np.sort(values[np.isfinite(values)])
    below = np.searchsorted(known, values) + np.searchsorted(known, values, side="right")
    ranks = np.sqrt(12) * (below / max(2 * len(known), 1) - 0.5)  # ties share a rank
    return np.where(np.isfinite(values), ranks, 0.0)


def _stretches(evidence: FloatArray) -> list[list[Stretch]]:
    """Find the stretches of days with decisive evidence, the strongest first.

    Parameters
    ----------
    evidence : array of shape (kinds, days)
        Positive on days that speak for a kind. A day belongs to one kind at most.

    Returns
    -------
    list of stretches for each kind
        Each goes on to an end of the history if the days there hardly speak against it.
    """
    evidence, days = evidence.copy(), evidence.shape[1]
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


def _later(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    """Number days as the closes are, where the first has no return."""
    return tuple((first + 1, stop + 1) for first, stop in stretches)
