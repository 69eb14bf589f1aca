"""Data: show prices as they are understood, and keep prices in `data/` under names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simgan.errors import ConfigError, PriceError
from simgan.files import expect_writable, whole_file
from simgan.locks import locked
from simgan.market.added_prices import Origin, add_prices
from simgan.market.cached_prices import CacheEntry
from simgan.market.files.content import bytes_of, content_in
from simgan.market.files.reading import NoLayout, PriceTable, quotes_of, read_table, table_of
from simgan.market.judgement import judged
from simgan.market.kept_path import kept_path
from simgan.market.price_cache import Download, PriceCache
from simgan.market.prices import WHOLE, Scope, panel, refusal_of_some
from simgan.market.sessions import first_few
from simgan.market.sources import SOURCES, RemoteSource
from simgan.progress import SILENT, Progress, Stop
from simgan.report.prices.inspection import (
    SHOWN,
    InspectedAsset,
    Inspection,
    RawRow,
    inspected,
    unread,
)
from simgan.workspace import Workspace, safe_name

# Endings of price files. A ticker such as BRK.B has none of them.
FILE_ENDINGS = (
    ".csv", ".tsv", ".txt", ".tab", ".dat", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".pq",
    ".arrow", ".feather", ".ipc", ".gz", ".zip", ".json", ".html", ".htm",
)  # fmt: skip
_PAGES = (".html", ".htm")


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """Prices to look at.

    Attributes
    ----------
    workspace : Workspace
    prices : str
        Path of a file, or a ticker.
    ticker : str, optional
        One of several tickers in the file.
    column : str
        Price column of the file. By default the adjusted close, else the close.
    scope : Scope
        The days asked for, and the treatment of rows that are wrong.
    source : str
        Source of a ticker.
    download : {"if-missing", "always", "force", "never"}
        When the network may be used.
    out : path, optional
        Page to write, by default ``reports/NAME-data.html``.
    """

    workspace: Workspace
    prices: str
    ticker: str | None = None
    column: str = ""
    scope: Scope = WHOLE
    source: str = "yahoo"
    download: str = "if-missing"
    out: Path | None = None

    @property
    def is_file(self) -> bool:
        """Whether a file is meant, and no ticker."""
        return names_a_file(self.prices)

    @property
    def name(self) -> str:
        """Name for the page: the chosen ticker, or that of the file without its ending."""
        if self.ticker:
            return self.ticker
        return _stem(Path(self.prices)) if self.is_file else self.prices

    @property
    def page(self) -> Path:
        """Path of the page.

        Raises
        ------
        ConfigError
            It cannot be a page.
        """
        page = self.out or self.workspace.report(f"{_file_name(self.name)}-data", "html")
        if page.suffix.lower() not in _PAGES:
            raise ConfigError("data show", "out", str(page), "a name that ends in .html")
        if page.is_dir():
            raise ConfigError("data show", "out", str(page), "a new name: it is a folder")
        return page


def names_a_file(text: str) -> bool:
    """Tell a file from a ticker: it exists, or its name looks like that of a file."""
    path = Path(text)
    return path.is_file() or "/" in text or path.suffix.lower() in FILE_ENDINGS


def inspect(
    request: DataRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Inspection:
    """Read prices and judge them, and keep everything that was understood.

    Refused prices are no error here. Their inspection has a `refusal`.

    Raises
    ------
    SourceError
        The file is missing, or the prices cannot be had.
    UnknownNameError
        The file has no such ticker or column.
    ConfigError
        An option does not fit the prices.
    """
    if request.is_file:
        return _of_file(request)
    for option, value in (("ticker", request.ticker), ("column", request.column)):
        if value:
            allowed = f"left out: {request.prices} is no file"
            raise ConfigError("data show", option, value, allowed)
    cache = PriceCache(request.workspace, Download(request.download))
    source, scope = SOURCES.build(request.source), request.scope
    quotes = cache.quotes(source, request.prices, progress, stop)
    kept = kept_path(request.workspace, request.prices)
    origin = str(kept) if isinstance(source, RemoteSource) else request.source
    return _of_assets(request, origin, [inspected(quotes, scope)])


def _of_file(request: DataRequest) -> Inspection:
    path = Path(request.prices)
    try:
        table = read_table(path, request.ticker or "")
    except PriceError as error:
        facts = error.facts if isinstance(error, NoLayout) else {"file": path.name}
        refusal = f"{path}: {error}"
        return Inspection(name=request.name, origin=request.prices, facts=facts, refusal=refusal)
    names, column = _asked(table, request)
    assets = [_asset(table, name, column, request) for name in names]
    return _of_assets(request, request.prices, assets)


def _asked(table: PriceTable, request: DataRequest) -> tuple[Sequence[str], str]:
    """Return the tickers to look at, and the column.

    These are the chosen ticker, else those of the file, else the name of the file. A column that is
    a ticker of the file chooses it.
    """
    if request.ticker:
        return [request.ticker], request.column
    if chosen := table.ticker_meant_by(request.column):
        return [chosen], ""
    return table.tickers or [request.name], request.column


def _asset(table: PriceTable, name: str, column: str, request: DataRequest) -> InspectedAsset:
    try:
        quotes = replace(quotes_of(table, name, column), origin=request.prices)
    except PriceError as error:
        layout, sheet = table.layout, table.sheet
        columns = ", ".join(column.label for column in layout.columns if column.label)
        rows = range(layout.first, len(sheet))
        shown = [*rows[:SHOWN], *rows[SHOWN:][-SHOWN:]]
        return unread(
            name,
            {**table.facts, "columns": columns},
            f"{request.prices}: {error}",
            sheet.row(layout.header) if layout.header is not None else (),
            tuple(RawRow(sheet.place(row), sheet.row(row)) for row in shown),
        )
    return inspected(quotes, request.scope)


def _of_assets(request: DataRequest, origin: str, assets: Sequence[InspectedAsset]) -> Inspection:
    reasons = {a.name: a.refusal.removeprefix(f"{origin}: ") for a in assets if a.refusal}
    refusal = f"{origin}: {refusal_of_some(reasons, [a.name for a in assets])}" if reasons else ""
    together, apart = None, ""
    judged = [asset.prices for asset in assets if asset.prices is not None]
    if len(judged) == len(assets) > 1:
        try:
            together = panel(judged)
        except PriceError as error:
            apart = str(error)
    return Inspection(
        name=request.name,
        origin=origin,
        assets=tuple(assets),
        panel=together,
        apart=apart,
        refusal=refusal,
    )


def list_data(workspace: Workspace) -> list[CacheEntry]:
    """Describe each file in `data/`, also damaged and foreign ones."""
    return PriceCache(workspace).entries()


def add_tickers(
    workspace: Workspace,
    source: str,
    tickers: Sequence[str],
    download: str = "if-missing",
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> list[CacheEntry]:
    """Download tickers into `data/`.

    Those that are there already are kept, unless `download` renews them.

    Raises
    ------
    ConfigError
        The source needs no download.
    SourceError
        Some tickers failed. The others are kept.
    WriteError
        A download could not be kept.
    """
    chosen = SOURCES.build(source)
    if not isinstance(chosen, RemoteSource):
        allowed = "a source that downloads, such as yahoo: its series come with simgan"
        raise ConfigError("data add", "source", source, allowed)
    cache = PriceCache(workspace, Download(download))
    return cache.add(chosen, tuple(dict.fromkeys(tickers)), progress, stop)


def add_file(
    request: DataRequest,
    name: str,
    *,
    force: bool = False,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> CacheEntry:
    """Keep the prices of a file under a name. `progress` hears their notes.

    Raises
    ------
    SourceError, PriceError
        The file cannot be used. The message names the reason and the place.
    UnknownNameError
        The file has no such column.
    WriteError
        The name is taken, or the system refuses the write.
    """
    path = Path(request.prices)
    try:
        packed = bytes_of(path)
        table = table_of(content_in(packed, path, request.ticker or name), path.name)
        tickers, column = _asked(table, request)
        if len(tickers) > 1:
            raise PriceError(
                f"it holds {len(tickers)} tickers, {first_few(list(tickers))}; "
                "choose one with --ticker"
            )
        quotes = quotes_of(table, tickers[0], column)
    except PriceError as error:
        raise PriceError(f"{path}: {error}") from error
    prices = judged(replace(quotes, asset=name, origin=str(path)), request.scope)
    for note in prices.notes:
        progress.say(f"{name}: {note}")
    origin = Origin(path, hashlib.sha256(packed).hexdigest())
    return add_prices(request.workspace, prices, origin, force=force, progress=progress, stop=stop)


def remove_data(
    workspace: Workspace,
    names: Sequence[str],
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> list[CacheEntry]:
    """Remove kept prices, and return their descriptions. All names are checked first.

    Raises
    ------
    UnknownNameError
        Nothing is kept under one of the names. Nothing is removed then.
    SourceError
        A file was not written by simgan.
    WriteError
        The system refuses.
    """
    cache, names = PriceCache(workspace), tuple(dict.fromkeys(names))
    for name in names:
        cache.expect_removable(name)
    return [cache.remove(name, progress, stop) for name in names]


def draw(
    found: Inspection, page: Path, progress: Progress = SILENT, stop: Stop | None = None
) -> None:
    """Write the page of an inspection, whole or not at all.

    Raises
    ------
    WriteError
        The page cannot be written.
    """
    from simgan.report.prices.page import render_page

    expect_writable(page.parent)
    html = render_page(found)
    with locked(page, progress, stop), whole_file(page) as new:
        new.write_text(html, encoding="utf-8")


def _stem(path: Path) -> str:
    """Return the name of a file without its endings: ``ko.csv.gz`` is ``ko``."""
    name = path.name
    while Path(name).suffix.lower() in FILE_ENDINGS:
        name = Path(name).stem
    return name or path.name


def _file_name(name: str) -> str:
    """Return a name that is safe for file systems, whatever alphabet it is written in."""
    try:
        return safe_name(name)
    except ConfigError:
        return "prices"
