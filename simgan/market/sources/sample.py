"""The real series that the `arch` package carries. They need no network."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar

import numpy as np

from simgan.errors import UnknownNameError
from simgan.market.prices import Quotes, read_as, repaired
from simgan.market.sources import PriceSource

SERIES = {  # name: (module with `load`, column)
    "SP500": ("arch.data.sp500", "Adj Close"),
    "NASDAQ": ("arch.data.nasdaq", "Adj Close"),
    "VIX": ("arch.data.vix", "vix"),
    "WTI": ("arch.data.wti", "DCOILWTICO"),
}


@dataclass(frozen=True)
class Sample(PriceSource):
    """S&P 500 and NASDAQ (1999–2018, Yahoo Finance), VIX and WTI oil (FRED), all from `arch`."""

    kind: ClassVar[str] = "sample"

    def quotes(self, name: str) -> Quotes:
        """Return a sample series. Days without a price (holidays in FRED's files) are left out.

        Raises
        ------
        UnknownNameError
            No sample has this name.
        """
        if name not in SERIES:
            raise UnknownNameError("sample series", name, SERIES)
        module, column = SERIES[name]
        series = import_module(module).load()[column]
        prices = series.dropna()
        missing = len(series) - len(prices)
        notes = [read_as(f"sample {name}: column {column!r} of {module}")]
        if missing:
            notes.append(repaired(f"{missing} days without a price were left out"))
        dates = prices.index.to_numpy().astype("datetime64[D]")
        return Quotes(
            name,
            dates,
            prices.to_numpy(np.float64),
            place=lambda row: str(dates[row]),
            notes=tuple(notes),
        )
