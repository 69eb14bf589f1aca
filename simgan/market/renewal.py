"""Comparison of a new download with the prices kept from an older one.

The older prices of an asset change with each dividend and split: all days before it are multiplied
by a factor. This leaves the returns of the older days as they were. A download whose returns differ
otherwise, or that has lost days, is no renewal of the old prices. One of the two is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray
from simgan.market.prices import Dates, Note, Quotes, read_as, warned
from simgan.market.sessions import Flags, first_few

SAME_RETURN = 1e-4  # log returns that differ by less are equal: sources round their prices
BESIDE_SPLIT = 0.05  # the most that a dividend on the day of a split adds
FEW_LOST = 3  # sessions that a source may remove again, such as a bar on a holiday


@dataclass(frozen=True)
class Renewal:
    """Result of a comparison.

    Attributes
    ----------
    objections : tuple of str
        Reasons to keep the old prices. Empty where the new prices continue them.
    notes : tuple of Note
        Harmless changes.
    """

    objections: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class _Series:
    """The priced days of one download in the order of time."""

    dates: Dates  # (days,)
    adjusted: FloatArray  # log prices, (days,)
    raw: FloatArray | None  # log prices that are adjusted for splits at most
    splits: FloatArray  # log of new shares for one old share

    @classmethod
    def of(cls, quotes: Quotes) -> _Series:
        usable = np.isfinite(quotes.closes) & (quotes.closes > 0) & ~np.isnat(quotes.dates)
        usable[[fault.row for fault in quotes.faults]] = False
        if quotes.raw_closes is not None:
            usable &= np.isfinite(quotes.raw_closes) & (quotes.raw_closes > 0)
        dates, first = np.unique(quotes.dates[usable], return_index=True)
        rows = np.flatnonzero(usable)[first]
        splits = np.ones(len(rows)) if quotes.splits is None else quotes.splits[rows]
        return cls(
            dates,
            np.log(quotes.closes[rows]),
            None if quotes.raw_closes is None else np.log(quotes.raw_closes[rows]),
            np.log(np.where(np.isfinite(splits) & (splits > 0), splits, 1.0)),
        )

    def on(self, dates: Dates) -> _Series:
        keep = np.isin(self.dates, dates)
        # A split between two kept days belongs to the later one.
        passed = np.cumsum(self.splits)[keep]
        raw = None if self.raw is None else self.raw[keep]
        splits = np.diff(passed, prepend=passed[:1])
        return _Series(self.dates[keep], self.adjusted[keep], raw, splits)


def compared(old: Quotes, new: Quotes) -> Renewal:
    """Compare a new download with the old one of the same asset."""
    before, after = _Series.of(old), _Series.of(new)
    if not len(before.dates):
        return Renewal()
    if not len(after.dates):
        return Renewal((f"it has no price, and the old file has {len(before.dates)}",))
    objections, notes = _shorter(before.dates, after.dates)
    common = np.intersect1d(before.dates, after.dates)
    if len(common):
        more = _differing(before.on(common), after.on(common))
        objections, notes = objections + more.objections, notes + more.notes
    return Renewal(objections, notes)


def _shorter(old: Dates, new: Dates) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    lost = np.setdiff1d(old, new)
    if not len(lost):
        return (), ()
    days = f"{len(lost)} of {len(old)} days of the old file: {first_few([str(d) for d in lost])}"
    if new[0] > old[0] or new[-1] < old[-1] or len(lost) > FEW_LOST:
        return (f"it is shorter and lacks {days}",), ()
    return (), (warned(f"the new download lacks {days}"),)


def _differing(old: _Series, new: _Series) -> Renewal:
    """Compare the returns of the days that both downloads have."""
    change = np.diff(new.adjusted) - np.diff(old.adjusted)  # (days − 1,)
    steps = np.flatnonzero(np.abs(change) > SAME_RETURN)
    wrong = steps[~_is_adjustment(old, new, change)[steps]]
    last = len(change) - 1  # the youngest close of the old download may have been preliminary
    places = [_difference(old, new, int(row)) for row in wrong if row != last]
    if places:
        text = (
            f"it contradicts the old file on {len(places)} of {len(change)} common days: "
            f"{first_few(places)}"
        )
        return Renewal((text,))
    notes = tuple(
        warned(f"the last close of the old file was revised: {_difference(old, new, last)}")
        for _ in wrong
    )
    factor = float(np.exp(new.adjusted[0] - old.adjusted[0]))
    if abs(np.log(factor)) > SAME_RETURN:
        text = f"the older days were adjusted anew, the first by the factor {factor:.6g}"
        notes += (read_as(text),)
    return Renewal(notes=notes)


def _is_adjustment(old: _Series, new: _Series, change: FloatArray) -> Flags:
    """Mark changes of a return that a split or a dividend explains.

    A split changes the return by the logarithm of its ratio, in one direction or the other. It
    may be in the adjusted close of one download and not of the other. A dividend raises the
    adjusted return of its day, and leaves the return of the close as it was.
    """
    split = np.abs(np.where(new.splits != 0, new.splits, old.splits))[1:]
    by_split = (split > 0) & (np.abs(np.abs(change) - split) < BESIDE_SPLIT)
    if new.raw is None:
        return np.asarray(by_split, bool)
    # logarithm of the factor of dividends, which grows with time up to 0
    dividend = np.diff(new.adjusted - new.raw)
    if old.raw is None:
        by_dividend = np.abs(change - dividend) < SAME_RETURN
    else:
        by_dividend = np.abs(np.diff(new.raw) - np.diff(old.raw)) < SAME_RETURN
    return np.asarray(by_split | (by_dividend & (dividend > -SAME_RETURN)), bool)


def _difference(old: _Series, new: _Series, row: int) -> str:
    returns = [np.expm1(s.adjusted[row + 1] - s.adjusted[row]) for s in (old, new)]
    return f"{new.dates[row + 1]} ({returns[1]:+.2%}, before {returns[0]:+.2%})"
