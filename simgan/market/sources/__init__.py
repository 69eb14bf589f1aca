"""Family of price sources: where prices come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from simgan.market.history import Prices
from simgan.registry import Entry, Registry


class PriceSource(ABC):
    """Where prices come from.

    A member is a frozen dataclass. Its fields are its settings, and `fetch` returns checked prices
    of one asset.
    """

    kind: ClassVar[str]

    @abstractmethod
    def fetch(self, name: str) -> Prices:
        """Return the prices called `name`.

        Returns
        -------
        Prices
            One asset, plausible (see `simgan.market.history`), dates as datetime64[D]. The
            notes name the column and every repair.

        Raises
        ------
        SourceError
            The prices cannot be obtained.
        PriceError
            The prices are there, but cannot be used as they are.
        """


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


SOURCES: Registry[PriceSource] = Registry(
    "price source",
    {
        "yahoo": Entry("simgan.market.sources.yahoo:Yahoo"),
        "sample": Entry("simgan.market.sources.sample:Sample"),
        "price_file": Entry("simgan.market.sources.price_file:PriceFile"),
    },
)
