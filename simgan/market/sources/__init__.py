"""Family of price sources: where prices come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from simgan.market.judgement import judged
from simgan.market.prices import WHOLE, Prices, Quotes, Scope
from simgan.progress import SILENT, Progress, Stop
from simgan.registry import Entry, Registry
from simgan.settings import record


class PriceSource(ABC):
    """Where prices come from.

    A member is a frozen dataclass. Its fields are its settings, and `quotes` returns the rows of
    one asset.
    """

    kind: ClassVar[str]

    @abstractmethod
    def quotes(self, name: str) -> Quotes:
        """Return all rows of the asset called `name`, not yet judged.

        Raises
        ------
        SourceError
            The prices cannot be obtained.
        PriceError
            The layout of the prices is not understood.
        """

    def fetch(self, name: str, scope: Scope = WHOLE) -> Prices:
        """Return the prices called `name`.

        Returns
        -------
        Prices
            One asset, judged (see `simgan.market.judgement`). The notes name the column, every
            repair and every doubt.

        Raises
        ------
        SourceError
            The prices cannot be obtained.
        PriceError
            The prices are there, but cannot be used as they are.
        """
        return judged(self.quotes(name), scope)

    def origin(self, name: str) -> dict[str, object]:
        """Return plain JSON data by which the prices called `name` can be had or recognised."""
        return record(self)


class RemoteSource(PriceSource):
    """A source behind a network. `PriceCache` keeps its prices.

    Attributes
    ----------
    package : str
        The distribution that downloads. Its version is kept with the prices.
    column : str
        The column whose prices are kept.
    """

    package: ClassVar[str]
    column: ClassVar[str]

    @contextmanager
    def connected(
        self, progress: Progress = SILENT, stop: Stop | None = None
    ) -> Iterator[Callable[[str], Quotes]]:
        """Give a function like `quotes` that asks for several assets through one connection.

        Parameters
        ----------
        progress : Progress
            Hears of long waits.
        stop : Stop, optional
            Ends a wait.
        """
        yield self.quotes


SOURCES: Registry[PriceSource] = Registry(
    "price source",
    {
        "yahoo": Entry("simgan.market.sources.yahoo:Yahoo"),
        "sample": Entry("simgan.market.sources.sample:Sample"),
        "price_file": Entry("simgan.market.sources.price_file:PriceFile"),
        "frame": Entry("simgan.market.sources.frame:PriceFrame"),
    },
)
