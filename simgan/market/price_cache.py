"""Downloaded prices, kept in the workspace's `data/` as one Parquet file per ticker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import numpy as np

from simgan.errors import DataError, SourceError, UnknownNameError
from simgan.files import told_as_write_error
from simgan.locks import locked
from simgan.market.cached_prices import (
    ADDED,
    CachedPrices,
    CacheEntry,
    DamagedFile,
    ForbiddenFile,
    entry_of,
    expect_download,
    is_there,
    read_cached,
    reason_of,
    write_cached,
)
from simgan.market.judgement import judged
from simgan.market.kept_path import kept_path
from simgan.market.prices import WHOLE, Note, Prices, Quotes, Scope, read_as, warned
from simgan.market.renewal import compared
from simgan.market.sessions import weeks_and_weekdays
from simgan.market.sources import PriceSource, RemoteSource
from simgan.progress import SILENT, Progress, Stop
from simgan.workspace import Workspace

FRESH = timedelta(hours=1)  # age of a download from which on the same question is asked again
RECENT = 400  # calendar days at the end of a history that show its usual days of the week


class Download(StrEnum):
    """When the network may be used."""

    IF_MISSING = "if-missing"
    ALWAYS = "always"  # --refresh
    FORCE = "force"  # --refresh --force: also where the new prices contradict the old ones
    NEVER = "never"  # --offline

    @property
    def renews(self) -> bool:
        """Whether prices are downloaded that are there already."""
        return self in (Download.ALWAYS, Download.FORCE)


Ask = Callable[[str], Quotes]


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
        return judged(self.quotes(source, name, scope=scope), scope)

    def quotes(
        self,
        source: PriceSource,
        name: str,
        progress: Progress = SILENT,
        stop: Stop | None = None,
        scope: Scope = WHOLE,
    ) -> Quotes:
        """Return the rows of `name`, from the cache where `download` allows it.

        Cached prices that end before the end of `scope` are downloaded again. One run at a time
        downloads a ticker. The others wait, and then read the new file.

        Raises
        ------
        SourceError
            The prices cannot be obtained. The message says whether a cached file is still there.
        PriceError
            The prices of a file are not understood.
        WriteError
            A download could not be kept.
        Interrupted
            The stop token was set while another run was downloading.
        """
        return self.each(source, [name], progress, stop, scope)[0]

    def each(
        self,
        source: PriceSource,
        names: Sequence[str],
        progress: Progress = SILENT,
        stop: Stop | None = None,
        scope: Scope = WHOLE,
    ) -> list[Quotes]:
        """Return the rows of several assets, one after the other through one connection.

        A ticker that fails does not stop the others. Their downloads are kept.

        Raises
        ------
        SourceError, PriceError
            Some tickers failed. The message has the reason of each.
        WriteError, Interrupted
            As for `quotes`.
        """
        found, failures = list[Quotes](), dict[str, DataError]()
        with _Asking(source, progress, stop) as ask:
            for name in names:
                try:
                    found.append(self._one(source, name, ask, scope))
                except DataError as failure:
                    failures[name] = failure
        if failures:
            raise _joined(failures, len(names), self.workspace)
        return found

    def entries(self) -> list[CacheEntry]:
        """Describe the files in `data/` in the order of the tickers, each with its trouble."""
        return sorted(map(entry_of, self._files()), key=lambda entry: entry.ticker)

    def _files(self) -> list[Path]:
        """Return all files of `data/` but its README.md and hidden ones."""
        folder = self.workspace.data
        try:
            files = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            raise ForbiddenFile(folder, reason_of(error)) from error
        return [path for path in files if path.name[0] != "." and path.name != "README.md"]

    def entry(self, name: str) -> CacheEntry:
        """Describe the kept prices of one ticker.

        Raises
        ------
        UnknownNameError
            No prices are kept under this name.
        SourceError
            The file holds another ticker of the same file name.
        """
        path = kept_path(self.workspace, name)
        if not is_there(path):
            known = [entry.ticker for entry in self.entries() if entry.path.suffix == path.suffix]
            raise UnknownNameError("kept prices", name, known, "`simgan data add` keeps prices")
        entry = entry_of(path)
        if not entry.trouble and entry.ticker.upper() != name.upper():
            raise SourceError(f"{path} holds {entry.ticker}, not {name}; name {entry.ticker}")
        return entry

    def add(
        self,
        source: RemoteSource,
        names: Sequence[str],
        progress: Progress = SILENT,
        stop: Stop | None = None,
    ) -> list[CacheEntry]:
        """Download tickers that are not kept yet, or all of them if `download` says so.

        Raises
        ------
        SourceError, WriteError, Interrupted
            As for `each`.
        """
        self.each(source, names, progress, stop)
        return [self.entry(name) for name in names]

    def remove(
        self, name: str, progress: Progress = SILENT, stop: Stop | None = None
    ) -> CacheEntry:
        """Remove the kept prices of one ticker, and return their description.

        Raises
        ------
        UnknownNameError
            No prices are kept under this name.
        SourceError
            The file holds another ticker, or was not written by simgan.
        WriteError
            The system refuses.
        """
        path = self.entry(name).path
        with locked(path, progress, stop):
            entry = self.expect_removable(name)
            with told_as_write_error(path):
                path.unlink()
        return entry

    def expect_removable(self, name: str) -> CacheEntry:
        """Return the description of kept prices that `remove` would remove.

        Raises
        ------
        UnknownNameError, SourceError
            As for `remove`.
        """
        entry = self.entry(name)
        if entry.is_foreign:
            raise SourceError(f"{entry.path} was {entry.trouble} and stays; remove it yourself")
        return entry

    def _one(self, source: PriceSource, name: str, ask: _Asking, scope: Scope) -> Quotes:
        if not isinstance(source, RemoteSource):
            return source.quotes(name)
        path = kept_path(self.workspace, name)
        if not self.download.renews and is_there(path):
            with suppress(DamagedFile):
                old = _expected(read_cached(path), source, name, path)
                late = _is_late(old, scope)
                if not late or self.download is Download.NEVER:
                    return _with_origin(old, name, path, _ends_early(old, scope) if late else ())
        if self.download is Download.NEVER:
            return self._offline(name, path)
        with locked(path, ask.progress, ask.stop):
            return self._renewed(source, name, ask, scope)

    def _offline(self, name: str, path: Path) -> Quotes:
        """Refuse, because there is no good file and no network."""
        why = f"{name} is not in {path.parent}/"
        if is_there(path):
            try:
                read_cached(path)
            except DamagedFile as damage:
                why = f"{path} is damaged ({damage})"
        raise SourceError(
            f"{why} and --offline forbids a download; "
            "run once without --offline, or use --prices FILE or --source sample"
        )

    def _renewed(self, source: RemoteSource, name: str, ask: _Asking, scope: Scope) -> Quotes:
        """Return the cached prices or download them. This needs the lock."""
        path = kept_path(self.workspace, name)
        old, damaged = None, False
        if is_there(path):
            try:
                old = read_cached(path)
                if not self.download.renews:
                    old = _expected(old, source, name, path)
                    if not _is_late(old, scope):  # another run has downloaded it meanwhile
                        return _with_origin(old, name, path)
            except DamagedFile:
                damaged = True
            expect_download(path, name)
        new = self._asked(ask, name, path, is_kept=old is not None)
        if old is not None and (old.ticker.upper(), old.source) == (name.upper(), source.kind):
            new = self._continued(old, new, path)
        if damaged:
            note = read_as(f"{path} was damaged and has been downloaded again")
            new = replace(new, notes=(*new.notes, note))
        write_cached(path, source, new)
        return new

    def _asked(self, ask: Ask, name: str, path: Path, is_kept: bool) -> Quotes:
        """Download, and say of a failure that the old file is still there."""
        try:
            return ask(name)
        except DataError as error:
            if not is_kept:
                raise
            text = f"{error}; {path} is kept as it was and is used {self._way_to_old}"
            raise SourceError(text) from error

    @property
    def _way_to_old(self) -> str:
        return "without --refresh" if self.download.renews else "with --offline"

    def _continued(self, old: CachedPrices, new: Quotes, path: Path) -> Quotes:
        """Refuse new prices that contradict the old ones, unless that is forced."""
        renewal = compared(old.quotes, new)
        if not renewal.objections:
            return replace(new, notes=(*new.notes, *renewal.notes))
        reasons = ", and ".join(renewal.objections)
        if self.download is Download.FORCE:
            forced = warned(f"{path} was replaced by force: of the new download, {reasons}")
            return replace(new, notes=(*new.notes, forced))
        raise SourceError(
            f"{new.asset}: the new download is refused: {reasons}; {path} is kept as it was and is "
            f"used {self._way_to_old}; --refresh --force replaces it"
        )


class _Asking:
    """A connection to a source that is opened at the first question."""

    def __init__(self, source: PriceSource, progress: Progress, stop: Stop | None) -> None:
        self.source, self.progress, self.stop = source, progress, stop
        self._open = ExitStack()
        self._ask: Ask | None = None

    def __enter__(self) -> _Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __call__(self, name: str) -> Quotes:
        if self._ask is None:
            assert isinstance(self.source, RemoteSource)
            self._ask = self._open.enter_context(self.source.connected(self.progress, self.stop))
        return self._ask(name)


def _joined(failures: dict[str, DataError], asked: int, workspace: Workspace) -> DataError:
    """Make one error of those of several tickers."""
    if asked == 1:
        return next(iter(failures.values()))
    kept = asked - len(failures)
    rest = f"; the other {kept} are kept in {workspace.data}/" if kept else ""
    reasons = "; ".join(
        text if name in (text := str(failure)) else f"{name}: {text}"
        for name, failure in failures.items()
    )
    return SourceError(
        f"{len(failures)} of {asked} tickers failed, {', '.join(failures)}: {reasons}{rest}"
    )


def _expected(kept: CachedPrices, source: RemoteSource, name: str, path: Path) -> CachedPrices:
    if kept.is_added and kept.ticker.upper() != name.upper():
        raise SourceError(
            f"{path} holds {kept.ticker}, {kept.origin}, not {name}; "
            f"rename the file, or use another --workspace for {name}"
        )
    if kept.ticker.upper() != name.upper() or kept.source not in (source.kind, ADDED):
        raise SourceError(
            f"{path} holds {kept.ticker} of {kept.source}, not {name} of {source.kind}; "
            "use --refresh to replace it or another --workspace to keep both"
        )
    return kept


def _with_origin(kept: CachedPrices, name: str, path: Path, more: Sequence[Note] = ()) -> Quotes:
    """Return cached rows with a note about their origin."""
    origin = read_as(f"{len(kept.quotes.priced_days)} prices from {path}, {kept.origin}")
    return replace(kept.quotes, asset=name, notes=(*kept.quotes.notes, origin, *more))


def _ends_early(kept: CachedPrices, scope: Scope) -> tuple[Note, ...]:
    days = kept.quotes.priced_days
    last = days.max() if len(days) else "nowhere"
    time = kept.fetched_at.isoformat(timespec="seconds")
    text = (
        f"the prices end on {last}, before --end {scope.end}: they were downloaded {time}, and "
        "--offline forbids later ones"
    )
    return (warned(text),)


def _is_late(kept: CachedPrices, scope: Scope) -> bool:
    """Tell whether a new download may have days up to the end of `scope` that are not kept.

    A download of the last hour has all that there is. Otherwise these days lie after the last kept
    one, and were not over at the time of the download. The asset usually trades on their days of
    the week.
    """
    if scope.end is None or kept.is_added:
        return False
    dates, now = kept.quotes.priced_days, datetime.now(UTC)
    if now - kept.fetched_at < FRESH:
        return False
    if not len(dates):
        return True
    end = min(np.datetime64(scope.end, "D"), np.datetime64(now.date(), "D"))
    first_open = np.datetime64(kept.fetched_at.date(), "D")  # not over yet at the download
    later = np.arange(max(dates.max() + 1, first_open), end + 1)
    _, usual = weeks_and_weekdays(dates[dates > dates.max() - RECENT])
    return bool(np.isin(weeks_and_weekdays(later)[1], usual).any())
