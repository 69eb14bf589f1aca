"""Prices that a user adds to `data/` from a file, to use them under a name like a download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgan.errors import WriteError
from simgan.files import expect_writable
from simgan.locks import locked
from simgan.market.cached_prices import CacheEntry, entry_of, write_added
from simgan.market.kept_path import kept_path
from simgan.market.prices import NoteKind, Prices, Quotes
from simgan.progress import SILENT, Progress, Stop
from simgan.workspace import Workspace


@dataclass(frozen=True)
class Origin:
    """The file that prices are added from, and the hash of the bytes that were read."""

    file: Path
    sha256: str


def add_prices(
    workspace: Workspace,
    prices: Prices,
    origin: Origin,
    *,
    force: bool = False,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> CacheEntry:
    """Keep judged prices of one asset under its name, with the path and the hash of their file.

    Warnings are not kept: whoever uses the prices later judges them again.

    Raises
    ------
    WriteError
        There are prices of this name already, a file of someone else has it, or the system refuses
        the write.
    """
    [name] = prices.assets
    path = kept_path(workspace, name)
    expect_writable(path.parent)
    with locked(path, progress, stop):
        _expect_room(path, force)
        write_added(path, as_quotes(prices), origin.file.absolute(), origin.sha256)
    return entry_of(path)


def as_quotes(prices: Prices) -> Quotes:
    """Return judged prices of one asset as rows, without their warnings."""
    dates, column = prices.dates, prices.values[:, 0]
    return Quotes(
        prices.assets[0],
        dates,
        column,
        place=lambda row: str(dates[row]),
        bars=prices.bars and prices.bars.each(lambda values: values[:, 0]),
        notes=tuple(note for note in prices.notes if note.kind is not NoteKind.WARNING),
        facts=prices.facts,
    )


def _expect_room(path: Path, force: bool) -> None:
    """Refuse to replace prices without force, and a file of someone else always."""
    if not path.exists():
        return
    entry = entry_of(path)
    if entry.is_foreign:
        raise WriteError(f"{path} exists and was {entry.trouble}; choose another --name")
    if not force:
        origin = entry.file or entry.source or "a damaged file"
        raise WriteError(f"{path} exists, from {origin}; choose another --name, or give --force")
