"""Market: prices from a source, log returns, windows, scaling.

Data flows from ``PriceCache(workspace).fetch(source, name)`` to `Prices`, through `history_of` to a
`History`, then through `windows` to a `Scaling`. The cache (`simgan.market.price_cache`) and the
members of both families load their libraries on first use.
"""

from __future__ import annotations

from simgan.market.history import Dates, History, Prices, history_of, plausible, windows
from simgan.market.scalings import SCALINGS, Scaling
from simgan.market.sources import SOURCES, PriceSource

__all__ = [
    "SCALINGS",
    "SOURCES",
    "Dates",
    "History",
    "PriceSource",
    "Prices",
    "Scaling",
    "history_of",
    "plausible",
    "windows",
]
