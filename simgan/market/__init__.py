"""Market: prices from a source, log returns, windows, scaling.

A `PriceSource` or the cache (`simgan.market.price_cache`) gives `Quotes`. `judged` turns these into
`Prices`, and `history_of` into a `History`. `windows` cuts it, and a `Scaling` scales the windows.
The members of both families load their libraries on first use.
"""

from __future__ import annotations

from simgan.market.history import History, history_of, windows
from simgan.market.judgement import judged
from simgan.market.prices import Bars, Dates, Prices, Quotes, Scope, panel
from simgan.market.scalings import SCALINGS, Scaling
from simgan.market.sources import SOURCES, PriceSource

__all__ = [
    "SCALINGS",
    "SOURCES",
    "Bars",
    "Dates",
    "History",
    "PriceSource",
    "Prices",
    "Quotes",
    "Scaling",
    "Scope",
    "history_of",
    "judged",
    "panel",
    "windows",
]
