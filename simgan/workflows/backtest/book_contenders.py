"""The models of a backtest of a book: those of all assets together, and those of one asset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray, whole_rows
from simgan.baselines import baseline
from simgan.bundle.store import Bundle, write_bundle
from simgan.market.history import History
from simgan.market.panel import on_whole_days
from simgan.progress import SILENT, Progress, Step
from simgan.risk.book import Book
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import (
    GAN,
    Classical,
    Contender,
    Forecaster,
    Gan,
    KeptGan,
    Refit,
    identity,
)
from simgan.workflows.backtest.told_progress import OfContender
from simgan.workflows.joint_model import expect_joint, joint_model


@dataclass(frozen=True)
class JointGan(KeptGan):
    """The GAN of several assets. Each member begins with its weights of the refit before.

    Members are refits of single assets, under the keys that they have in a backtest of their own.
    So an interrupted refit goes on with the member that was not finished.
    """

    @property
    def _of_member(self) -> Gan:
        return Gan(self.workspace, self.recipe, self.device)

    def record(self) -> dict[str, object]:
        return self._of_member.record() | {"assets": "together"}

    def _trained(
        self, history: History, key: str, earlier: str | None, progress: Progress
    ) -> Bundle:
        """Fit the members, and keep the model that they make."""
        expect_joint(self.recipe, len(history.assets))
        starts = self._members(earlier) if earlier else [None] * len(history.assets)
        found = [
            self._of_member.refit(history.only(asset), start, OfContender(asset, progress))
            for asset, start in zip(history.assets, starts, strict=True)
        ]
        keys = [refit.key for refit in found]
        source = {"kind": "backtest", "members": keys}
        members = [self._kept(member) for member in keys]
        progress.step(Step("joint law", 0, 1))
        bundle = joint_model(key, self.recipe, history, members, source)
        write_bundle(bundle, self.workspace.refit(key))
        return bundle

    def _members(self, key: str) -> Sequence[str]:
        """Return the keys of the members of a kept model."""
        return list(self._kept(key).manifest.data.source["members"])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Together(Classical):
    """A baseline of several assets. It is fitted to the days on which all of them traded.

    Returns of the days between them are part of the next one.
    """

    def record(self) -> dict[str, object]:
        return super().record() | {"assets": "together", "other days": "joined"}

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        whole = on_whole_days(history.log_returns)
        return Refit(OnWholeDays(baseline(self.name).fit(whole)), identity(self, history, None))


@dataclass(frozen=True)
class Collapsed(Classical):
    """A baseline of one asset, fitted to the past returns of the book under its shares of today."""

    book: Book

    def record(self) -> dict[str, object]:
        return super().record() | {"assets": "collapsed", "shares": self.book.weights}

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        past, _ = _past(self.book, history.log_returns)
        model = OfOneAsset(baseline(self.name).fit(past), self.book)
        return Refit(model, identity(self, history, None))


def is_joint(model: str) -> bool:
    """Tell whether a model forecasts all assets of a book together.

    Raises
    ------
    UnknownNameError
        There is no such model.
    """
    return model == GAN or baseline(model).is_joint


def book_contender(name: str, gan: Gan, book: Book) -> Contender:
    """Return a model as a contender of a book.

    Raises
    ------
    UnknownNameError
        There is no such model.
    """
    if name == GAN:
        return JointGan(gan.workspace, gan.recipe, gan.device)
    return Together(name) if is_joint(name) else Collapsed(name, book)


@dataclass(frozen=True)
class OnWholeDays:
    """A model of several assets that knows the days on which all of them traded."""

    model: Forecaster

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        """Continue the whole days before each day, as `simgan.scenarios.ScenarioModel`.

        Two days with the same whole days before them have the same paths.
        """
        whole = whole_rows(log_returns)
        known: NDArray[np.intp] = np.cumsum(whole) - whole  # whole days before each day
        first, last = int(known[days.start]), int(known[days.stop - 1])
        asked = range(first, last + 1)
        drawn = self.model.forecast(on_whole_days(log_returns), asked, horizon, draws, seed)
        paths = next(drawn)
        for day in days:
            if known[day] > known[max(day - 1, days.start)]:
                paths = next(drawn)
            yield paths


@dataclass(frozen=True)
class OfOneAsset:
    """A model of one asset that forecasts a book by the past returns of the book.

    Its paths (draws, horizon, 1) are those of the book.
    """

    model: Forecaster
    book: Book

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        """Continue the returns of the book before each day."""
        past, first = _past(self.book, log_returns)
        own = range(days.start - first, days.stop - first)
        return self.model.forecast(past, own, horizon, draws, seed)


def _past(book: Book, log_returns: FloatArray) -> tuple[FloatArray, int]:
    """Return the log returns (days, 1) of a book since all its assets are listed, and that day.

    Later an asset that did not trade did not move.
    """
    first = int(np.argmax(whole_rows(log_returns)))
    return book.past(log_returns[first:])[:, None], first
