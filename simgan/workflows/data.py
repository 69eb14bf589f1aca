"""Data: show prices as they are understood, and keep prices in `data/` under names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simgan.errors import ConfigError, PriceError
from simgan.files import expect_writable, whole_file
from simgan.locks import locked
from simgan.market.price_cache import Download, PriceCache
from simgan.market.prices import WHOLE, Scope, panel
from simgan.market.sources import SOURCES
from simgan.market.sources.price_file import PriceFile
from simgan.progress import SILENT, Progress, Stop
from simgan.report.prices.inspection import InspectedAsset, Inspection, inspected
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
    scope: Scope = field(default=WHOLE)
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
    return _of_assets(request, request.source, [inspected(quotes, scope)])


def _of_file(request: DataRequest) -> Inspection:
    source = PriceFile(path=request.prices, column=request.column)
    try:
        names = _tickers(source, request)
        assets = [inspected(source.quotes(name), request.scope) for name in names]
    except PriceError as error:
        facts = dict(getattr(error, "facts", {}))
        return Inspection(name=request.name, origin=request.prices, facts=facts, refusal=str(error))
    return _of_assets(request, request.prices, assets)


def _tickers(source: PriceFile, request: DataRequest) -> Sequence[str]:
    """Return the chosen ticker, else those of the file, else the name of the file."""
    if request.ticker:
        return [request.ticker]
    return getattr(source, "tickers", tuple)() or [request.name]


def _of_assets(request: DataRequest, origin: str, assets: Sequence[InspectedAsset]) -> Inspection:
    refused = [asset for asset in assets if asset.refusal]
    refusal = "" if not refused else _told(origin, refused[0], alone=len(assets) == 1)
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


def _told(origin: str, asset: InspectedAsset, alone: bool) -> str:
    """Return the refusal with the names of the file and the asset."""
    names = [] if alone or asset.name in asset.refusal else [asset.name]
    if origin not in asset.refusal:
        names.insert(0, origin)
    return ": ".join([*names, asset.refusal])


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
