"""The part of an order that asks for prices."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simgan.errors import ConfigError, DataError, UnknownNameError
from simgan.market.sources.sample import SERIES
from simgan.service.jobs.orders.order import (
    JobOrder,
    OrderContext,
    Place,
    Sha,
    Span,
    Word,
    missing,
    options,
    trading_days,
)
from simgan.workspace import Workspace

_MOST = 500  # tickers
_SAMPLES = {  # the first and the last day of each
    "SP500": (date(1999, 1, 4), date(2018, 12, 31)),
    "NASDAQ": (date(1999, 1, 4), date(2018, 12, 31)),
    "VIX": (date(2014, 1, 3), date(2019, 1, 3)),
    "WTI": (date(1986, 1, 2), date(2019, 1, 3)),
}
_HISTORY = timedelta(days=25 * 365)  # of a download of unknown length
_ROW, _SEVERAL = 40, 4  # bytes of a price with its day; assets of a file that has several


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class OfPrices(JobOrder):
    """An order for prices: those of a source, or an upload."""

    tickers: Annotated[list[Word], Field(max_length=_MOST), BeforeValidator(_listed)] = Field(
        default=[], description="one ticker, or several; an upload of several may have none"
    )
    source: Literal["yahoo", "sample"] = Field(
        default="yahoo", description="`sample` has SP500, NASDAQ, VIX and WTI"
    )
    upload: Sha | None = None
    column: Word | None = Field(default=None, description="price column of an upload")
    start: date | None = None
    on_bad_rows: Literal["stop", "drop"] = "stop"
    name: Word | None = Field(default=None, description="name of the result")

    @property
    def uses(self) -> str | None:
        return self.upload

    @property
    def last(self) -> date | None:
        """Last day that is asked for."""
        raise NotImplementedError

    def checked_prices(self, context: OrderContext) -> dict[str, object]:
        """Return the data that the prices are.

        Raises
        ------
        SimganError
            The prices cannot be ordered like this.
        """
        self._expect_tickers()
        if self.start and self.last and self.start > self.last:
            raise ConfigError("prices", "start", str(self.start), f"not later than {self.last}")
        if self.upload:
            context.uploads.known(context.owner, self.upload)
            return {"upload": self.upload, "owner": context.owner}
        if self.column:
            raise ConfigError("prices", "column", self.column, "left out without an upload")
        if self.source == "sample":
            for ticker in self.tickers:
                if ticker not in SERIES:
                    raise UnknownNameError("sample series", ticker, SERIES)
        self._expect_days(*self._known_days(context.today))
        added = {} if self.source == "sample" else _added(context.workspace, self.tickers)
        is_open = self.source == "yahoo" and self.last is None
        day = context.today.isoformat() if is_open else ""
        return {"source": self.source, "day": day, "added": added}

    @property
    def knows_its_days(self) -> bool:
        """Whether the days are known before anybody reads the prices."""
        return self.source == "sample"

    def span(self, context: OrderContext) -> Span:
        if self.upload:
            size = context.uploads.known(context.owner, self.upload).size
            assets = len(self.tickers) or _SEVERAL
            return Span(assets, max(size // (_ROW * assets), 1))
        first, end = self._known_days(context.today)
        last = min(self.last or end, end)
        if not self.knows_its_days:
            first = max(first, last - min(_HISTORY, last - date.min))
        return Span(len(self.tickers), trading_days(max(self.start or first, first), last))

    def _known_days(self, today: date) -> tuple[date, date]:
        """Return the first and the last day that prices of the source can have."""
        if not self.knows_its_days:
            return date.min, today
        spans = [_SAMPLES[ticker] for ticker in self.tickers]
        return min(first for first, _ in spans), max(last for _, last in spans)

    def _expect_days(self, first: date, last: date) -> None:
        if self.start and self.start > last:
            raise ConfigError("prices", "start", str(self.start), f"not later than {last}")
        if self.last and self.last < first:
            raise ConfigError("prices", "end", str(self.last), f"not earlier than {first}")

    def expect_room(self, least: int, today: date) -> None:
        """Refuse dates between which fewer log returns lie than are needed, whatever the prices.

        Raises
        ------
        ConfigError
            The remedy is an earlier first day, or a later last one where no earlier day is known.
        """
        known, last = self._known_days(today)
        if self.upload:
            last = self.last or date.max
        first, last = max(self.start or known, known), min(self.last or last, last)
        weeks, days = divmod((last - first).days, 7)
        a_week = 5 if self.knows_its_days else 7
        if a_week * weeks + min(days, a_week) < least:
            returns = f"enough for {least:,} log returns"
            if first == known:
                raise ConfigError("prices", "end", str(last), f"late {returns} from {first}")
            raise ConfigError("prices", "start", str(first), f"early {returns} until {last}")

    def _expect_tickers(self) -> None:
        if len(set(self.tickers)) < len(self.tickers):
            raise ConfigError("prices", "tickers", " ".join(self.tickers), "each of them once")
        if not self.tickers and not (self.upload and self.name):
            raise missing("tickers", "an upload of several assets may have a name instead")
        if self.upload and self.source != "yahoo":
            raise ConfigError("prices", "source", self.source, "left out with an upload")

    def canonical_prices(self) -> dict[str, object]:
        """Return the fields about prices, for the identity."""
        return self.model_dump(
            mode="json", include={"tickers", "source", "column", "start", "on_bad_rows"}
        )

    def price_words(self, place: Place) -> list[str]:
        """Return the options about prices."""
        where = {"prices": place.upload} if place.upload else {"source": self.source}
        return options(**where, column=self.column, start=self.start, on_bad_rows=self.on_bad_rows)


def _added(workspace: Workspace, tickers: Sequence[str]) -> dict[str, str]:
    """Return the hashes of files that the user added to data/ under the names of tickers."""
    if not workspace.data.is_dir():
        return {}
    from simgan.market.price_cache import PriceCache  # it loads pyarrow

    found = {}
    for ticker in tickers:
        with suppress(DataError, UnknownNameError):
            entry = PriceCache(workspace).entry(ticker)
            if entry.file:
                found[ticker] = entry.sha256
    return found
