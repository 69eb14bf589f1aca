"""Downloaded prices kept in the workspace's `data/`, one Parquet file a ticker."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from simgan.errors import PriceError, SourceError
from simgan.files import whole_file
from simgan.market.history import Prices
from simgan.market.plausibility import plausible
from simgan.market.sources.base import PriceSource, RemoteSource
from simgan.workspace import Workspace

METADATA = b"simgan"  # key in the Parquet schema; its value is JSON


class Download(StrEnum):
    """When the network may be used."""

    IF_MISSING = "if-missing"
    ALWAYS = "always"  # --refresh
    NEVER = "never"  # --offline


class _Unreadable(Exception):
    """The cached file is damaged: a checksum, the format or a date in it is wrong."""


@dataclass(frozen=True)
class PriceCache:
    """One way to prices for every source: remote ones are kept in `workspace`, others are simply asked."""

    workspace: Workspace
    download: Download = Download.IF_MISSING

    def fetch(self, source: PriceSource, name: str) -> Prices:
        """Return the prices of `name`, from the cache where `download` allows it.

        Raises
        ------
        SourceError
            The prices could not be had; the message says whether a cached file is still there.
        PriceError
            The prices cannot be used.
        WriteError
            A download could not be kept.
        """
        if not isinstance(source, RemoteSource):
            return source.fetch(name)
        path = self.workspace.prices(name)
        if self.download is Download.ALWAYS:
            return self._refreshed(source, name, path)
        if not path.exists():
            self._expect_network(f"{name} is not in {path.parent}/")
            return _downloaded(source, name, path)
        try:
            return _cached(source, name, path)
        except _Unreadable as damage:
            self._expect_network(f"{path} is damaged ({damage})")
            fresh = _downloaded(source, name, path)
            return replace(
                fresh, notes=(*fresh.notes, f"{path} was damaged and has been downloaded again")
            )

    def _refreshed(self, source: RemoteSource, name: str, path: Path) -> Prices:
        try:
            return _downloaded(source, name, path)
        except (SourceError, PriceError) as error:
            if not path.exists():
                raise
            raise SourceError(
                f"{error}; {path} is kept as it was and is used without --refresh"
            ) from error

    def _expect_network(self, why: str) -> None:
        if self.download is Download.NEVER:
            raise SourceError(
                f"{why} and --offline forbids a download; run once without --offline, or use --prices FILE or --source sample"
            )


def _downloaded(source: RemoteSource, name: str, path: Path) -> Prices:
    prices = source.fetch(name)
    facts = {
        "ticker": name.upper(),
        "source": source.kind,
        source.package: version(source.package),
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "column": source.column,
        "notes": list(prices.notes),
    }
    table = pa.table(
        {"date": prices.dates, source.column: prices.values[:, 0]},
        metadata={METADATA: json.dumps(facts).encode()},
    )
    with whole_file(path) as temporary:
        parquet.write_table(table, temporary, write_page_checksum=True)
    return prices


def _cached(source: RemoteSource, name: str, path: Path) -> Prices:
    table = _table(path)
    facts = _facts(table, path)
    if (facts["ticker"], facts["source"]) != (name.upper(), source.kind):
        raise SourceError(
            f"{path} holds {facts['ticker']} of {facts['source']}, not {name} of {source.kind}; "
            "use --refresh to replace it or another --workspace to keep both"
        )
    try:
        prices = Prices(
            dates=table["date"].to_numpy().astype("datetime64[D]"),
            values=table[source.column].to_numpy().astype(np.float64)[:, np.newaxis],  # (days, 1)
            assets=(name,),
        )
        checked = plausible(prices)
    except (KeyError, ValueError, pa.ArrowException) as error:  # PriceError is a ValueError
        raise _Unreadable(str(error)) from error
    return replace(
        checked,
        notes=(
            *facts["notes"],
            f"{len(prices.dates)} prices from {path}, downloaded {facts['fetched_at']}",
        ),
    )


def _table(path: Path) -> pa.Table:
    try:
        return parquet.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:  # a wrong checksum is an OSError
        raise _Unreadable(str(error).splitlines()[0][:80]) from error


def _facts(table: pa.Table, path: Path) -> dict[str, Any]:
    """Return what was recorded with the prices; a file of someone else is never overwritten."""
    try:
        facts = json.loads((table.schema.metadata or {})[METADATA])
        return {key: facts[key] for key in ("ticker", "source", "fetched_at", "notes")}
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"{path} was not written by simgan; move it away, or name it with --prices after saving it as CSV"
        ) from error
