"""Panels by orders: the prices of several assets on common days, and the sentences about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from simgan.errors import ConfigError, PriceError, Words
from simgan.market.asynchrony import followers
from simgan.market.files.columns import stem_of
from simgan.market.files.frames import is_frame
from simgan.market.history import History, history_of
from simgan.market.panel import joined
from simgan.market.prices import OnBadRows, Prices, warned
from simgan.market.sessions import first_few
from simgan.progress import Progress
from simgan.workflows.options import PriceOrder, file_order
from simgan.workspace import Workspace

_NAMED = 6  # assets in a message
LEAVE_OUT = "or leave {} out, and name the assets that you want"
_HERE = "\0"  # the place of a column in a sentence


def panel_of(
    orders: Sequence[PriceOrder],
    workspace: Workspace,
    least_days: int,
    title: str,
    progress: Progress,
    remedy: str = "",
) -> History:
    """Fetch the prices of several assets, and join them.

    Parameters
    ----------
    orders : sequence of PriceOrder
    workspace : Workspace
    least_days : int
        Log returns that each asset must have.
    title : str
        Name of the panel in sentences.
    progress : Progress
        Gets the notes about the prices and about the panel, once for all assets of a file.
    remedy : str
        Another way out where the prices of an asset are refused, with ``{}`` for its name.

    Raises
    ------
    SourceError, PriceError
        Prices could not be had, cannot be used, or are too few.
    """
    found = []
    for order in orders:
        with _remedied(order, remedy):
            found.append(order.fetched(workspace, progress))
    for sentence in _told(orders, found, title):
        progress.say(sentence)
    histories = []
    for order, prices in zip(orders, found, strict=True):
        with _remedied(order, remedy):
            histories.append(history_of(prices, least_days))
    panel, notes = joined(histories)
    for note in notes:
        progress.say(f"{title}: {note}")
    return panel


@contextmanager
def _remedied(order: PriceOrder, remedy: str) -> Iterator[None]:
    """Add a way out to a refusal of the prices of an asset."""
    try:
        yield
    except PriceError as error:
        if not remedy:
            raise
        raise PriceError(f"{error}; {remedy.format(order.ticker)}") from None


class AsksAgainst(Protocol):
    """A request that may name a file of prices to judge on."""

    @property
    def against(self) -> Path | None: ...
    @property
    def column(self) -> str: ...
    @property
    def on_bad_rows(self) -> OnBadRows: ...
    @property
    def workspace(self) -> Workspace: ...


def panel_against(
    owner: str, request: AsksAgainst, assets: Sequence[str], least_days: int, progress: Progress
) -> History | None:
    """Read another history of the assets of a model, or nothing where no file is asked for.

    Parameters
    ----------
    owner : str
        The command, for messages.
    request : AsksAgainst
        Names the file, which holds all of the assets.
    assets : sequence of str
        Of the model.
    least_days : int
        Log returns that each asset must have.
    progress

    Raises
    ------
    ConfigError
        The file lacks an asset, or an option about the file has a value without one.
    SourceError, PriceError
        As for `panel_of`.
    """
    options = {"column": request.column, "on_bad_rows": request.on_bad_rows}
    order = file_order(owner, assets[0], request.against, **options)
    if order is None:
        return None
    expect_assets(owner, "against", order, assets)
    orders = [replace(order, ticker=asset) for asset in assets]
    return panel_of(orders, request.workspace, least_days, str(order.prices), progress)


def expect_assets(owner: str, option: str, order: PriceOrder, assets: Sequence[str]) -> None:
    """Refuse a file that lacks an asset of the model.

    Parameters
    ----------
    owner, option : str
        The command and its option, for messages.
    order : PriceOrder
        For the prices of the file.
    assets : sequence of str
        Of the model. The file may add an exchange to a name.

    Raises
    ------
    ConfigError
    """
    known = order.price_source.tickers()  # type: ignore[attr-defined]
    stems = {stem_of(ticker) for ticker in known}
    missing = [asset for asset in assets if stem_of(asset) not in stems]
    if missing:
        there = ", ".join(known[:_NAMED]) + (" and more" if len(known) > _NAMED else "")
        found = Words(f"{order.prices} of {there or 'one asset'}")
        verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        allowed = (
            f"prices of every asset of the model; {', '.join(missing)} {verb} missing: add {them} "
            "to the file"
        )
        raise ConfigError(owner, option, found, allowed)


def tell_other_hours(panel: History, overlap: int, title: str, progress: Progress) -> None:
    """Warn of assets of which one follows another by a day, or of an overlap without such assets.

    Parameters
    ----------
    panel : History
        Of one asset or several. One asset follows no other.
    overlap : int
        Days from which a model learns how its assets move together.
    title : str
        Name of the panel in sentences.
    progress : Progress
    """
    late = followers(panel)
    if overlap == 1 and late:
        progress.say(f"{title}: {warned(late)}")
    if overlap > 1 and not late:
        progress.say(
            f"{title}: {warned('no asset follows another by a day, so overlap=2 changes nothing')}"
        )


def _told(orders: Sequence[PriceOrder], found: Sequence[Prices], title: str) -> Iterator[str]:
    """Yield the notes about prices. Notes about one file with the same words are one sentence.

    They may differ in the name of a column.
    """
    told: dict[tuple[object, str], list[tuple[str, str]]] = {}
    for order, prices in zip(orders, found, strict=True):
        file = id(order.prices) if is_frame(order.prices) else order.prices
        column = prices.facts.get("column", "")
        for note in prices.notes:
            text = str(note).replace(f"column {column!r}", _HERE)
            told.setdefault((file, text), []).append((order.ticker, repr(column)))
    for (_, text), each in told.items():
        assets, columns = (list(dict.fromkeys(names)) for names in zip(*each, strict=True))
        about = title if len(assets) == len(orders) else first_few(assets)
        noun = "column" if len(columns) == 1 else "columns"
        yield f"{about}: {text.replace(_HERE, f'{noun} {first_few(columns)}')}"
