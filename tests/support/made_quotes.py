"""Rows of a made price file, with any part replaced."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgan.market.prices import Bars, Quotes, read_as

FACTS = {
    "layout": "one table with a header",
    "encoding": "UTF-8",
    "separator": "comma",
    "dates": "YYYY-MM-DD",
    "numbers": "1234.56",
    "column": "Adj Close",
    "columns": "Close, Open",
}


def business_days(count: int, first: str = "2018-01-01") -> np.ndarray[Any, np.dtype[Any]]:
    """Return weekdays from the first one on."""
    return np.busday_offset(first, np.arange(count), roll="forward")


def made_closes(count: int, seed: int = 1) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a walk of prices that begins near 100."""
    steps = 0.01 * np.random.default_rng(seed).standard_normal(count)
    return np.asarray(100.0 * np.exp(np.cumsum(steps)))


def made_quotes(count: int = 300, asset: str = "KO", **parts: Any) -> Quotes:
    """Return rows with line numbers from 2 on."""
    closes = parts.pop("closes", made_closes(count))
    dates = parts.pop("dates", business_days(len(closes)))
    known = {
        "place": lambda row: f"line {row + 2}",
        "notes": (read_as("column 'Adj Close' of ko.csv"),),
        "facts": FACTS,
    }
    return Quotes(asset, dates, closes, **(known | parts))


def made_bars(closes: np.ndarray[Any, np.dtype[np.float64]]) -> Bars:
    """Return bars that open near the close before. The volume of the second row is zero."""
    volume = np.full(len(closes), 1_234_567.0)
    volume[1] = 0.0
    opened = 1.001 * np.r_[closes[0], closes[:-1]]
    high, low = np.maximum(opened, closes) * 1.005, np.minimum(opened, closes) * 0.995
    return Bars(opened, high, low, volume)
