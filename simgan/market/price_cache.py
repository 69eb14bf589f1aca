"""Downloaded prices, kept in the workspace's `data/` as one Parquet file per ticker."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from simgan.errors import PriceError, SourceError
from simgan.files import whole_file
from simgan.locks import locked
from simgan.market.judgement import judged
from simgan.market.prices import WHOLE, Note, NoteKind, Prices, Quotes, Scope, read_as
from simgan.market.sources import PriceSource, RemoteSource
from simgan.progress import Progress, Silent, Stop
from simgan.workspace import Workspace

METADATA = b"simgan"  # key in the Parquet schema, whose value is JSON
_SILENT = Silent()


class Download(StrEnum):
    """When the network may be used."""

    IF_MISSING = "if-missing"
    ALWAYS = "always"  # --refresh
    NEVER = "never"  # --offline


class _Unreadable(Exception):
    """The cached file is damaged: a checksum, the format or a date in it is wrong."""


class Kept(TypedDict):
    """Facts that are kept with the prices and needed again."""

    ticker: str
    source: str
    fetched_at: str
    notes: list[Note]


@dataclass(frozen=True)
class PriceCache:
    """Prices of every source. Those of remote sources are kept in `workspace`.

    Attributes
    ----------
    workspace : Workspace
    download : Download
        When the network may be used.
    """

    workspace: Workspace
    download: Download = Download.IF_MISSING

    def fetch(self, source: PriceSource, name: str, scope: Scope = WHOLE) -> Prices:
        """Return the prices of `name` that `quotes` finds, judged.

        Raises
        ------
        SourceError, WriteError
            As for `quotes`.
        PriceError
            The prices cannot be used.
        """
        return judged(self.quotes(source, name), scope)

    def quotes(
        self,
        source: PriceSource,
        name: str,
        progress: Progress = _SILENT,
        stop: Stop | None = None,
    ) -> Quotes:
        """Return the rows of `name`, from the cache where `download` allows it.

        One run at a time downloads a ticker. The others wait, and then read the new file.

        Raises
        ------
        SourceError
            The prices cannot be obtained. The message says whether a cached file is still there.
        WriteError
            A download could not be kept.
        Interrupted
            The stop token was set while another run was downloading.
        """
        if not isinstance(source, RemoteSource):
            return source.quotes(name)
        path = self.workspace.prices(name)
        if self.download is not Download.ALWAYS and path.exists():
            with suppress(_Unreadable):
                return _cached(source, name, path)
        if self.download is Download.NEVER:
            return self._kept(source, name, path)
        with locked(path, progress, stop):
            return self._kept(source, name, path)

    def _kept(self, source: RemoteSource, name: str, path: Path) -> Quotes:
        """Return the cached prices or download them. Downloading needs the lock."""
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
                fresh,
                notes=(
                    *fresh.notes,
                    read_as(f"{path} was damaged and has been downloaded again"),
                ),
            )

    def _refreshed(self, source: RemoteSource, name: str, path: Path) -> Quotes:
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
                f"{why} and --offline forbids a download; "
                "run once without --offline, or use --prices FILE or --source sample"
            )


def _downloaded(source: RemoteSource, name: str, path: Path) -> Quotes:
    prices = source.quotes(name)
    judged(prices)
    facts = {
        "ticker": name.upper(),
        "source": source.kind,
        source.package: version(source.package),
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "column": source.column,
        "notes": [[note.kind.value, note.text] for note in prices.notes],
    }
    table = pa.table(
        {"date": prices.dates, source.column: prices.closes},
        metadata={METADATA: json.dumps(facts).encode()},
    )
    with whole_file(path) as temporary:
        parquet.write_table(table, temporary, write_page_checksum=True)
    return prices


def _cached(source: RemoteSource, name: str, path: Path) -> Quotes:
    table = _table(path)
    facts = _facts(table, path)
    if (facts["ticker"], facts["source"]) != (name.upper(), source.kind):
        raise SourceError(
            f"{path} holds {facts['ticker']} of {facts['source']}, not {name} of {source.kind}; "
            "use --refresh to replace it or another --workspace to keep both"
        )
    try:
        dates = table["date"].to_numpy().astype("datetime64[D]")
        closes = table[source.column].to_numpy().astype(np.float64)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise _Unreadable(str(error)) from error
    notes = (
        *facts["notes"],
        read_as(f"{len(dates)} prices from {path}, downloaded {facts['fetched_at']}"),
    )
    quotes = Quotes(name, dates, closes, place=lambda row: str(dates[row]), notes=notes)
    try:
        judged(quotes)
    except PriceError as error:
        raise _Unreadable(str(error)) from error
    return quotes


def _table(path: Path) -> pa.Table:
    try:
        return parquet.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:  # a wrong checksum is an OSError
        raise _Unreadable(str(error).splitlines()[0][:80]) from error


def _facts(table: pa.Table, path: Path) -> Kept:
    """Return the facts kept with the prices. A file of someone else is never overwritten."""
    try:
        facts = json.loads((table.schema.metadata or {})[METADATA])
        return Kept(
            ticker=str(facts["ticker"]),
            source=str(facts["source"]),
            fetched_at=str(facts["fetched_at"]),
            notes=[Note(NoteKind(kind), str(text)) for kind, text in facts["notes"]],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"{path} was not written by simgan; "
            "move it away, or name it with --prices after saving it as CSV"
        ) from error
