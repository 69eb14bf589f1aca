"""The development data in ../shared, which are not part of the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgan.market.history import History, history_of
from simgan.market.prices import Prices
from simgan.market.sources.price_file import PriceFile

MARKET = Path(__file__).resolve().parents[1] / "../shared/data/market"


def expect_data() -> None:
    """Stop with a sentence where the data are not."""
    if not MARKET.is_dir():
        raise SystemExit(f"the development data are not in {MARKET.resolve()}")


def series(name: str) -> History:
    """One series, all of it."""
    return history_of(PriceFile(path=str(MARKET / f"{name}.csv")).fetch(name))


def every_series() -> dict[str, History]:
    """All single series by name."""
    return {
        path.stem: series(path.stem)
        for path in sorted(MARKET.glob("*.csv"))
        if not path.stem.startswith("PANEL")
    }


def long_index(first: str, last: str) -> History:
    """The S&P 500 between two dates, from the two files that follow each other."""
    parts = [
        PriceFile(path=str(MARKET / name)).fetch("SP500")
        for name in ("SP500_1962_1998.csv", "SP500.csv")
    ]
    joined = Prices(
        np.concatenate([p.dates for p in parts]),
        np.concatenate([p.values for p in parts]),
        ("SP500",),
    )
    return history_of(joined.between(first, last))
