"""Format of a file of kept prices: one Parquet file per ticker, with facts beside the table.

The file keeps the rows as the source gave them, before they are judged. Its columns are the date
and the adjusted close. Close, open, high, low, volume and splits follow where the source gave them.
The first version of simgan kept the date and the adjusted close only. Such files are read, too.

Prices that a user added from a file have the same form. Their facts name that file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from simgan.arrays import FloatArray
from simgan.errors import SourceError
from simgan.files import whole_file
from simgan.market.prices import Bars, Fault, Note, NoteKind, Quotes, read_as
from simgan.market.sources import RemoteSource
from simgan.workspace import Workspace

ADDED = "price_file"  # source of prices that a user added from a file
METADATA = b"simgan"  # key in the Parquet schema, whose value is JSON
ENDING = ".parquet"
DATE = "date"
ADJUSTED, RAW_CLOSE, SPLITS = "Adj Close", "Close", "Stock Splits"
BARS = {"open": "Open", "high": "High", "low": "Low", "volume": "Volume"}


class DamagedFile(Exception):
    """A file of prices is damaged: a checksum, the format or a column in it is wrong."""


class ForbiddenFile(SourceError):
    """The system refuses to read a file or folder of prices."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be read ({self.reason}); "
            "change its permissions, or choose another --workspace"
        )


def reason_of(error: OSError) -> str:
    """Return the words of the system for an error."""
    return os.strerror(error.errno).lower() if error.errno else type(error).__name__


@dataclass(frozen=True)
class CachedPrices:
    """Prices of one file, and their origin.

    Attributes
    ----------
    quotes : Quotes
        All rows that were downloaded.
    ticker, source : str
        Name of the asset, and the kind of its source.
    fetched_at : datetime
        Time of the download or of the addition, in UTC.
    file : str
        Path of the file that the prices were added from. Empty for a download.
    sha256 : str
        Hash of that file.
    """

    quotes: Quotes
    ticker: str
    source: str
    fetched_at: datetime
    file: str = ""
    sha256: str = ""

    @property
    def is_added(self) -> bool:
        """Whether a user added the prices from a file. They cannot be downloaded again."""
        return self.source == ADDED

    @property
    def origin(self) -> str:
        """Origin of the prices in words."""
        if self.is_added:
            return f"added from {self.file} on {self.fetched_at.date()}"
        return f"downloaded {self.fetched_at.isoformat(timespec='seconds')}"


class EntryState(StrEnum):
    """Whether a file in `data/` can be used, and why not."""

    GOOD = "good"
    DAMAGED = "damaged"  # simgan wrote it, and it cannot be read any more
    MISNAMED = "under another name"  # a copy, or a renamed file
    FOREIGN = "not written by simgan"
    FORBIDDEN = "not allowed to be read"


@dataclass(frozen=True)
class CacheEntry:
    """One line of a list of cached prices.

    Attributes
    ----------
    ticker : str
        Name of the asset, or that of the file where nobody finds the asset in it.
    path : Path
    source, fetched_at : str
        Kind of the source, and ISO time of the download in UTC. Empty where they are not known.
    first, last : str
        First and last day as ISO dates. Empty where there is none.
    days : int
        Number of rows with a price.
    file : str
        Path of the file that the prices were added from. Empty for a download.
    sha256 : str
        Hash of that file.
    state : EntryState
    reason : str
        More about a state that is not good.
    """

    ticker: str
    path: Path
    source: str = ""
    first: str = ""
    last: str = ""
    days: int = 0
    fetched_at: str = ""
    file: str = ""
    sha256: str = ""
    state: EntryState = EntryState.GOOD
    reason: str = ""

    @property
    def trouble(self) -> str:
        """Why the file cannot be used. Empty for a good file."""
        if self.state is EntryState.GOOD:
            return ""
        return f"{self.state} ({self.reason})" if self.reason else str(self.state)

    @property
    def is_foreign(self) -> bool:
        """Whether simgan does not know the file as its own. It is never replaced or removed."""
        return self.state in (EntryState.FOREIGN, EntryState.FORBIDDEN)

    @property
    def size(self) -> int:
        """Bytes of the file, or 0 where it has gone."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def to_json(self) -> dict[str, object]:
        """Return plain JSON data. A fact that is not known is null."""
        return {
            "ticker": self.ticker,
            "path": str(self.path),
            "source": self.source or None,
            "file": self.file or None,
            "sha256": self.sha256 or None,
            "first": self.first or None,
            "last": self.last or None,
            "days": self.days if not self.trouble else None,
            "fetched_at": self.fetched_at or None,
            "bytes": self.size,
            "trouble": self.trouble or None,
        }


def write_cached(path: Path, source: RemoteSource, quotes: Quotes) -> None:
    """Write the rows of a download.

    Raises
    ------
    WriteError
        The system refuses the write.
    """
    facts = {"source": source.kind, source.package: version(source.package)}
    _write(path, quotes, source.column, facts)


def write_added(path: Path, quotes: Quotes, file: Path, sha256: str) -> None:
    """Write rows that a user adds from a file with this hash.

    Raises
    ------
    WriteError
        The system refuses the write.
    """
    _write(path, quotes, ADJUSTED, {"source": ADDED, "file": str(file), "sha256": sha256})


def _write(path: Path, quotes: Quotes, column: str, origin: Mapping[str, str]) -> None:
    facts = {
        "ticker": quotes.asset,
        **origin,
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "column": column,
        "notes": [[note.kind.value, note.text] for note in quotes.notes],
        "faults": [[fault.row, fault.text] for fault in quotes.faults],
        "facts": dict(quotes.facts),
    }
    columns = {DATE: quotes.dates, column: quotes.closes}
    if quotes.raw_closes is not None:
        columns[RAW_CLOSE] = quotes.raw_closes
    if quotes.bars is not None:
        columns |= {label: getattr(quotes.bars, name) for name, label in BARS.items()}
    if quotes.splits is not None:
        columns[SPLITS] = quotes.splits
    table = pa.table(columns, metadata={METADATA: json.dumps(facts).encode()})
    with whole_file(path) as temporary:
        parquet.write_table(table, temporary, write_page_checksum=True)


def read_cached(path: Path) -> CachedPrices:
    """Read the rows of a download.

    Raises
    ------
    DamagedFile
        The file is not as it was written.
    SourceError
        The file was not written by simgan, or is no file.
    """
    table = _table(path)
    facts = facts_in(table.schema, path)
    try:
        return CachedPrices(
            _quotes(table, facts),
            str(facts["ticker"]),
            str(facts["source"]),
            datetime.fromisoformat(str(facts["fetched_at"])).astimezone(UTC),
            str(facts.get("file", "")),
            str(facts.get("sha256", "")),
        )
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise DamagedFile(str(error).splitlines()[0][:80]) from error


def expect_download(path: Path, name: str) -> None:
    """Refuse a download in place of prices that a user added from a file, also damaged ones.

    Raises
    ------
    SourceError
        The file at `path` was added.
    """
    try:
        facts = facts_in(parquet.read_schema(path), path)
    except (OSError, pa.ArrowException, SourceError):
        return
    if facts["source"] == ADDED:
        file = facts.get("file") or "FILE"
        raise SourceError(
            f"{path} was added from {file} and cannot be downloaded again; "
            f"`simgan data add {file} --name {name} --force` replaces it, and "
            f"`simgan data remove {name}` makes room for a download"
        )


def entry_of(path: Path) -> CacheEntry:
    """Describe one file, whatever state it is in."""
    if path.suffix != ENDING:
        return CacheEntry(path.name, path, state=EntryState.FOREIGN)
    try:
        kept = read_cached(path)
    except DamagedFile as damage:
        return CacheEntry(path.stem, path, state=EntryState.DAMAGED, reason=str(damage))
    except ForbiddenFile:
        return CacheEntry(path.stem, path, state=EntryState.FORBIDDEN)
    except SourceError:
        return CacheEntry(path.stem, path, state=EntryState.FOREIGN)
    dates = kept.quotes.priced_days
    entry = CacheEntry(
        kept.ticker,
        path,
        kept.source,
        str(dates.min()) if len(dates) else "",
        str(dates.max()) if len(dates) else "",
        len(dates),
        kept.fetched_at.isoformat(timespec="seconds"),
        file=kept.file,
        sha256=kept.sha256,
    )
    workspace = Workspace(path.parent.parent)
    own, earlier = (
        place(entry.ticker).name for place in (workspace.prices, workspace.earlier_prices)
    )
    if path.name.casefold() in (own.casefold(), earlier.casefold()):
        return entry
    reason = f"it holds {entry.ticker}, rename it to {own}"
    return replace(entry, ticker=path.stem, state=EntryState.MISNAMED, reason=reason)


def is_there(path: Path) -> bool:
    """Tell whether a path exists.

    Raises
    ------
    ForbiddenFile
        The system refuses to look.
    """
    try:
        return path.exists()
    except OSError as error:
        raise ForbiddenFile(path, reason_of(error)) from error


def _table(path: Path) -> pa.Table:
    if is_there(path) and not path.is_file():  # to read a pipe would wait for ever
        raise SourceError(
            f"{path} is a folder or a device, not a file of prices; "
            "move it away, or choose another --workspace"
        )
    try:
        return parquet.read_table(path, page_checksum_verification=True)
    except PermissionError as error:
        raise ForbiddenFile(path, reason_of(error)) from error
    except (OSError, pa.ArrowException) as error:  # a wrong checksum is an OSError
        raise DamagedFile(str(error).splitlines()[0][:80]) from error


def facts_in(schema: pa.Schema, path: Path) -> dict[str, object]:
    """Return the facts kept with the prices. A file of someone else is never overwritten."""
    try:
        facts = json.loads((schema.metadata or {})[METADATA])
        if {"ticker", "source", "fetched_at", "notes"} - set(facts):
            raise KeyError(METADATA)
        datetime.fromisoformat(str(facts["fetched_at"]))
        _notes(facts["notes"])
        return dict(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"{path} was not written by simgan; "
            "move it away, or name it with --prices after saving it as CSV"
        ) from error


def _notes(pairs: object) -> tuple[Note, ...]:
    if not isinstance(pairs, list):
        raise TypeError("notes")
    # Files of the first version have texts.
    return tuple(
        read_as(pair) if isinstance(pair, str) else Note(NoteKind(pair[0]), str(pair[1]))
        for pair in pairs
    )


def _quotes(table: pa.Table, facts: dict[str, object]) -> Quotes:
    dates = table[DATE].to_numpy().astype("datetime64[D]")
    # Files of the first version name the adjusted close, too.
    column = str(facts.get("column") or table.column_names[1])
    has_bars = set(BARS.values()) <= set(table.column_names)
    faults, about = facts.get("faults", []), facts.get("facts", {})
    if not isinstance(faults, list) or not isinstance(about, dict):
        raise TypeError("its facts have another form")
    return Quotes(
        str(facts["ticker"]),
        dates,
        _column(table, column),
        place=lambda row: str(dates[row]),
        raw_closes=_column(table, RAW_CLOSE) if RAW_CLOSE in table.column_names else None,
        bars=Bars(**{name: _column(table, label) for name, label in BARS.items()})
        if has_bars
        else None,
        splits=_column(table, SPLITS) if SPLITS in table.column_names else None,
        faults=tuple(Fault(int(row), str(text)) for row, text in faults),
        notes=_notes(facts["notes"]),
        facts={str(topic): str(text) for topic, text in about.items()},
    )


def _column(table: pa.Table, label: str) -> FloatArray:
    return np.asarray(table[label].to_numpy(), np.float64)
