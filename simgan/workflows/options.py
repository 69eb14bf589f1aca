"""Options of `fit` and `backtest`, and the order for prices that they make.

The options stand once for the command line and for Python. The doors give them by name, and
`FitRequest.of` and `BacktestRequest.of` make typed requests of them. An option that is left out has
the default of the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar, cast, get_args

from simgan.arguments import Day, given_date
from simgan.errors import ConfigError, DataError, PriceError, UnknownNameError, Words
from simgan.market.files.frames import is_frame
from simgan.market.history import History, history_of
from simgan.market.judgement import judged
from simgan.market.price_cache import Download, PriceCache
from simgan.market.prices import OnBadRows, Prices, Scope
from simgan.market.sources import SOURCES, PriceSource, RemoteSource
from simgan.market.sources.frame import PriceFrame, in_python
from simgan.market.sources.price_file import PriceFile
from simgan.progress import SILENT, Progress
from simgan.recipe.options import RecipeOptions
from simgan.workflows.book import BookOptions
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame

Options = TypeVar("Options")
_LONGEST_NAME = 200  # characters of the name of an asset that a model keeps


class PriceOptions(TypedDict, total=False):
    """Where prices come from.

    Attributes
    ----------
    source : {"yahoo", "sample"}
        ``sample`` works offline and has SP500, NASDAQ, VIX and WTI.
    column : str
        Price column of a file, by default the adjusted close, else the close.
    start : str
        First day of the history to use, as an ISO date.
    on_bad_rows : {"stop", "drop"}
        ``drop`` leaves out rows that cannot be used, and tells how many.
    interval : {"1d"}
        Time between two prices. Only daily prices are learned.
    download : {"if-missing", "always", "force", "never"}
        When prices may be downloaded. ``force`` also replaces kept prices that a new download
        contradicts.
    """

    source: Literal["yahoo", "sample"]
    column: str
    start: Day | None
    on_bad_rows: OnBadRows
    interval: Literal["1d"]
    download: Literal["if-missing", "always", "force", "never"]


class RunOptions(TypedDict, total=False):
    """How a run is named, where it computes, and whether it continues an interrupted one.

    Attributes
    ----------
    name : str
        Name of the model, or of the files of a backtest, by default the tickers.
    device : {"auto", "cpu", "gpu"}
        Where TensorFlow computes.
    resume : bool
        Continue an interrupted run of the same name.
    """

    name: str | None
    device: Literal["auto", "cpu", "gpu"]
    resume: bool


class FitOptions(RecipeOptions, PriceOptions, RunOptions, total=False):
    """Options of `fit`.

    Attributes
    ----------
    prices : path, Series or DataFrame, or several
        Price file or frame instead of a source. Of several assets: one for each, or one that holds
        all of them.
    end : str
        Last day of the history to use, as an ISO date.
    tensorboard : path
        Folder for TensorBoard event files.
    """

    prices: str | Path | Frame | Sequence[str | Path | Frame] | None
    end: Day | None
    tensorboard: str | Path | None


class WalkOptions(TypedDict, total=False):
    """How a backtest forecasts.

    Attributes
    ----------
    first : str
        First day forecast, as an ISO date. By default the last 40 % of the history is tested.
    refit : {"yearly", "quarterly", "never"}
        When models are fitted again.
    levels : tuple of float
        Coverages of VaR and ES, above 0.5 and below 1.
    horizons : tuple of int
        Days that a forecast is summed over.
    models : tuple of str or None
        ``simgan`` and baselines by name. None for those of the default.
    scenarios : int
        Scenarios for each day, at least 100.
    window : int or None
        Days of history that a fit sees, or None for all.
    jobs : int
        Processes. Their number never changes the result.
    scheduler : str
        Address of a Dask cluster, which works in place of these processes. Empty for none.
    """

    first: Day | None
    refit: Literal["yearly", "quarterly", "never"]
    levels: tuple[float, ...]
    horizons: tuple[int, ...]
    models: tuple[str, ...] | None
    scenarios: int
    window: int | None
    jobs: int
    scheduler: str


class BacktestOptions(
    RecipeOptions, PriceOptions, RunOptions, WalkOptions, BookOptions, total=False
):
    """Options of `backtest`.

    Attributes
    ----------
    prices : path or frame, or several
        Price files or frames instead of a source: one for each ticker, or one that holds all of
        them.
    last : str
        Last day of the test, as an ISO date.
    """

    prices: str | Path | Frame | Sequence[str | Path | Frame]
    last: Day | None


def expect_known(owner: str, options: Iterable[str], all_options: type) -> None:
    """Refuse an option that does not exist.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    known = sorted(all_options.__annotations__)
    for name in options:
        if name not in known:
            raise UnknownNameError(f"option of {owner}", name, known)


def part_of(options: Mapping[str, object], part: type[Options]) -> Options:
    """Return those options that belong to one of the classes above."""
    chosen = {name: value for name, value in options.items() if name in part.__annotations__}
    return cast(Options, chosen)


@dataclass(frozen=True, kw_only=True)
class PriceOrder:
    """An order for prices.

    Attributes
    ----------
    ticker : str
        Name at the source, or of the asset in a file.
    prices : Path or Frame, optional
        Price file or frame instead of a source.
    source : str
        Name of a source.
    column : str
        Price column of a file. By default the adjusted close, else the close.
    start, end : str, optional
        First and last day to use, as ISO dates.
    on_bad_rows : {"stop", "drop"}
        ``drop`` leaves out rows that cannot be used.
    interval : {"1d"}
        Time between two prices.
    download : {"if-missing", "always", "force", "never"}
        When prices may be downloaded.

    Raises
    ------
    ConfigError
        The interval or the treatment of bad rows is unknown, or no model can keep the ticker.
    """

    ticker: str
    prices: Path | Frame | None = None
    source: str = "yahoo"
    column: str = ""
    start: Day | None = None
    end: Day | None = None
    on_bad_rows: OnBadRows = "stop"
    interval: str = "1d"
    download: str = "if-missing"

    def __post_init__(self) -> None:
        if not self.ticker.isprintable() or len(self.ticker) > _LONGEST_NAME:
            allowed = f"printable text of at most {_LONGEST_NAME} characters"
            raise ConfigError("prices", "ticker", self.ticker, allowed)
        if self.on_bad_rows not in get_args(OnBadRows):
            raise ConfigError("prices", "on_bad_rows", self.on_bad_rows, "stop or drop")
        if self.interval != "1d":
            allowed = "1d: models, forecasts and reports know daily prices only"
            raise ConfigError("prices", "interval", self.interval, allowed)

    @property
    def price_source(self) -> PriceSource:
        """The source that the order names.

        Raises
        ------
        ConfigError
            A column was named for a source that has only one.
        """
        if is_frame(self.prices):
            return PriceFrame(self.prices, self.column)
        if self.prices is not None:
            return SOURCES.build("price_file", {"path": str(self.prices), "column": self.column})
        if self.column:
            raise ConfigError(
                "prices",
                "column",
                self.column,
                "left out without --prices: downloads always give the adjusted close",
            )
        return SOURCES.build(self.source)

    def history(
        self, workspace: Workspace, least_days: int, progress: Progress = SILENT
    ) -> History:
        """Fetch the prices and turn them into log returns.

        `progress` gets the notes about the data.

        Raises
        ------
        SourceError, PriceError
            The prices could not be had, cannot be used, or are too few.
        """
        prices = self.fetched(workspace, progress)
        for note in prices.notes:
            progress.say(f"{self.ticker}: {note}")
        return history_of(prices, least_days)

    def fetched(self, workspace: Workspace, progress: Progress = SILENT) -> Prices:
        """Fetch the prices and judge the days that are asked for.

        `progress` hears of downloads. The notes about the data stand with the prices.

        Raises
        ------
        SourceError, PriceError
            The prices could not be had, or cannot be used.
        """
        scope = Scope.of(self.start, self.end, self.on_bad_rows)
        cache = self._cache(workspace)
        quotes = cache.quotes(self.price_source, self.ticker, progress, scope=scope)
        try:
            return judged(quotes, scope)
        except PriceError as error:
            text = in_python(str(error)) if is_frame(self.prices) else str(error)
            raise PriceError(
                f"{self.ticker}: {text}" if self._is_one_of_several else text
            ) from None

    @property
    def _is_one_of_several(self) -> bool:
        source = self.price_source
        return isinstance(source, PriceFile | PriceFrame) and len(source.tickers()) > 1

    def _cache(self, workspace: Workspace) -> PriceCache:
        if self.download not in list(Download):
            allowed = f"one of {', '.join(Download)}"
            raise ConfigError("prices", "download", self.download, allowed)
        return PriceCache(workspace, Download(self.download))

    def record(self, workspace: Workspace) -> dict[str, object]:
        """Return plain JSON data about the origin of the prices."""
        given = {"start": given_date(self.start, "prices", "start")} if self.start else {}
        given |= {"on_bad_rows": self.on_bad_rows} if self.on_bad_rows != "stop" else {}
        origin = self._added(workspace) or self.price_source.origin(self.ticker)
        return origin | {"name": self.ticker} | given

    def _added(self, workspace: Workspace) -> dict[str, object]:
        """Describe the file that the user added to data/ under this ticker, or nothing."""
        if not isinstance(self.price_source, RemoteSource):
            return {}
        with suppress(DataError, UnknownNameError):
            entry = self._cache(workspace).entry(self.ticker)
            if entry.file:
                return {"kind": "added", "path": entry.file, "sha256": entry.sha256}
        return {}


def file_order(owner: str, ticker: str, file: Path | None, **options: str) -> PriceOrder | None:
    """Return the order for the prices of a file, or nothing where no file is given.

    Parameters
    ----------
    owner : str
        The command, for messages.
    ticker : str
    file : Path, optional
    **options
        Those of a `PriceOrder` about the file: `column`, `on_bad_rows`.

    Raises
    ------
    ConfigError
        Such an option has a value, but there is no file.
    """
    if file is not None:
        return PriceOrder(ticker=ticker, prices=file, **options)  # type: ignore[arg-type]
    for name, value in options.items():
        if value != getattr(PriceOrder, name):
            raise ConfigError(owner, name, value, "left out without a price file")
    return None


def prices_of_each(
    owner: str,
    assets: Sequence[str | Frame],
    prices: str | Path | Frame | Sequence[str | Path | Frame] | None,
) -> Sequence[str | Path | Frame | None]:
    """Return the price file or frame of each asset. One may hold all of them.

    Raises
    ------
    ConfigError
        They are neither one, nor one for each asset.
    """
    if isinstance(prices, Mapping):
        found, allowed = Words("a mapping"), "a list: one file or frame for each ticker, in order"
        raise ConfigError(owner, "prices", found, allowed)
    given = list(prices) if isinstance(prices, list | tuple) else [prices]
    if not given or given[0] is None:
        return [None] * len(assets)
    if len(given) == 1:
        return given * len(assets)  # type: ignore[return-value]
    if len(given) != len(assets):
        shown = ", ".join(type(p).__name__ if is_frame(p) else str(p) for p in given)
        allowed = f"one file for each of {len(assets)} tickers, or one that holds all of them"
        allowed = allowed if len(assets) > 1 else "one file for one ticker"
        raise ConfigError(owner, "prices", shown, allowed)
    return given  # type: ignore[return-value]


def expect_tickers(owner: str, orders: Sequence[PriceOrder]) -> None:
    """Refuse prices that several tickers would share.

    Raises
    ------
    ConfigError
        One file or frame for several tickers holds one asset only, or the column names one.
    """
    given: dict[str | int, list[PriceSource]] = {}
    for order in orders:
        if order.prices is not None:
            key = id(order.prices) if is_frame(order.prices) else str(order.prices)
            given.setdefault(key, []).append(order.price_source)
    for source, *others in given.values():
        if not (others and isinstance(source, PriceFile | PriceFrame)):
            continue
        if len(source.tickers()) < 2:
            shown = source.path if isinstance(source, PriceFile) else source.title
            allowed = f"one that holds all of {len(orders)} tickers: this one holds one asset"
            raise ConfigError(owner, "prices", shown, allowed)
        if source.ticker_of_column:
            allowed = f"left out: it names one asset, and each of {len(orders)} has its own prices"
            raise ConfigError(owner, "column", source.column, allowed)
