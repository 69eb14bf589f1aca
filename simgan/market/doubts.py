"""Doubts: reasons to look at prices before they are used.

Each doubt is a function that looks for its signs and tells their places and dates. `DOUBTS` lists
them. The bounds were chosen so that no closes of ../shared/data/market have a doubt. Of bars, they
also tell how ranges are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

import numpy as np

from simgan.arrays import FloatArray, IntArray
from simgan.market.jumps import HUNDREDFOLD, Jump, spikes_of
from simgan.market.prices import Bars, Note, read_as, warned
from simgan.market.ranges import JudgedRanges, judged_ranges
from simgan.market.sessions import (
    MOVES,
    SAME,
    Flags,
    Sessions,
    counted,
    first_few,
    weeks_and_weekdays,
)

LONG_GAP = 14  # calendar days, more than the longest holidays of exchanges
QUARTER = 3 * 31  # calendar days: monthly prices lack one or two of theirs
LONGEST_STEP = 4  # calendar days between two trading days of a long weekend
STRETCH = 5  # steps of another frequency that are no coincidence
SPLITS = (2, 3, 4, 5, 7, 10, 20, 50)  # new shares for one old share, or the inverse
# Real days have come near 2: AAPL fell to 1/2.08 on 2000-09-29, VIX rose 2.16-fold on 2018-02-05.
NEAR_TWO = 0.03
NEAR_OTHERS = 0.1  # no stock moves 3-fold or more in a day, so that the day may move the price, too
AT_OPEN = 0.02  # distance of the open from the split: the night moves a price less than the day
IN_A_DAY = 0.15  # move of that day after such an open
SUSPICIOUS = 5.0  # a missing split explains a change of this size better than the market
TICKS = 10  # a penny stock doubles by a few smallest moves
BAD_TICK = 2.5  # a jump and its return that no market makes within days
STALE = 9  # days without a move, two weeks. The longest of ../shared/data/market are 5 days.
RARE = 0.2  # share of days without a move. The largest of ../shared/data/market is 6 %.
NO_TRADE = 5  # days without volume. The longest of ../shared/data/market are 4 days.
YEAR = 250  # trading days
HALF_YEAR = 125  # trading days: fewer can hide a fault of bars
CHANCE = 1e-3  # of a longer run in a series of the same length and share of such days
WEEKS = 8  # weeks before and after a weekend bar that are compared with it
FEWEST_OF_WEEKS = 20  # days that show the weekdays of a market
MOST_WEEKS = 0.5  # share of weeks from which on a day of the week is usual
FEW_WEEKS = 0.1  # share of weeks below which it is an exception
MONDAY, SATURDAY, SUNDAY = 0, 5, 6
FEWEST_RETURNS = 60  # days: chance gives these signs to 2 of 1,000 random walks of 20 days
NEAR_ONE = 0.01  # distance of the median of gross returns from 1
TYPICAL = 0.003  # change from day to day, above that of a stablecoin or a peg
UNDONE = -0.4  # autocorrelation of changes: -0.5 for returns, about 0 for prices
FRESH = 1.3  # deviation of changes over that of levels: √2 for returns, less for a noisy peg
USUAL = 0.25  # share of these weeks that have a bar on the same weekday, if the market was open


def frequencies(days: Sessions) -> Iterator[Note]:
    """Tell weekly or monthly prices, and the places where the frequency changes."""
    is_long = days.steps > LONGEST_STEP
    coarse, fine = _runs(is_long, STRETCH), _runs(~is_long, STRETCH)
    if coarse and fine:
        stretches = [
            f"{days.between(first, stop)} (every {np.median(days.steps[first:stop]):g} days)"
            for first, stop in coarse
        ]
        yield warned(
            f"the frequency changes: there are fewer prices from {first_few(stretches)}; "
            "one step is not one trading day there"
        )
    elif days.steps.size and np.median(days.steps) > LONGEST_STEP:
        yield warned(
            f"there is a price about every {np.median(days.steps):g} days only: "
            "one step is not a trading day"
        )


def gaps(days: Sessions) -> Iterator[Note]:
    """Tell stretches without a price that are longer than any holidays."""
    if not days.steps.size:
        return
    bound = max(LONG_GAP, 3 * float(np.median(days.steps)))
    rows = np.flatnonzero(days.steps > bound)
    coarse = np.zeros(len(days.steps), bool)
    for first, stop in _runs(days.steps > LONGEST_STEP, STRETCH):
        coarse[first:stop] = True  # another frequency, which is told as such
    rows = rows[~coarse[rows] | (days.steps[rows] > QUARTER)]
    if rows.size:
        places = [f"{days.at(int(row) + 1)} ({days.steps[row]} days)" for row in rows]
        yield warned(f"there are no prices for more than {bound:g} days before {first_few(places)}")


def weekends(days: Sessions) -> Iterator[Note]:
    """Tell bars on a Saturday or Sunday where the weeks around them have none."""
    weeks, weekday = weeks_and_weekdays(days.dates)
    odd = np.zeros(len(days), bool)
    for day in (5, 6):
        rows = np.flatnonzero(weekday == day)
        odd[rows[_share_around(weeks[rows], np.unique(weeks)) < USUAL]] = True
    if odd.any():
        places = [days.at(int(row)) for row in np.flatnonzero(odd)]
        yield warned(
            f"there are prices on a weekend, which the weeks around do not have: "
            f"{first_few(places)}"
        )


def late_weeks(days: Sessions) -> Iterator[Note]:
    """Tell weeks from Tuesday to Saturday, which no market has."""
    if len(days) < FEWEST_OF_WEEKS:
        return
    weeks, weekday = weeks_and_weekdays(days.dates)
    shares = np.bincount(weekday, minlength=7) / len(np.unique(weeks))  # of the weeks
    if shares[SATURDAY] > MOST_WEEKS and shares[[SUNDAY, MONDAY]].sum() < FEW_WEEKS:
        yield warned(
            "the weeks go from Tuesday to Saturday: the dates are probably a day late, or serial "
            "numbers that count from 1904 or 1960; check a date that you know"
        )


def gross_returns(days: Sessions) -> Iterator[Note]:
    """Tell numbers near 1 each of which undoes the change before it, as 1 plus a return does."""
    if len(days) < FEWEST_RETURNS or abs(np.median(days.logs)) > NEAR_ONE:
        return
    changes = np.diff(days.logs)
    if np.median(np.abs(changes)) < TYPICAL or changes.std() < FRESH * days.logs.std():
        return
    centred = changes - changes.mean()
    if centred[1:] @ centred[:-1] < UNDONE * (centred @ centred):
        yield warned(
            "the prices look like returns (all near 1, each day undoes the day before); "
            "choose the column of prices, or multiply the returns up to prices"
        )


def _share_around(of_rows: IntArray, weeks: IntArray) -> FloatArray:
    """Return the share of the weeks around each row that have a row on its weekday, too."""

    def around(all_weeks: IntArray) -> IntArray:
        upper = np.searchsorted(all_weeks, of_rows + WEEKS, side="right")
        return np.asarray(upper - np.searchsorted(all_weeks, of_rows - WEEKS), np.int64)

    return np.asarray(around(of_rows) / np.maximum(around(weeks), 1), np.float64)


def missing_splits(days: Sessions) -> Iterator[Note]:
    """Tell jumps for good that look like a split, or that are too large for a market."""
    found = [
        jump
        for jump in days.jumps
        if jump.back is None
        and (jump.size > SUSPICIOUS or (_is_like_a_split(days, jump) and not _is_few(days, jump)))
    ]
    if found:
        places = [f"{days.at(jump.row)} ({jump.words})" for jump in found]
        yield warned(f"the price jumps at {first_few(places)}: check for a missing split")


def _is_like_a_split(days: Sessions, jump: Jump) -> bool:
    for split in SPLITS:
        off = abs(np.log(jump.size / split))
        if off <= (NEAR_TWO if split == 2 else NEAR_OTHERS):
            return True
        if days.bars is not None and off <= IN_A_DAY:
            opened = abs(np.log(days.bars.open[jump.row] / days.closes[jump.row - 1]))
            if abs(opened - np.log(split)) <= AT_OPEN:
                return True
    return False


def _is_few(days: Sessions, jump: Jump) -> bool:
    """Tell whether a jump is a few of the smallest moves of the series, as of a penny stock."""
    return bool(days.moves[jump.row - 1] <= TICKS * (1 + SAME) * days.smallest_move)


def bad_ticks(days: Sessions) -> Iterator[Note]:
    """Tell jumps that are taken back within days."""
    large = [j for j in days.jumps if j.back is not None and BAD_TICK <= j.size < HUNDREDFOLD]
    found = {jump.row: jump for jump in (*spikes_of(days.logs), *large) if not _is_few(days, jump)}
    if found:
        places = [
            f"{days.between(row, jump.last)} ({jump.words})" for row, jump in sorted(found.items())
        ]
        yield warned(f"the price jumps and is back soon after: {first_few(places)}: a wrong price?")


def stale(days: Sessions) -> Iterator[Note]:
    """Tell runs of one price that are longer than the series explains, and rare moves."""
    flags = np.diff(days.closes) == 0
    runs = _unusual_runs(flags, STALE)
    if runs:
        places = [
            f"{days.between(first, stop)} ({stop - first + 1} equal prices)" for first, stop in runs
        ]
        yield warned(f"the price stands still: {first_few(places)}: a halt, or missing prices?")
    others = np.ones(len(flags), bool)
    for first, stop in runs:
        others[first:stop] = False
    if others.sum() >= MOVES and (share := float(flags[others].mean())) >= RARE:
        yield warned(
            f"the price does not move on {100 * share:.0f} % of the days: is it traded rarely, or "
            "were missing prices filled?"
        )


def untraded(days: Sessions) -> Iterator[Note]:
    """Tell stretches without volume in a series that has volume."""
    if days.bars is None:
        return
    runs = _unusual_runs(days.bars.volume == 0, NO_TRADE)
    if runs and (days.bars.volume > 0).any():
        places = [f"{days.between(a, b - 1)} ({b - a} days)" for a, b in runs]
        yield warned(f"the volume is zero: {first_few(places)}: a halt, or no volume known?")


def ranges(days: Sessions) -> Iterator[Note]:
    """Tell days whose high and low are not used as a range, and opens without a gap."""
    if days.bars is None:
        return
    found = judged_ranges(days.closes, days.bars)
    if len(found.missing) == len(found.shapes):
        yield from _no_ranges(days, days.bars, found)
        return
    if found.is_scarce:
        yield _none_used(days, found)
    unused = "ranges of these days are not used"
    for fault in found.faults:
        places = days.stretches(fault.stretches)
        yield warned(f"{fault.text}: {places}; {fault.reason}; {unused}")
    if found.wild.size:
        places = first_few([days.at(int(row)) for row in found.wild])
        yield warned(f"open, high or low is far from the closes: {places}; {unused}")
    yield from _readings_of_ranges(days, found)


def _none_used(days: Sessions, found: JudgedRanges) -> Note:
    """Tell that a fit learns from closes. It is a doubt where bars are wrong."""
    text = "no range is used: fewer than half of the days have one"
    if not found.faults:
        return read_as(text)
    return warned(text + _remedy_of_ranges(days, found))


def _remedy_of_ranges(days: Sessions, found: JudgedRanges) -> str:
    """Name the option that leaves out a wrong stretch at an end, if the other days have ranges."""
    for first, stop in (pair for fault in found.faults for pair in fault.stretches):
        if stop == len(days):
            kept, option = slice(first), f"--end {days.dates[first - 1]}"
        elif first == 1:
            kept, option = slice(stop - 1, None), f"--start {days.dates[stop - 1]}"
        else:
            continue
        if _have_ranges(days, kept):
            return f"; {option} keeps right ranges"
    return ""


def _have_ranges(days: Sessions, kept: slice) -> bool:
    """Tell whether enough of some days have ranges, judged by themselves."""
    if days.bars is None or len(days.closes[kept]) < HALF_YEAR:
        return False
    bars = days.bars.each(itemgetter(kept))
    return not judged_ranges(days.closes[kept], bars).is_scarce


def _no_ranges(days: Sessions, bars: Bars, found: JudgedRanges) -> Iterator[Note]:
    """Tell why no day has a range.

    Bars without high and low, or of closes alone such as those of a fund, promise none.
    """
    parts = {"open": bars.open, "high": bars.high, "low": bars.low}
    absent = [name for name, values in parts.items() if np.isnan(values[1:]).all()]
    same = np.abs(bars.high - days.closes)[found.flat] <= SAME * days.closes[found.flat]
    count = len(found.missing)
    if {"high", "low"} <= set(absent) or 2 * same.sum() >= count:
        return
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        why = f"{' and '.join(absent)} {verb} missing, or no positive number, on each day"
    else:
        causes = {"high is below low": len(found.inverted), "high equals low": len(found.flat)}
        causes["a price is missing"] = count - sum(causes.values())
        cause = max(causes, key=lambda name: causes[name])
        why = f"{cause} on {causes[cause]:,} of {counted(count, 'day')}"
    yield read_as(f"no range is used: {why}")


def _readings_of_ranges(days: Sessions, found: JudgedRanges) -> Iterator[Note]:
    """Tell how ranges were read where a source gives less than a bar for each day."""
    if found.gapless:
        places = days.stretches(found.gapless)
        yield read_as(
            f"the open is the close of the day before: {places}; ranges have no gap there"
        )
    if count := len(found.missing):
        first, last = int(found.missing[0]), int(found.missing[-1])
        yield read_as(
            f"{counted(count, 'day')} without a range ({days.between(first, last)}): open, high or "
            "low is missing, or high equals low although the price moved"
        )


def _unusual_runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    """Return start and stop of runs that are longer than chance makes them.

    In N days that have a flag with probability p, a run of m flags or more has a probability of
    about N pᵐ. Here p is the share of flags in the year before and the year after the run.
    """
    unusual = []
    for first, stop in _runs(flags, least):
        around = np.r_[flags[max(first - YEAR, 0) : first], flags[stop : stop + YEAR]]
        share = around.mean() if around.size else 0.0
        if len(flags) * share ** (stop - first) < CHANCE:
            unusual.append((first, stop))
    return unusual


def _runs(flags: Flags, least: int) -> list[tuple[int, int]]:
    """Return start and stop of runs of at least `least` flags."""
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False]))  # (2 × runs,)
    starts, stops = edges[::2], edges[1::2]
    kept = stops - starts >= least
    return list(zip(starts[kept].tolist(), stops[kept].tolist(), strict=True))


DOUBTS: tuple[Callable[[Sessions], Iterator[Note]], ...] = (
    frequencies,
    gaps,
    weekends,
    late_weeks,
    gross_returns,
    missing_splits,
    bad_ticks,
    stale,
    untraded,
    ranges,
)
