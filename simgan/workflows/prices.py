"""Prices: from a ticker or a file to a history of log returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgan.errors import ConfigError
from simgan.market.history import History, history_of
from simgan.market.price_cache import Download, PriceCache
from simgan.market.sources import SOURCES, PriceSource
from simgan.progress import SILENT, Progress
from simgan.settings import record
from simgan.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class PriceOrder:
    """An order for prices.

    Attributes
    ----------
    ticker : str
        Name at the source, or of the asset in a file.
    prices : Path, optional
        Price file instead of a source.
    source : str
        Name of a source.
    column : str
        Price column of a file. By default the adjusted close, else the close.
    start, end : str, optional
        First and last day to use, as ISO dates.
    download : {"if-missing", "always", "never"}
        When prices may be downloaded.
    """

    ticker: str
    prices: Path | None = None
    source: str = "yahoo"
    column: str = ""
    start: str | None = None
    end: str | None = None
    download: str = "if-missing"

    @property
    def price_source(self) -> PriceSource:
        """The source that the order names.

        Raises
        ------
        ConfigError
            A column was named for a source that has only one.
        """
        if self.prices is not None:
            return SOURCES.build("price_file", {"path": str(self.prices), "column": self.column})
        if self.column:
            raise ConfigError(
                "prices",
                "column",
                self.column,
                "left out without --prices: downloads always give the adjusted close",
            )
        return SOURCES.build(self.source)

    def history(
        self, workspace: Workspace, least_days: int, progress: Progress = SILENT
    ) -> History:
        """Fetch the prices and turn them into log returns.

        `progress` gets the notes about the data.

        Raises
        ------
        SourceError, PriceError
            The prices could not be had, cannot be used, or are too few.
        """
        prices = self._cache(workspace).fetch(self.price_source, self.ticker)
        for note in prices.notes:
            progress.say(f"{self.ticker}: {note}")
        return history_of(prices.between(self.start, self.end), least_days)

    def _cache(self, workspace: Workspace) -> PriceCache:
        if self.download not in list(Download):
            allowed = f"one of {', '.join(Download)}"
            raise ConfigError("prices", "download", self.download, allowed)
        return PriceCache(workspace, Download(self.download))

    def record(self) -> dict[str, object]:
        """Return plain JSON data about the origin of the prices."""
        start = {"start": self.start} if self.start else {}
        return record(self.price_source) | {"name": self.ticker} | start
