"""Prices: from a ticker or a file to a history of log returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgan.errors import ConfigError
from simgan.market.history import History, history_of
from simgan.market.price_cache import Download, PriceCache
from simgan.market.sources import SOURCES
from simgan.market.sources.base import PriceSource
from simgan.settings import record
from simgan.workspace import Workspace

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class PriceOrder:
    """Which prices are wanted, in the words of the command line."""

    ticker: str
    file: Path | None = None
    source: str = "yahoo"
    column: str = ""
    start: str | None = None
    end: str | None = None
    download: Download = Download.IF_MISSING

    @property
    def price_source(self) -> PriceSource:
        """The source that the order names.

        Raises
        ------
        ConfigError
            A column was named for a source that has only one.
        """
        if self.file is not None:
            return SOURCES.build("price_file", {"path": str(self.file), "column": self.column})
        if self.column:
            raise ConfigError(
                "prices",
                "column",
                self.column,
                "left out without --prices: downloads always give the adjusted close",
            )
        return SOURCES.build(self.source)

    def history(self, workspace: Workspace, least_days: int, say: Say) -> History:
        """Fetch the prices and turn them into log returns; notes about the data are said.

        Raises
        ------
        SourceError, PriceError
            The prices could not be had, cannot be used, or are too few.
        """
        prices = PriceCache(workspace, self.download).fetch(self.price_source, self.ticker)
        for note in prices.notes:
            say(f"{self.ticker}: {note}")
        return history_of(prices.between(self.start, self.end), least_days)

    def record(self) -> dict[str, Any]:
        """Plain JSON data that says where the prices came from."""
        return record(self.price_source) | {"name": self.ticker}
