"""Panels by orders: the prices of several assets on common days, and the sentences about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgan.market.asynchrony import followers
from simgan.market.files.frames import is_frame
from simgan.market.history import History, history_of
from simgan.market.panel import joined
from simgan.market.prices import Prices, warned
from simgan.market.sessions import first_few
from simgan.progress import Progress
from simgan.workflows.options import PriceOrder
from simgan.workspace import Workspace

_HERE = "\0"  # the place of a column in a sentence


def panel_of(
    orders: Sequence[PriceOrder],
    workspace: Workspace,
    least_days: int,
    title: str,
    progress: Progress,
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

    Raises
    ------
    SourceError, PriceError
        Prices could not be had, cannot be used, or are too few.
    """
    found = [order.fetched(workspace, progress) for order in orders]
    for sentence in _told(orders, found, title):
        progress.say(sentence)
    panel, notes = joined([history_of(prices, least_days) for prices in found])
    for note in notes:
        progress.say(f"{title}: {note}")
    return panel


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
