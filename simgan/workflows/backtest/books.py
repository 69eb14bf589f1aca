"""A book in a walk: its returns, its contenders, and the work for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, whole_rows
from simgan.errors import ConfigError, DataError, Words
from simgan.market.history import History
from simgan.risk.book import Book
from simgan.risk.holdings import cash_beside
from simgan.risk.portfolio import Portfolio
from simgan.workflows.backtest.book_contenders import Collapsed, is_joint
from simgan.workflows.backtest.contenders import Contender
from simgan.workflows.backtest.segments import (
    DEFAULT_SHARE,
    ForecastSettings,
    RefitPeriod,
    Segment,
    schedule,
)
from simgan.workflows.backtest.vectors import DRAWS, VectorScoring
from simgan.workflows.backtest.walk import Chain
from simgan.workflows.book import Weights, book_of, expect_no_cash
from simgan.workflows.fit_together import several_in

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame


BOOK = "BOOK"  # name of a book that has none
_AT_ONCE = 4_000_000  # returns of assets whose gains are in memory at a time
Asset: TypeAlias = "str | Frame | Sequence[str]"
"""A ticker, or prices. Of a book also the tickers of all assets, or the prices of all."""
_Prices: TypeAlias = "str | Path | Frame | Sequence[str | Path | Frame] | None"


def assets_of_book(
    assets: Sequence[Asset], prices: _Prices, column: str
) -> tuple[Sequence[Asset], _Prices]:
    """Return the assets of a book and their prices, which may stand in one list or one frame.

    Raises
    ------
    ConfigError
        The list holds something else than names, or fewer than two.
    """
    if len(assets) != 1:
        return assets, prices
    given = None if isinstance(prices, tuple) and not prices else prices
    names, found = several_in("backtest", assets[0], given, column)
    return (names, found) if names else (assets, prices)


def book_asked(tickers: tuple[str, ...], weights: Weights | None, rebalance: str) -> Book | None:
    """Return the book that options ask for, or None without weights.

    Raises
    ------
    ConfigError
        There is one asset only, or one is called CASH, or there are no weights to rebalance to.
        Or as for `book_of`.
    UnknownNameError
        As for `book_of`.
    """
    if weights is None and rebalance != "none":
        allowed = "none: without weights there is no book"
        raise ConfigError("backtest", "rebalance", rebalance, allowed)
    if weights is None:
        return None
    if len(tickers) < 2:
        allowed = "left out: a book holds two assets or more"
        raise ConfigError("backtest", "weights", Words(weights), allowed)
    expect_no_cash("backtest", tickers)
    return book_of(tickers, weights, rebalance)


def book_in_words(book: Book, models: Sequence[str], scenarios: int) -> dict[str, str]:
    """Describe a book and the way in which its models see it, for the head of the page."""
    held = "restored every day" if book.is_rebalanced else "bought on each day forecast and held"
    words = {"Book": f"{book.title}; {held}"}
    alone = [model for model in models if not is_joint(model)]
    if alone:
        words["One-asset models"] = (
            f"{', '.join(alone)}: fitted to the past returns of the book under the shares of today "
            "(univariate collapse)"
        )
    words["Joint scores"] = (
        f"energy and variogram score by the first {min(DRAWS, scenarios):,} scenarios of a day, "
        "portfolios by all"
    )
    return words


@dataclass(frozen=True)
class TradedBook(Portfolio):
    """A book under a name, held or rebalanced over a horizon.

    In outcomes an asset that did not trade did not move. Its next return holds the whole move.
    """

    title: str = ""
    is_rebalanced: bool = False

    @classmethod
    def of(cls, book: Book, title: str) -> Self:
        """Name a book."""
        shares, cash = tuple(book.shares.tolist()), cash_beside(book.shares)
        return cls(book.assets, shares, cash, title, book.is_rebalanced)

    @property
    def name(self) -> str:
        return self.title

    @property
    def book(self) -> Book:
        """The shares."""
        return Book(self.assets, np.asarray(self.weights), self.is_rebalanced)

    def record(self) -> list[object]:
        return [type(self).__name__, *super().record(), self.is_rebalanced]

    def cumulative(self, log_returns: AnyFloatArray) -> FloatArray:
        return self._worth(log_returns)

    def total(self, log_returns: AnyFloatArray) -> FloatArray:
        moves = np.nan_to_num(np.asarray(log_returns, np.float64))
        return np.asarray(self._worth(moves[None])[0, -1])

    def _worth(self, log_returns: AnyFloatArray) -> FloatArray:
        book, (paths, days, assets) = self.book, log_returns.shape
        rows = max(_AT_ONCE // (days * assets), 1)
        parts = [log_returns[first : first + rows] for first in range(0, paths, rows)]
        gains = np.concatenate([book.gains(part).sum(axis=2) for part in parts])
        return book.log_worth(gains[..., None])


@dataclass(frozen=True)
class CollapsedBook(TradedBook):
    """The same for a model of one asset, whose paths are those of the book itself."""

    def cumulative(self, log_returns: AnyFloatArray) -> FloatArray:
        return np.asarray(np.cumsum(log_returns[..., 0], axis=-1), np.float64)


@dataclass(frozen=True)
class BookWork:
    """The work of a backtest of a book.

    Attributes
    ----------
    book : Book
    title : str
        Its name in tables.
    panel : History
        Of all assets.
    settings : ForecastSettings
    """

    book: Book
    title: str
    panel: History
    settings: ForecastSettings

    def segments(self, first: str | None, refit: RefitPeriod, least: int) -> tuple[Segment, ...]:
        """Cut the test window into segments, as `simgan.workflows.backtest.segments.schedule`.

        By default the last 40 % of the days since all assets are listed are tested.

        Raises
        ------
        DataError
            No day is left to forecast, or the assets share too few days before the first one.
        """
        whole = whole_rows(self.panel.log_returns)
        if not whole.any():
            raise DataError(f"{self.title}: the assets share no day with returns of all of them")
        begin = int(np.argmax(whole))
        tested = round((len(whole) - begin) * (1 - DEFAULT_SHARE))
        found = schedule(self.panel, first or self.panel.day(begin + tested), refit, 0)
        start = found[0].days.start
        if (known := int(whole[:start].sum())) < least:
            raise DataError(
                f"{self.title}: {known} days on which all assets traded lie before "
                f"{self.panel.day(start)}, but the models need {least} to be fitted; use a later "
                "--from, or leave out the asset that was listed last"
            )
        return found

    def chain(self, contender: Contender, segments: tuple[Segment, ...], judged: str) -> Chain:
        """Lay out the work of one contender."""
        of_one_asset = isinstance(contender, Collapsed)
        held = CollapsedBook if of_one_asset else TradedBook
        return Chain(
            contender,
            self.panel,
            segments,
            self.settings,
            portfolio=held.of(self.book, self.title),
            is_judged=contender.name == judged,
            vectors=None if of_one_asset else VectorScoring(self.settings.levels),
        )
