"""The contract of a price source."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from simgan.market.history import Prices


class PriceSource(ABC):
    """A frozen dataclass whose fields say where and how to look; `fetch` gives checked prices of one asset."""

    kind: ClassVar[str]

    @abstractmethod
    def fetch(self, name: str) -> Prices:
        """Return the prices called `name`.

        Returns
        -------
        Prices
            One asset, plausible (see `simgan.market.plausibility`), dates as datetime64[D]; the notes tell the column and
            every repair.

        Raises
        ------
        SourceError
            The prices could not be had.
        PriceError
            They are there, but cannot be used as they are.
        """


class RemoteSource(PriceSource):
    """A source behind a network; `PriceCache` keeps what it gives.

    Attributes
    ----------
    package : str
        The distribution that downloads; its version is kept with the prices.
    column : str
        The column whose prices are kept.
    """

    package: ClassVar[str]
    column: ClassVar[str]
