"""Bars beside closes: open, high, low and volume in the unit of the adjusted closes."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray
from simgan.market.prices import Bars, Note, Quotes, read_as
from simgan.market.sessions import SAME, Flags, Rows, counted
from simgan.market.splits import factors_of, splits_of


def adjusted_bars(quotes: Quotes, rows: Rows, closes: FloatArray) -> tuple[Bars | None, list[Note]]:
    """Adjust the bars of some rows by the factor of the closes.

    Open, high and low of zero or below are missing ones. Bars that contradict themselves are kept
    as they are, and counted in a note.

    Parameters
    ----------
    quotes : Quotes
    rows : array of row numbers, shape (days,)
        One row a day, in the order of time.
    closes : array of shape (days,)
        The closes of these rows, adjusted.
    """
    if quotes.bars is None:
        return None, []
    given = quotes.bars.each(lambda values: values[rows])
    bars = Bars(
        positive(given.open),
        positive(given.high),
        positive(given.low),
        np.where(np.isfinite(given.volume) & (given.volume >= 0), given.volume, np.nan),
    )
    if all(np.isnan(part).all() for part in (bars.open, bars.high, bars.low, bars.volume)):
        return None, _never_positive(given, bars)
    raw = positive((quotes.closes if quotes.raw_closes is None else quotes.raw_closes)[rows])
    shares = factors_of(splits_of(quotes, quotes.dates[rows], raw), len(rows))
    scaled = bars.scaled(closes / raw)
    adjusted = Bars(scaled.open, scaled.high, scaled.low, bars.volume * shares)
    return adjusted, [*_never_positive(given, bars), *_inconsistent(bars, raw)]


def positive(prices: FloatArray) -> FloatArray:
    """Return prices with NaN for those that are zero, below or infinite."""
    return np.where(np.isfinite(prices) & (prices > 0), prices, np.nan)


def _never_positive(given: Bars, bars: Bars) -> list[Note]:
    """Tell prices of bars that are all zero or below."""
    given_prices, prices = ((b.open, b.high, b.low) for b in (given, bars))
    if np.isnan(given_prices).all() or not np.isnan(prices).all():
        return []
    return [read_as("no range is used: open, high and low are zero or below on each day")]


def _inconsistent(bars: Bars, closes: FloatArray) -> list[Note]:
    """Count bars whose high is below the low, or whose open or close is outside of both."""
    tops, bottoms = bars.high * (1 + SAME), bars.low * (1 - SAME)
    wrong: Flags = tops < bottoms
    for price in (bars.open, closes):
        wrong |= (price > tops) | (price < bottoms)  # NaN compares as False
    count = int(wrong.sum())
    text = f"{counted(count, 'bar')} with a price outside of high and low kept as in the source"
    return [read_as(text)] if count else []
