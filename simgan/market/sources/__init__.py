"""Family of price sources: where prices come from."""

from __future__ import annotations

from simgan.market.sources.base import PriceSource, RemoteSource
from simgan.registry import Entry, Registry

SOURCES: Registry[PriceSource] = Registry(
    "price source",
    {
        "yahoo": Entry("simgan.market.sources.yahoo:Yahoo"),
        "sample": Entry("simgan.market.sources.sample:Sample"),
        "price_file": Entry("simgan.market.sources.price_file:PriceFile"),
    },
)

__all__ = ["SOURCES", "PriceSource", "RemoteSource"]
